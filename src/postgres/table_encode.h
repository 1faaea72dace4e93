// RowBatch → rows of COPY, checked against the target's column types.
#pragma once

#include "baton/row_batch.h"
#include "data/writer.h"
#include "postgres/copy_buffer.h"
#include "postgres/table_plan.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace baton {

// What an encoded batch is made of; kept for the next one.
struct PgEncodedRows {
  CopyBuffer bytes;                 // rows of COPY, without its header and trailer
  std::vector<std::size_t> starts;  // of each row in `bytes`
  std::vector<RowPlace> places;
  std::vector<char> text;  // the RowBatch's, for the raw text of what the server refuses
  std::shared_ptr<const RecordText> record_text;

  std::size_t rows() const { return places.size(); }
  std::string raw_text(std::size_t row) const {
    const std::string_view raw{text.data() + places[row].raw_offset, places[row].raw_size};
    return record_text != nullptr ? record_text->of(raw) : std::string(raw);
  }
  // The bytes of the rows from `first` to before `end`.
  std::string_view view(std::size_t first, std::size_t end) const {
    const std::size_t stop = end < starts.size() ? starts[end] : bytes.size();
    return bytes.view().substr(starts[first], stop - starts[first]);
  }
};

// Thread-safe.
class PgEncodedRowsPool {
 public:
  std::unique_ptr<PgEncodedRows> take();
  void give_back(std::unique_ptr<PgEncodedRows> rows);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<PgEncodedRows>> spare_;
};

class PgEncodedBatch final : public EncodedBatch {
 public:
  PgEncodedBatch(std::unique_ptr<PgEncodedRows> content, std::shared_ptr<PgEncodedRowsPool> pool)
      : content_(std::move(content)), pool_(std::move(pool)) {}
  ~PgEncodedBatch() override { pool_->give_back(std::move(content_)); }

  std::size_t rows() const override { return content_->rows(); }
  const PgEncodedRows& content() const { return *content_; }

 private:
  std::unique_ptr<PgEncodedRows> content_;
  std::shared_ptr<PgEncodedRowsPool> pool_;
};

// Fills `encoded` with the rows of `batch` that the columns take; the others go to `rejects`, each with its first
// refused value. `with_record`: the record's number is the first column. REQUIRES: batch.columns is the plan's.
void encode_pg_rows(const PgTablePlan& plan, bool with_record, const RowBatch& batch, PgEncodedRows& encoded,
                    std::vector<Reject>& rejects);

}  // namespace baton
