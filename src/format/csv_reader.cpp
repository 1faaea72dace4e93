#include "format/csv_reader.h"

#include "format/csv_header.h"
#include "format/csv_text_check.h"
#include "format/file_identity.h"
#include "format/file_window.h"
#include "format/text_place.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>
#include <limits>

namespace baton {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t longest_batch_bytes = 1 << 30;  // offsets in a batch have 32 bits
constexpr std::size_t all_fields = std::numeric_limits<std::size_t>::max();

// Each pair of quotes becomes one.
void append_unescaped(std::vector<char>& to, std::string_view text, char quote) {
  while (!text.empty()) {
    const std::size_t at = std::min(text.find(quote), text.size() - 1);
    to.insert(to.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at + 1));
    text.remove_prefix(std::min(text.size(), at + (text[at] == quote ? 2 : 1)));
  }
}

class CsvReader final : public Reader {
 public:
  CsvReader(CsvOptions options, CsvTuning tuning)
      : options_(std::move(options)),
        tuning_(tuning),
        records_({options_.delimiter, options_.quote}, options_.null_text, tuning.path, tuning.limits) {}

  Result<std::vector<std::string>> open(const std::vector<std::string>& wanted) override;
  Result<InputIdentity> identity(const Position& end) override { return prefix_.identity(file_, end.offset); }
  Status resume(const Position& from) override;
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override;
  Status finish() override { return file_.check_unchanged(); }
  std::uint64_t size_bytes() const override { return file_.size_bytes(); }

 private:
  Status skip_byte_order_mark();
  Status read_header();
  void add_record(RowBatch& batch);
  Reject refuse(std::string reason) const;
  void take_text(RowBatch& batch);
  bool bytes_are_fields() const;
  Position position() const { return {records_.offset(), record_count_, records_.line(), {}}; }

  CsvOptions options_;
  CsvTuning tuning_;
  InputFile file_;
  FileWindow window_;
  CsvRecords records_;
  CsvRecord record_;
  std::vector<std::size_t> escaped_;  // fields of the batch
  std::vector<std::string> columns_;
  std::uint64_t content_end_ = 0;
  std::uint64_t record_count_ = 0;  // records before the next one
  Position first_;                  // of the first record
  ReadPrefix prefix_;
};

Result<std::vector<std::string>> CsvReader::open(const std::vector<std::string>& /*wanted*/) {
  BATON_CHECK(check_csv_options(options_));
  BATON_TRY(file_, InputFile::open(options_.path));
  BATON_TRY(content_end_, csv_content_end(file_));
  window_.open(file_, content_end_, tuning_.block_bytes);
  prefix_ = {};
  record_count_ = 0;
  BATON_CHECK(skip_byte_order_mark());
  records_.start(window_, 1);
  columns_ = options_.columns;
  if (options_.header) BATON_CHECK(read_header());
  first_ = position();
  return columns_;
}

Status CsvReader::skip_byte_order_mark() {
  while (window_.size() < byte_order_mark.size()) {
    BATON_TRY(const bool more, window_.fill());
    if (!more) return {};
  }
  if (!window_.view().starts_with(byte_order_mark)) return {};
  prefix_.add(byte_order_mark);
  window_.discard(byte_order_mark.size());
  return {};
}

Status CsvReader::read_header() {
  BATON_TRY(const bool found, records_.next(record_, all_fields));
  if (!found) {
    return fail(ErrorKind::invalid, fmt::format("{}: is empty where a header is expected; set `header: false` and give "
                                                "`columns`, or write the names of the columns in the first line",
                                                options_.path));
  }
  const std::string place = text_place(options_.path, 1, std::uint64_t{1});
  if (record_.junk) {
    return fail(ErrorKind::invalid, fmt::format("{}: the name of column {} goes on behind its closing quote; double "
                                                "the quotes within it",
                                                place, *record_.junk + 1));
  }
  std::vector<std::string> header;
  for (std::size_t i = 0; i < record_.field_count; ++i) {
    const Field& field = record_.fields[i];
    const std::string_view name(window_.data() + field.offset, field.size);
    const bool escaped = std::find(record_.escaped.begin(), record_.escaped.end(), i) != record_.escaped.end();
    std::vector<char> text;
    if (escaped) {
      append_unescaped(text, name, *options_.quote);
    } else {
      text.assign(name.begin(), name.end());
    }
    header.emplace_back(text.begin(), text.end());
  }
  BATON_TRY(columns_, csv_column_names(options_, std::move(header), place));
  prefix_.add(window_.view().substr(0, records_.consumed()));
  records_.begin_batch();
  return {};
}

Status CsvReader::resume(const Position& from) {
  const Position start = from.offset > first_.offset ? from : first_;
  BATON_CHECK(prefix_.move_to(file_, start.offset));
  window_.seek(start.offset);
  records_.start(window_, start.line);
  record_count_ = start.record;
  return {};
}

Result<bool> CsvReader::read(RowBatch& batch, const ReadLimits& limits) {
  batch.clear();
  batch.columns = columns_.size();
  escaped_.clear();
  records_.begin_batch();
  const std::size_t most_records = std::max<std::size_t>(limits.rows, 1);
  const std::size_t most_bytes = std::clamp<std::size_t>(limits.bytes, 1, longest_batch_bytes);
  while (batch.read < most_records && records_.consumed() < most_bytes) {
    BATON_TRY(const bool found, records_.next(record_, columns_.size()));
    if (!found) break;
    ++record_count_;
    ++batch.read;
    add_record(batch);
  }
  take_text(batch);
  batch.end = position();
  batch.bytes = records_.consumed();
  return batch.read > 0;
}

void CsvReader::add_record(RowBatch& batch) {
  if (record_.junk) {
    Reject reject = refuse("the field goes on behind its closing quote; expected the delimiter or the end of the line");
    const std::size_t number = *record_.junk;
    if (number < columns_.size()) reject.column = columns_[number];
    const Field& field = record_.fields[number];
    reject.value = clipped(window_.view().substr(field.offset, field.size), max_reject_value_bytes);
    batch.rejects.push_back(std::move(reject));
    return;
  }
  if (record_.field_count != columns_.size()) {
    batch.rejects.push_back(
        refuse(record_.size == 0 ? fmt::format("expected {} fields, found an empty line", columns_.size())
                                 : fmt::format("expected {} fields, found {}", columns_.size(), record_.field_count)));
    return;
  }
  for (const std::size_t number : record_.escaped) escaped_.push_back(batch.fields.size() + number);
  batch.fields.insert(batch.fields.end(), record_.fields.begin(),
                      record_.fields.begin() + static_cast<std::ptrdiff_t>(columns_.size()));
  batch.rows.push_back({record_count_, record_.line, window_.offset() + record_.begin, record_.begin, record_.size});
}

Reject CsvReader::refuse(std::string reason) const {
  Reject reject;
  reject.record = record_count_;
  reject.line = record_.line;
  reject.reason = std::move(reason);
  reject.raw = clipped(window_.view().substr(record_.begin, record_.size), max_reject_raw_bytes);
  return reject;
}

// The records' bytes, then the fields in which pairs of quotes became one.
void CsvReader::take_text(RowBatch& batch) {
  const std::string_view bytes = window_.view().substr(0, records_.consumed());
  prefix_.add(bytes);
  batch.text.assign(bytes.begin(), bytes.end());
  for (const std::size_t number : escaped_) {
    Field& field = batch.fields[number];
    const auto begin = static_cast<std::uint32_t>(batch.text.size());
    append_unescaped(batch.text, bytes.substr(field.offset, field.size), *options_.quote);
    field.offset = begin;
    field.size = static_cast<std::uint32_t>(batch.text.size()) - begin;
  }
  const bool had_rejects = !batch.rejects.empty();
  reject_bad_text(batch, columns_, bytes_are_fields());
  if (!had_rejects) return;
  std::stable_sort(batch.rejects.begin(), batch.rejects.end(),
                   [](const Reject& a, const Reject& b) { return a.record < b.record; });
}

// False where a delimiter may be a part of a character, so that a field may be invalid where the whole is valid.
bool CsvReader::bytes_are_fields() const {
  const auto ascii = [](char byte) { return static_cast<unsigned char>(byte) < 0x80; };
  return ascii(options_.delimiter) && (!options_.quote || ascii(*options_.quote));
}

}  // namespace

std::unique_ptr<Reader> make_csv_reader(CsvOptions options, CsvTuning tuning) {
  return std::make_unique<CsvReader>(std::move(options), tuning);
}

}  // namespace baton
