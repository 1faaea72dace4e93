#include "format/csv_index.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <bit>

#define BATON_AVX2 __attribute__((target("avx2,bmi,popcnt,pclmul")))

namespace baton {
namespace {

constexpr std::uint32_t block_bytes = 64;

// What one block hands to the next.
struct Carry {
  std::uint64_t inside = 0;    // all ones inside of quotes
  std::uint64_t closing = 0;   // 1 behind a quote that was inside of quotes
  std::uint64_t may_open = 0;  // 1 where a quote opens or is the second of a pair

  static Carry from(CsvState state) {
    return {state == CsvState::quoted ? ~std::uint64_t{0} : 0, state == CsvState::closing ? 1U : 0U,
            state == CsvState::closing || state == CsvState::field_start ? 1U : 0U};
  }
  CsvState state() const {
    if (inside != 0) return CsvState::quoted;
    if (closing != 0) return CsvState::closing;
    return may_open != 0 ? CsvState::field_start : CsvState::literal;
  }
};

struct Masks {
  std::uint64_t delimiters = 0;
  std::uint64_t newlines = 0;
  std::uint64_t quotes = 0;
};

BATON_AVX2 inline std::uint64_t equal(__m256i low, __m256i high, __m256i byte) {
  const auto a = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte)));
  const auto b = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte)));
  return a | std::uint64_t{b} << 32;
}

BATON_AVX2 inline std::uint64_t prefix_xor(std::uint64_t bits) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<std::int64_t>(bits)), _mm_set1_epi8('\xff'), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

// Eight at a time without a branch; what is written too much is overwritten by the next block.
BATON_AVX2 inline void add_ends(std::uint64_t bits, std::uint32_t base, CsvMarks& marks) {
  std::uint32_t* to = marks.ends.data() + marks.end_count;
  const int count = std::popcount(bits);
  for (int done = 0; done < count; done += 8) {
    for (int i = 0; i < 8; ++i) {
      to[done + i] = base + static_cast<std::uint32_t>(_tzcnt_u64(bits));
      bits = _blsr_u64(bits);
    }
  }
  marks.end_count += static_cast<std::size_t>(count);
}

void add_marks(std::uint64_t bits, std::uint32_t base, std::vector<std::uint32_t>& marks) {
  for (; bits != 0; bits &= bits - 1) marks.push_back(base + static_cast<std::uint32_t>(std::countr_zero(bits)));
}

// Moves `carry` over the block at `base`. Returns the number of its bytes that are indexed: fewer than 64 where the
// next one is a quote that does not open.
BATON_AVX2 inline std::uint32_t index_block(const Masks& masks, std::uint32_t base, Carry& carry, CsvMarks& marks) {
  const std::uint64_t inside = masks.quotes == 0 ? carry.inside : carry.inside ^ prefix_xor(masks.quotes);
  const std::uint64_t separators = (masks.delimiters | masks.newlines) & ~inside;
  if ((masks.quotes | inside) == 0) {
    add_ends(separators, base, marks);
    carry = {0, 0, separators >> 63};
    return block_bytes;
  }
  const std::uint64_t opening = masks.quotes & inside;
  const std::uint64_t closing = masks.quotes & ~inside;
  const std::uint64_t may_open = (separators | closing) << 1 | carry.may_open;
  const std::uint64_t misplaced = opening & ~may_open;
  const std::uint64_t valid = misplaced == 0 ? ~std::uint64_t{0} : (misplaced & (~misplaced + 1)) - 1;
  add_ends(separators & valid, base, marks);
  add_marks(masks.newlines & inside & valid, base, marks.inner_newlines);
  add_marks(opening & (closing << 1 | carry.closing) & valid, base, marks.doubled);
  if (misplaced != 0) {
    carry = Carry::from(CsvState::literal);
    return static_cast<std::uint32_t>(std::countr_zero(misplaced));
  }
  carry = {static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63), closing >> 63,
           (separators | closing) >> 63};
  return block_bytes;
}

}  // namespace

BATON_AVX2 std::uint32_t index_vectorized(const CsvDialect& dialect, CsvState& state, const char* data,
                                          std::uint32_t begin, std::uint32_t end, CsvMarks& marks) {
  const __m256i delimiter = _mm256_set1_epi8(dialect.delimiter);
  const __m256i newline = _mm256_set1_epi8('\n');
  const __m256i quote = _mm256_set1_epi8(dialect.quote.value_or('\0'));
  const std::uint64_t quotes_count = dialect.quote.has_value() ? ~std::uint64_t{0} : 0;
  Carry carry = Carry::from(state);
  std::uint32_t at = begin;
  while (end - at >= block_bytes) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at + 32));
    const Masks masks{equal(low, high, delimiter), equal(low, high, newline), equal(low, high, quote) & quotes_count};
    const std::uint32_t done = index_block(masks, at, carry, marks);
    at += done;
    if (done == block_bytes) continue;
    CsvState after = carry.state();
    at = index_portable(dialect, after, data, at, end, true, marks);
    carry = Carry::from(after);
  }
  state = carry.state();
  return at;
}

bool has_vector_path() {
  static const bool supported = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                                __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul");
  return supported;
}

}  // namespace baton

#else

namespace baton {

std::uint32_t index_vectorized(const CsvDialect&, CsvState&, const char*, std::uint32_t begin, std::uint32_t,
                               CsvMarks&) {
  return begin;
}

bool has_vector_path() { return false; }

}  // namespace baton

#endif
