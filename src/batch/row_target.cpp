#include "batch/row_target.h"

#include "batch/md5.h"
#include "data/write_reject.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// A copy: the batch that it was made of is filled again while this one waits.
class KeptBatch final : public EncodedBatch {
 public:
  KeptBatch(RowBatch batch, std::string digest) : batch_(std::move(batch)), digest_(std::move(digest)) {}

  std::size_t rows() const override { return batch_.size(); }
  const RowBatch& batch() const { return batch_; }
  // Of columns and values; 16 hexadecimal digits.
  const std::string& digest() const { return digest_; }

 private:
  RowBatch batch_;
  std::string digest_;
};

// What the rows say, and nothing of how they lie in the buffer. Each value has its kind and length in front.
std::string digest_of(const std::string& columns, const RowBatch& batch) {
  std::string text = columns;
  for (const Field& field : batch.fields) {
    fmt::format_to(std::back_inserter(text), "{}:{}:", static_cast<int>(field.kind), field.size);
    text += batch.view(field);
  }
  constexpr std::size_t digits = 16;
  return md5_hex(text).substr(0, digits);
}

RowBatch rows_of(const RowBatch& batch) {
  RowBatch rows;
  rows.text = batch.text;
  rows.columns = batch.columns;
  rows.fields = batch.fields;
  rows.rows = batch.rows;
  rows.record_text = batch.record_text;
  rows.read = batch.rows.size();
  rows.end = batch.end;
  return rows;
}

class RowTarget final : public TableWriter {
 public:
  RowTarget(RowWriter& rows, std::string where) : rows_(rows), where_(std::move(where)) {}

  Result<std::vector<std::string>> columns() override { return rows_.columns(); }

  Status bind(const std::vector<std::string>& inputs) override {
    columns_.clear();
    for (const std::string& name : inputs) columns_ += fmt::format("{}:{}", name.size(), name);
    names_ = inputs;
    return rows_.open(inputs);
  }

  std::unique_ptr<EncodedBatch> encode(const RowBatch& batch, std::vector<Reject>& /*rejects*/) override {
    return std::make_unique<KeptBatch>(rows_of(batch), digest_of(columns_, batch));
  }

  Status begin(std::int64_t instance) override { return resume(instance); }
  Status resume(std::int64_t instance) override {
    instance_ = instance;
    return {};
  }
  Result<bool> staging_is_whole(std::uint64_t /*rows*/) override { return true; }

  Result<WriteTally> write(const EncodedBatch& batch) override;
  bool rolls_back() const override { return false; }

  int closing_chunks() const override { return 1; }
  Result<ClosingTally> close(int /*index*/, bool /*clean*/, std::uint64_t /*most_rejects*/) override {
    BATON_CHECK(rows_.finish());
    return ClosingTally{};
  }
  Status discard(std::int64_t /*instance*/) override { return {}; }

 private:
  std::string key_of(const KeptBatch& kept) const;
  Reject reject_of(const RowBatch& batch, const RowRefusal& refused) const;

  RowWriter& rows_;
  std::string where_;
  std::string columns_;
  std::vector<std::string> names_;
  std::int64_t instance_ = 0;
};

// "job/step" → job/instance/step/FIRST-LAST-DIGEST. No name holds a slash.
std::string RowTarget::key_of(const KeptBatch& kept) const {
  const std::size_t slash = where_.find('/');
  const RowBatch& batch = kept.batch();
  return fmt::format("{}/{}{}/{}-{}-{}", where_.substr(0, slash), instance_, where_.substr(slash),
                     batch.rows.front().record, batch.rows.back().record, kept.digest());
}

Reject RowTarget::reject_of(const RowBatch& batch, const RowRefusal& refused) const {
  const RowPlace& place = batch.rows[refused.row];
  std::string_view value;
  const auto column = std::find(names_.begin(), names_.end(), refused.column);
  if (column != names_.end()) {
    value = batch.view(batch.at(refused.row, static_cast<std::size_t>(column - names_.begin())));
  }
  return write_reject(place, batch.raw_text(place), refused.column, value, refused.reason);
}

Result<WriteTally> RowTarget::write(const EncodedBatch& batch) {
  const auto& kept = static_cast<const KeptBatch&>(batch);
  WriteTally tally;
  if (kept.rows() == 0) return tally;
  BATON_TRY(const std::vector<RowRefusal> refused, rows_.write(kept.batch(), key_of(kept)));
  std::vector<bool> seen(kept.rows());
  for (const RowRefusal& one : refused) {
    if (one.row >= kept.rows() || seen[one.row]) {
      return fail(ErrorKind::invalid, fmt::format("{}: the writer refused row {} of a batch of {} rows{}", where_,
                                                  one.row, kept.rows(), one.row < kept.rows() ? " twice" : ""));
    }
    seen[one.row] = true;
    tally.rejects.push_back(reject_of(kept.batch(), one));
  }
  tally.written = kept.rows() - refused.size();
  return tally;
}

}  // namespace

std::unique_ptr<TableWriter> make_row_target(RowWriter& rows, std::string where) {
  return std::make_unique<RowTarget>(rows, std::move(where));
}

}  // namespace baton
