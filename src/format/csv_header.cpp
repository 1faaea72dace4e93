#include "format/csv_header.h"

#include "format/csv_text_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <unordered_set>

namespace baton {
namespace {

bool ends_lines(char byte) { return byte == '\n' || byte == '\r' || byte == '\0'; }

// Looks at the bytes of a file from its end to its beginning.
class BackwardBytes {
 public:
  explicit BackwardBytes(const InputFile& file) : file_(file) {}

  Result<char> at(std::uint64_t offset) {
    if (block_.empty() || offset < begin_) {
      constexpr std::uint64_t block_bytes = 4096;
      begin_ = offset - std::min(offset, block_bytes - 1);
      block_.resize(static_cast<std::size_t>(offset - begin_ + 1));
      BATON_CHECK(file_.read_at(begin_, block_.data(), block_.size()));
    }
    return block_[static_cast<std::size_t>(offset - begin_)];
  }

 private:
  const InputFile& file_;
  std::uint64_t begin_ = 0;
  std::vector<char> block_;
};

Status check_names(const std::vector<std::string>& names, const std::string& where) {
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) {
      return fail(ErrorKind::invalid, fmt::format("{}: column {} of {} has no name; name it, or give all names in "
                                                  "`columns`",
                                                  where, i + 1, names.size()));
    }
    if (const std::string_view fault = text_fault(names[i]); !fault.empty()) {
      return fail(ErrorKind::invalid, fmt::format("{}: the name of column {}: {}", where, i + 1, fault));
    }
    if (!seen.insert(names[i]).second) {
      return fail(ErrorKind::invalid, fmt::format("{}: two columns have the name `{}`; rename one, or give all names "
                                                  "in `columns`",
                                                  where, names[i]));
    }
  }
  return {};
}

}  // namespace

Status check_csv_options(const CsvOptions& options) {
  if (ends_lines(options.delimiter)) {
    return fail(ErrorKind::invalid, options.path + ": `delimiter` cannot be a line end or NUL; use `,`, `;` or a tab");
  }
  if (options.quote && (ends_lines(*options.quote) || *options.quote == options.delimiter)) {
    return fail(ErrorKind::invalid,
                options.path + ": `quote` cannot be a line end, NUL or the delimiter; use `\"` or none");
  }
  if (!options.header && options.columns.empty()) {
    return fail(ErrorKind::invalid,
                options.path +
                    ": without a header the columns need names: give them in `columns`, or set `header: "
                    "true`");
  }
  return check_names(options.columns, options.path + ": `columns`");
}

Result<std::vector<std::string>> csv_column_names(const CsvOptions& options, std::vector<std::string> header,
                                                  const std::string& place) {
  if (options.columns.empty()) {
    BATON_CHECK(check_names(header, place));
    return header;
  }
  if (options.columns.size() != header.size()) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: expected the {} columns that `columns` names, found {} in the header ({}); make both "
                            "agree",
                            place, options.columns.size(), header.size(), fmt::join(header, ", ")));
  }
  return options.columns;
}

Result<std::uint64_t> csv_content_end(const InputFile& file) {
  BackwardBytes bytes(file);
  std::uint64_t end = file.size_bytes();
  while (end > 0) {
    BATON_TRY(const char last, bytes.at(end - 1));
    if (last != '\n') return end;
    std::uint64_t begin = end - 1;
    if (begin > 0) {
      BATON_TRY(const char before, bytes.at(begin - 1));
      if (before == '\r') --begin;
    }
    if (begin > 0) {
      BATON_TRY(const char previous_end, bytes.at(begin - 1));
      if (previous_end != '\n') return end;
    }
    end = begin;
  }
  return end;
}

}  // namespace baton
