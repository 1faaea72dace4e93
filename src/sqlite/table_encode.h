// RowBatch → the values that SQLite stores, checked against the target's column types.
#pragma once

#include "baton/row_batch.h"
#include "data/writer.h"
#include "sqlite/table_plan.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class CellForm : std::uint8_t { null, integer, real, text, blob };

// One value, ready to be stored; text and blob point into the batch that owns the cell.
struct Cell {
  union {
    std::int64_t integer;
    double real;
    const char* bytes;
  };
  std::uint32_t size;  // bytes
  CellForm form;
};

// A cell as people read it, for rejects.
std::string to_text(const Cell& cell);

// What an encoded batch is made of; kept for the next one.
struct EncodedRows {
  std::vector<char> text;  // the RowBatch's: one copy of the buffer costs less than handing batches back
  std::vector<RowPlace> places;
  std::vector<Cell> cells;       // row-major; may be longer than places.size() * columns
  std::deque<std::string> made;  // values that are not written in the input as they are stored

  std::string_view raw(std::size_t row) const { return {text.data() + places[row].raw_offset, places[row].raw_size}; }
};

// Thread-safe.
class EncodedRowsPool {
 public:
  std::unique_ptr<EncodedRows> take();
  void give_back(std::unique_ptr<EncodedRows> rows);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<EncodedRows>> spare_;
};

class SqliteEncodedBatch : public EncodedBatch {
 public:
  SqliteEncodedBatch(std::unique_ptr<EncodedRows> content, std::shared_ptr<EncodedRowsPool> pool)
      : content_(std::move(content)), pool_(std::move(pool)) {}
  ~SqliteEncodedBatch() override { pool_->give_back(std::move(content_)); }

  std::size_t rows() const override { return content_->places.size(); }
  const EncodedRows& content() const { return *content_; }

 private:
  std::unique_ptr<EncodedRows> content_;
  std::shared_ptr<EncodedRowsPool> pool_;
};

// Fills `encoded` with the rows of `batch` that the columns take; the others go to `rejects`, each with its first
// refused value. REQUIRES: batch.columns == columns.size().
void encode_rows(const std::vector<TargetColumn>& columns, const RowBatch& batch, EncodedRows& encoded,
                 std::vector<Reject>& rejects);

}  // namespace baton
