#include "format/csv_records.h"

#include "format/text_place.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>

namespace baton {
namespace {

// Moves the cursor behind the marks before `end` and says whether one of them is `begin` or later.
bool any_between(const std::vector<std::uint32_t>& marks, std::size_t& cursor, std::uint32_t begin, std::uint32_t end) {
  bool any = false;
  for (; cursor < marks.size() && marks[cursor] < end; ++cursor) any = any || marks[cursor] >= begin;
  return any;
}

}  // namespace

CsvRecords::CsvRecords(CsvDialect dialect, std::optional<std::string> null_text, CsvPath path, CsvLimits limits)
    : dialect_(dialect), null_text_(std::move(null_text)), limits_(limits), indexer_(dialect, path) {}

void CsvRecords::start(FileWindow& window, std::uint64_t line) {
  window_ = &window;
  line_ = line;
  consumed_ = 0;
  begin_batch();
}

void CsvRecords::begin_batch() {
  window_->discard(consumed_);
  consumed_ = indexed_ = 0;
  marks_.clear();
  next_end_ = next_doubled_ = next_literal_ = next_newline_ = 0;
  indexer_.restart();
}

void CsvRecords::open_record(CsvRecord& record) const {
  record.begin = consumed_;
  record.line = line_;
  record.field_count = 0;
  record.escaped.clear();
  record.junk.reset();
}

Result<bool> CsvRecords::next(CsvRecord& record, std::size_t fields) {
  open_record(record);
  if (record.fields.size() < fields) record.fields.resize(std::min<std::size_t>(fields, 64));
  field_begin_ = consumed_;
  newlines_ = 0;
  open_doubled_ = open_literal_ = false;
  for (;;) {
    const char* const data = window_->data();
    while (next_end_ < marks_.end_count) {
      const std::uint32_t end = marks_.ends[next_end_++];
      const bool last = data[end] == '\n';
      close_field(record, end, last, fields);
      field_begin_ = end + 1;
      if (!last) continue;
      BATON_CHECK(close_record(record, end, end + 1));
      return true;
    }
    settle_marks();
    BATON_TRY(const bool more, index_more(record));
    if (!more) return last_record(record, fields);
  }
}

inline void CsvRecords::close_field(CsvRecord& record, std::uint32_t end, bool last, std::size_t fields) {
  const char* const data = window_->data();
  const std::uint32_t begin = field_begin_;
  std::uint32_t stop = end;
  if (last && stop > begin && data[end] == '\n' && data[stop - 1] == '\r') --stop;
  const std::size_t number = record.field_count++;
  if (number >= record.fields.size()) {
    if (number >= fields) return;
    record.fields.resize(std::min(fields, number * 2));
  }
  Field& field = record.fields[number];
  field = {begin, stop - begin, FieldKind::text};
  if (stop > begin && dialect_.quote && data[begin] == *dialect_.quote) {
    close_quoted(record, field, stop);
  } else if (null_text_ && field.size == null_text_->size() &&
             std::memcmp(data + begin, null_text_->data(), field.size) == 0) {
    field.kind = FieldKind::null;
  }
  if (field.size == 0 && !null_text_) field.kind = FieldKind::empty;
  open_doubled_ = open_literal_ = false;
}

void CsvRecords::close_quoted(CsvRecord& record, Field& field, std::uint32_t stop) {
  const std::uint32_t begin = field_begin_;
  const std::size_t number = record.field_count - 1;
  const bool doubled = any_between(marks_.doubled, next_doubled_, begin, stop) || open_doubled_;
  const bool literal = any_between(marks_.literal, next_literal_, begin, stop) || open_literal_;
  const bool closed = field.size >= 2 && window_->data()[stop - 1] == *dialect_.quote && !literal;
  if (!closed) {
    if (!record.junk) record.junk = number;
    return;
  }
  field.offset = begin + 1;
  field.size -= 2;
  if (doubled) record.escaped.push_back(number);
}

Status CsvRecords::close_record(CsvRecord& record, std::uint32_t end, std::uint32_t next_begin) {
  const char* const data = window_->data();
  const bool carriage_return = next_begin > end && end > record.begin && data[end - 1] == '\r';
  record.size = end - record.begin - (carriage_return ? 1 : 0);
  for (; next_newline_ < marks_.inner_newlines.size() && marks_.inner_newlines[next_newline_] < end; ++next_newline_) {
    ++newlines_;
  }
  if (record.size > limits_.record_bytes) return fail(too_long(record, false));
  line_ += newlines_ + 1;
  consumed_ = next_begin;
  return {};
}

// The last line need not have an end.
Result<bool> CsvRecords::last_record(CsvRecord& record, std::size_t fields) {
  const auto end = static_cast<std::uint32_t>(window_->size());
  if (end == record.begin) return false;
  if (indexer_.state() == CsvState::quoted) {
    return fail(ErrorKind::invalid, fmt::format("{}: the quote that opens here is never closed; close it, or set "
                                                "`quote: none` if the file does not quote",
                                                place_of_open_field(record)));
  }
  close_field(record, end, true, fields);
  BATON_CHECK(close_record(record, end, end));
  return true;
}

// The next part of the window, or of the file, goes into the marks. False at the end of the file.
Result<bool> CsvRecords::index_more(const CsvRecord& record) {
  if (indexed_ == window_->size()) {
    if (indexed_ - record.begin > limits_.record_bytes) {
      return fail(too_long(record, indexer_.state() == CsvState::quoted));
    }
    BATON_TRY(const bool more, window_->fill());
    if (!more) return false;
  }
  const std::size_t part = std::min(limits_.index_bytes, window_->size() - indexed_);
  const std::uint32_t end = indexed_ + static_cast<std::uint32_t>(part);
  indexer_.index(window_->data(), indexed_, end, marks_);
  indexed_ = end;
  next_end_ = next_doubled_ = next_literal_ = next_newline_ = 0;
  return true;
}

// What is left of the marks belongs to the open field.
void CsvRecords::settle_marks() {
  constexpr std::uint32_t everything = ~std::uint32_t{0};
  open_doubled_ = any_between(marks_.doubled, next_doubled_, field_begin_, everything) || open_doubled_;
  open_literal_ = any_between(marks_.literal, next_literal_, field_begin_, everything) || open_literal_;
  newlines_ += marks_.inner_newlines.size() - next_newline_;
  next_newline_ = marks_.inner_newlines.size();
}

Error CsvRecords::too_long(const CsvRecord& record, bool quote_is_open) const {
  const std::string limit = fmt::format("the record that begins here is longer than {} bytes", limits_.record_bytes);
  if (quote_is_open) {
    return {ErrorKind::invalid,
            fmt::format("{}: {}; a quote opens at {} and is not closed: close it, or set "
                        "`quote: none` if the file does not quote",
                        text_place(window_->path(), record.line, 1), limit, place_of_open_field(record))};
  }
  return {ErrorKind::invalid, fmt::format("{}: {}; check that the delimiter, the quote and the line ends are those of "
                                          "the file",
                                          text_place(window_->path(), record.line, 1), limit)};
}

std::string CsvRecords::place_of_open_field(const CsvRecord& record) const {
  const std::string_view before = window_->view().substr(record.begin, field_begin_ - record.begin);
  return text_place(window_->path(), record.line, before);
}

}  // namespace baton
