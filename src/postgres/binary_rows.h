// Rows as COPY … TO STDOUT writes them in binary format, some of their columns asked for as text
// (https://www.postgresql.org/docs/15/sql-copy.html, File Formats, Binary Format).
#pragma once

#include "baton/row_batch.h"
#include "postgres/value_codec.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// How a column comes.
enum class PgReadAs {
  native,   // in its own binary form, which the writer takes
  text,     // its binary form is its text
  boolean,  // a byte
  output,   // what its type's output function makes of it
};

struct PgReadColumn {
  std::string name;    // quoted
  std::string type;    // quoted, without its modifiers
  PgEncoder encoder;   // `none` for types that have none
  std::string output;  // its type's output function, quoted
  PgReadAs as = PgReadAs::output;
};

// How to read a column that the writer would take in its own form, or not. A key must have an exact text.
PgReadAs pg_read_as(const PgEncoder& encoder, bool native, bool is_key);

// The column in a SELECT … FROM … AS `input`.
std::string pg_read_expression(const PgReadColumn& column, const std::string& input);

class BinaryRows {
 public:
  explicit BinaryRows(std::vector<PgReadColumn> columns);

  const std::vector<PgReadColumn>& columns() const { return *columns_; }

  // A COPY begins: its first message has the header before the first row.
  void begin() { begun_ = false; }

  enum class Added { row, nothing, malformed };
  // Adds the row of one message of CopyData to `batch`. `again`: a boolean stands behind the columns. The row's place
  // has only its raw bytes, of which batch.record_text makes a line of COPY's text format.
  Added add(std::string_view message, RowBatch& batch, bool* again);

  // The text of a field of `batch`; empty for NULL.
  std::string text(const RowBatch& batch, const Field& field, std::size_t column) const;

 private:
  std::shared_ptr<const std::vector<PgReadColumn>> columns_;
  std::shared_ptr<const RecordText> record_text_;
  bool begun_ = false;
};

}  // namespace baton
