// Cuts a window of a file into the records of CSV (RFC 4180). Offsets are relative to the beginning of the window's
// data, which stays where it is until begin_batch.
#pragma once

#include "baton/result.h"
#include "baton/row_batch.h"
#include "format/csv_index.h"
#include "format/file_window.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct CsvRecord {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;  // without the line end
  std::uint64_t line = 0;  // physical line on which it begins, from 1
  std::size_t field_count = 0;
  std::vector<Field> fields;         // the first field_count of them, as far as they were asked for
  std::vector<std::size_t> escaped;  // numbers of fields in which a pair of quotes stands for one
  std::optional<std::size_t> junk;   // number of the first field that goes on behind its closing quote
};

struct CsvLimits {
  std::size_t index_bytes = 32 * 1024;  // indexed at once: marks and bytes stay in the cache
  std::size_t record_bytes = 16 << 20;
};

// One thread at a time.
class CsvRecords {
 public:
  CsvRecords(CsvDialect dialect, std::optional<std::string> null_text, CsvPath path, CsvLimits limits);

  // `window` outlives this. The first byte in it begins the record on physical line `line`.
  void start(FileWindow& window, std::uint64_t line);

  // Discards the records that were returned from the window.
  void begin_batch();

  // Fills `record` with the next one; with at most `fields` fields, where more are only counted. False at the end.
  // `invalid` for a quote that is never closed and for a record that is too long.
  Result<bool> next(CsvRecord& record, std::size_t fields);

  std::uint32_t consumed() const { return consumed_; }  // bytes, from the beginning of the batch
  std::uint64_t line() const { return line_; }          // on which the next record begins
  std::uint64_t offset() const { return window_->offset() + consumed_; }

 private:
  void open_record(CsvRecord& record) const;
  void close_field(CsvRecord& record, std::uint32_t end, bool last, std::size_t fields);
  void close_quoted(CsvRecord& record, Field& field, std::uint32_t stop);
  Status close_record(CsvRecord& record, std::uint32_t end, std::uint32_t next_begin);
  Result<bool> last_record(CsvRecord& record, std::size_t fields);
  Result<bool> index_more(const CsvRecord& record);
  void settle_marks();
  Error too_long(const CsvRecord& record, bool quote_is_open) const;
  std::string place_of_open_field(const CsvRecord& record) const;

  CsvDialect dialect_;
  std::optional<std::string> null_text_;
  CsvLimits limits_;
  CsvIndexer indexer_;
  CsvMarks marks_;
  FileWindow* window_ = nullptr;
  std::uint64_t line_ = 1;
  std::uint32_t consumed_ = 0;
  std::uint32_t indexed_ = 0;

  // Cursors into the marks, and what earlier marks said of the open field and record.
  std::size_t next_end_ = 0;
  std::size_t next_doubled_ = 0;
  std::size_t next_literal_ = 0;
  std::size_t next_newline_ = 0;
  std::uint32_t field_begin_ = 0;
  std::uint64_t newlines_ = 0;
  bool open_doubled_ = false;
  bool open_literal_ = false;
};

}  // namespace baton
