// An input in memory. Each record takes 10 bytes; a record whose first value is "!read" is refused by the reader.
#pragma once

#include "baton/reader.h"

#include <string>
#include <utility>
#include <vector>

namespace baton {

struct MemoryInput {
  std::string path = "input.csv";
  std::vector<std::string> columns{"id", "value"};
  std::vector<std::vector<std::string>> records;
  std::int64_t modified_ns = 1;
};

// The input outlives the reader.
class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(const MemoryInput& input) : input_(input) {}

  static constexpr std::uint64_t record_bytes = 10;

  // Reading this record, counted from 0, fails.
  void fail_at(std::uint64_t record, ErrorKind kind) { failure_ = {record, kind}; }
  void change_while_read() { changed_ = true; }
  std::uint64_t records_read() const { return records_read_; }

  void refuse_to_open(std::string why) { missing_ = std::move(why); }

  Result<std::vector<std::string>> open(const std::vector<std::string>& /*wanted*/) override {
    if (!missing_.empty()) return fail(ErrorKind::invalid, missing_);
    next_ = 0;
    return input_.columns;
  }

  Result<InputIdentity> identity(const Position& end) override {
    if (end.record > input_.records.size()) return fail(ErrorKind::invalid, input_.path + " is shorter than it was");
    std::string prefix;
    for (std::uint64_t i = 0; i < end.record; ++i) {
      for (const std::string& value : input_.records[i]) prefix += value + ";";
    }
    return InputIdentity{input_.path, size_bytes(), input_.modified_ns, prefix};
  }

  Status resume(const Position& from) override {
    next_ = from.record;
    return {};
  }

  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override {
    batch.clear();
    batch.columns = input_.columns.size();
    while (next_ < input_.records.size() && batch.read < limits.rows && batch.bytes < limits.bytes) {
      if (failure_.first == next_) return fail(failure_.second, input_.path + ": broken by the test");
      add(batch, input_.records[next_]);
      ++next_;
      ++records_read_;
    }
    batch.end = {next_ * record_bytes, next_, next_ + 1, ""};
    return batch.read > 0;
  }

  Status finish() override {
    if (changed_) return fail(ErrorKind::invalid, input_.path + " changed while it was read");
    return {};
  }

  std::uint64_t size_bytes() const override { return input_.records.size() * record_bytes; }

 private:
  std::string missing_;
  void add(RowBatch& batch, const std::vector<std::string>& values) const {
    ++batch.read;
    batch.bytes += record_bytes;
    if (values.front() == "!read") {
      batch.rejects.push_back({RejectPhase::read, next_ + 1, next_ + 2, "", "", "cannot be read", "!read"});
      return;
    }
    RowPlace place;
    place.record = next_ + 1;
    place.line = next_ + 2;
    place.offset = next_ * record_bytes;
    place.raw_offset = static_cast<std::uint32_t>(batch.text.size());
    for (const std::string& value : values) {
      batch.fields.push_back({static_cast<std::uint32_t>(batch.text.size()), static_cast<std::uint32_t>(value.size()),
                              value.empty() ? FieldKind::empty : FieldKind::text});
      batch.text.insert(batch.text.end(), value.begin(), value.end());
    }
    place.raw_size = static_cast<std::uint32_t>(batch.text.size()) - place.raw_offset;
    batch.rows.push_back(place);
  }

  const MemoryInput& input_;
  std::uint64_t next_ = 0;
  std::uint64_t records_read_ = 0;
  std::pair<std::uint64_t, ErrorKind> failure_{~0ULL, ErrorKind::internal};
  bool changed_ = false;
};

}  // namespace baton
