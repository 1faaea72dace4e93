// The structural index of CSV: where fields end, whatever stands between quotes.
//
// The vector path works on 64 bytes at a time, after Langdale and Lemire ("Parsing Gigabytes of JSON per Second",
// 2019): bit masks of the delimiters, line feeds and quotes; a carry-less product with all ones gives the prefix XOR of
// the quotes, which is 1 inside of them. That is wrong where a quote stands within an unquoted field, and just there:
// the quote then looks like an opening one that follows neither a separator nor a closing quote. From such a quote to
// the end of its record the portable state machine takes over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace baton {

struct CsvDialect {
  char delimiter = ',';
  std::optional<char> quote = '"';  // none: no byte has the meaning of a quote
};

// Offsets of bytes, ascending.
struct CsvMarks {
  std::vector<std::uint32_t> ends;  // delimiters and line feeds outside of quotes; only the first end_count count
  std::size_t end_count = 0;
  std::vector<std::uint32_t> inner_newlines;  // line feeds inside of quotes
  std::vector<std::uint32_t> doubled;         // the second quote of a pair inside of quotes
  std::vector<std::uint32_t> literal;         // quotes within unquoted text, or within what follows a closing quote

  void clear() {
    end_count = 0;
    inner_newlines.clear();
    doubled.clear();
    literal.clear();
  }
};

enum class CsvState : std::uint8_t {
  field_start,
  literal,  // in unquoted text, or in what follows a closing quote
  quoted,
  closing,  // behind a quote inside of quotes: the closing one, or the first of a pair
};

enum class CsvPath : std::uint8_t { fastest, portable };

// Not thread-safe.
class CsvIndexer {
 public:
  CsvIndexer(CsvDialect dialect, CsvPath path);

  // The next byte begins a record.
  void restart() { state_ = CsvState::field_start; }

  // Replaces `marks` by those of data[begin, end), which continues where the last call stopped.
  void index(const char* data, std::uint32_t begin, std::uint32_t end, CsvMarks& marks);

  CsvState state() const { return state_; }

 private:
  CsvDialect dialect_;
  CsvState state_ = CsvState::field_start;
  bool vectorized_;
};

// The two paths. They add to `marks`, which has room for all ends, and return the offset behind the last byte looked
// at.
std::uint32_t index_portable(const CsvDialect& dialect, CsvState& state, const char* data, std::uint32_t begin,
                             std::uint32_t end, bool stop_after_record, CsvMarks& marks);
// Leaves the last 0 to 63 bytes to the portable path. REQUIRES: has_vector_path().
std::uint32_t index_vectorized(const CsvDialect& dialect, CsvState& state, const char* data, std::uint32_t begin,
                               std::uint32_t end, CsvMarks& marks);
bool has_vector_path();

}  // namespace baton
