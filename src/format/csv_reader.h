// Reads CSV files (RFC 4180) and other files of delimited text.
//
// Beyond the RFC: any delimiter of one byte; LF or CRLF; a UTF-8 byte order mark is skipped; the last line needs no
// end. A quote within an unquoted field is taken as it is. Empty lines at the very end of the file are ignored; another
// empty line is one empty field where the file has one column, else a ragged record.
#pragma once

#include "baton/reader.h"
#include "format/csv_records.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct CsvOptions {
  std::string path;
  char delimiter = ',';
  std::optional<char> quote = '"';  // none: no byte has the meaning of a quote
  bool header = true;
  std::vector<std::string> columns;      // required without a header; with one they replace its names
  std::optional<std::string> null_text;  // an unquoted field with this text is FieldKind::null
};

// For tests and measurements.
struct CsvTuning {
  std::size_t block_bytes = 1 << 20;  // of one read from the file
  CsvPath path = CsvPath::fastest;
  CsvLimits limits;
};

// Fields are FieldKind::text, null by null_text, or without one empty. Rejected: ragged records, text behind a closing
// quote, NUL bytes, invalid UTF-8. Errors of the file: a quote that is never closed, a record of more than 16 MiB,
// besides those that Reader names. Memory does not depend on the size of the file.
std::unique_ptr<Reader> make_csv_reader(CsvOptions options, CsvTuning tuning = {});

}  // namespace baton
