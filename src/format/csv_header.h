// What is settled before the first record is read: the options, the names of the columns, where the content ends.
#pragma once

#include "format/csv_reader.h"
#include "format/input_file.h"

namespace baton {

// `invalid` where the options contradict each other or name a byte that cannot delimit.
Status check_csv_options(const CsvOptions& options);

// The names of the columns, from the header record and the options. `place` is that of the header.
Result<std::vector<std::string>> csv_column_names(const CsvOptions& options, std::vector<std::string> header,
                                                  const std::string& place);

// The offset behind the last line that is not empty.
Result<std::uint64_t> csv_content_end(const InputFile& file);

}  // namespace baton
