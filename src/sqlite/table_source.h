// Encoded rows as a table that SQL can select from: one INSERT … SELECT stores a whole batch, which takes about two
// thirds of the time of binding and stepping row by row (measured by bench_sqlite_write).
#pragma once

#include "baton/result.h"
#include "sqlite/connection.h"
#include "sqlite/table_encode.h"

#include <cstddef>
#include <memory>
#include <string>

namespace baton {

// An eponymous virtual table (https://www.sqlite.org/vtab.html, 2.1.2): it stands in no schema and is seen by this
// connection alone, as long as the object lives. Finalize statements that use it before.
class TableSource {
 public:
  static Result<std::unique_ptr<TableSource>> make(SqliteConnection& connection, std::size_t columns);
  TableSource(const TableSource&) = delete;
  TableSource& operator=(const TableSource&) = delete;
  ~TableSource();

  // What SELECT * FROM name() gives from now on: the rows from `first` to before `end`. `rows` is not owned.
  void show(const EncodedRows* rows, std::size_t first, std::size_t end);

  const std::string& name() const { return name_; }

  // Read by the module's functions.
  struct View {
    const EncodedRows* rows = nullptr;
    std::size_t first = 0;
    std::size_t end = 0;
    std::size_t columns = 0;
  };

 private:
  TableSource(SqliteConnection& connection, std::size_t columns);

  SqliteConnection& connection_;
  std::string name_;
  View view_;
};

}  // namespace baton
