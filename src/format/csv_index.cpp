#include "format/csv_index.h"

namespace baton {
namespace {

// The vector path writes ends in groups of this many, the last group in part as filler.
constexpr std::size_t spare_ends = 64;

}  // namespace

CsvIndexer::CsvIndexer(CsvDialect dialect, CsvPath path)
    : dialect_(dialect), vectorized_(path == CsvPath::fastest && has_vector_path()) {}

void CsvIndexer::index(const char* data, std::uint32_t begin, std::uint32_t end, CsvMarks& marks) {
  marks.clear();
  const std::size_t room = std::size_t{end} - begin + spare_ends;
  if (marks.ends.size() < room) marks.ends.resize(room);
  if (vectorized_) begin = index_vectorized(dialect_, state_, data, begin, end, marks);
  index_portable(dialect_, state_, data, begin, end, false, marks);
}

std::uint32_t index_portable(const CsvDialect& dialect, CsvState& state, const char* data, std::uint32_t begin,
                             std::uint32_t end, bool stop_after_record, CsvMarks& marks) {
  const bool quotes = dialect.quote.has_value();
  const char quote = dialect.quote.value_or('\0');
  CsvState now = state;
  std::uint32_t at = begin;
  for (; at < end; ++at) {
    const char c = data[at];
    if (now == CsvState::quoted) {
      if (c == quote) now = CsvState::closing;
      if (c == '\n') marks.inner_newlines.push_back(at);
    } else if (c == dialect.delimiter) {
      marks.ends[marks.end_count++] = at;
      now = CsvState::field_start;
    } else if (c == '\n') {
      marks.ends[marks.end_count++] = at;
      now = CsvState::field_start;
      if (stop_after_record) {
        ++at;
        break;
      }
    } else if (quotes && c == quote) {
      if (now == CsvState::closing) marks.doubled.push_back(at);
      if (now == CsvState::literal) {
        marks.literal.push_back(at);
      } else {
        now = CsvState::quoted;
      }
    } else {
      now = CsvState::literal;
    }
  }
  state = now;
  return at;
}

}  // namespace baton
