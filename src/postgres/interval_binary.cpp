#include "postgres/interval_binary.h"

#include "base/ascii_text.h"
#include "postgres/time_binary.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace baton {
namespace {

constexpr std::int64_t second = 1'000'000;

enum class Part : std::uint8_t { months, days, microseconds };

struct Unit {
  std::string_view name;
  Part part;
  std::int64_t factor;
};

constexpr std::array units = {
    Unit{"microsecond", Part::microseconds, 1},
    Unit{"us", Part::microseconds, 1},
    Unit{"usec", Part::microseconds, 1},
    Unit{"millisecond", Part::microseconds, 1'000},
    Unit{"ms", Part::microseconds, 1'000},
    Unit{"msec", Part::microseconds, 1'000},
    Unit{"second", Part::microseconds, second},
    Unit{"sec", Part::microseconds, second},
    Unit{"s", Part::microseconds, second},
    Unit{"minute", Part::microseconds, 60 * second},
    Unit{"min", Part::microseconds, 60 * second},
    Unit{"m", Part::microseconds, 60 * second},
    Unit{"hour", Part::microseconds, 3600 * second},
    Unit{"hr", Part::microseconds, 3600 * second},
    Unit{"h", Part::microseconds, 3600 * second},
    Unit{"day", Part::days, 1},
    Unit{"d", Part::days, 1},
    Unit{"week", Part::days, 7},
    Unit{"w", Part::days, 7},
    Unit{"month", Part::months, 1},
    Unit{"mon", Part::months, 1},
    Unit{"year", Part::months, 12},
    Unit{"yr", Part::months, 12},
    Unit{"y", Part::months, 12},
    Unit{"decade", Part::months, 120},
    Unit{"century", Part::months, 1200},
    Unit{"centuries", Part::months, 1200},
};

struct Span {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t microseconds = 0;
  bool overflow = false;

  void add(Part part, std::int64_t count, std::int64_t factor) {
    std::int64_t& sum = part == Part::months ? months : part == Part::days ? days : microseconds;
    std::int64_t product = 0;
    overflow = overflow || __builtin_mul_overflow(count, factor, &product);
    overflow = overflow || __builtin_add_overflow(sum, product, &sum);
  }
  void negate() {
    overflow = overflow || microseconds == std::numeric_limits<std::int64_t>::min();
    months = -months;
    days = -days;
    if (!overflow) microseconds = -microseconds;
  }
};

struct Number {
  bool negative = false;
  std::int64_t whole = 0;  // with its sign
  std::string_view fraction;
};

// [+-]digits[.digits] at the beginning of `text`, which loses it.
bool take_number(std::string_view& text, Number& number) {
  number = {};
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.whole);
  if (error != std::errc() || text.front() == '-') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (number.negative) number.whole = -number.whole;
  if (text.empty() || text.front() != '.') return true;
  std::size_t digits = 1;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  number.fraction = text.substr(1, digits - 1);
  text.remove_prefix(digits);
  return digits > 1;
}

bool add_number(Span& span, const Number& number, Part part, std::int64_t factor) {
  span.add(part, number.whole, factor);
  if (number.fraction.empty()) return true;
  if (part != Part::microseconds || factor != second) return false;
  const std::int64_t fraction = fraction_microseconds(number.fraction);
  span.add(Part::microseconds, number.negative ? -fraction : fraction, 1);
  return true;
}

// Behind the P.
bool read_iso(std::string_view text, Span& span) {
  bool in_time = false;
  bool any = false;
  while (!text.empty()) {
    if (text.front() == 'T' && !in_time) {
      in_time = true;
      text.remove_prefix(1);
      if (text.empty()) return false;
      continue;
    }
    Number number;
    if (!take_number(text, number) || text.empty()) return false;
    const char letter = text.front();
    text.remove_prefix(1);
    any = true;
    const std::string_view allowed = in_time ? "HMS" : "YMWD";
    if (allowed.find(letter) == std::string_view::npos) return false;
    const bool added = letter == 'Y'               ? add_number(span, number, Part::months, 12)
                       : letter == 'M' && !in_time ? add_number(span, number, Part::months, 1)
                       : letter == 'W'             ? add_number(span, number, Part::days, 7)
                       : letter == 'D'             ? add_number(span, number, Part::days, 1)
                       : letter == 'H'             ? add_number(span, number, Part::microseconds, 3600 * second)
                       : letter == 'M'             ? add_number(span, number, Part::microseconds, 60 * second)
                                                   : add_number(span, number, Part::microseconds, second);
    if (!added) return false;
  }
  return any;
}

// :MM[:SS[.fraction]] behind the hours.
bool take_clock(std::string_view& text, const Number& hours, Span& span) {
  if (!hours.fraction.empty() || text.size() < 3) return false;
  const int minutes = two_digits(text, 1);
  if (minutes < 0 || minutes > 59) return false;
  text.remove_prefix(3);
  Number seconds;
  if (!text.empty() && text.front() == ':') {
    text.remove_prefix(1);
    if (two_digits(text, 0) < 0 || two_digits(text, 0) > 59 || !take_number(text, seconds)) return false;
  }
  const std::int64_t sign = hours.negative ? -1 : 1;
  seconds.negative = hours.negative;
  seconds.whole *= sign;
  span.add(Part::microseconds, hours.whole, 3600 * second);
  span.add(Part::microseconds, sign * minutes, 60 * second);
  return add_number(span, seconds, Part::microseconds, second);
}

const Unit* find_unit(std::string_view word) {
  for (const Unit& unit : units) {
    if (equals_ignoring_case(word, unit.name)) return &unit;
    const bool plural = word.size() == unit.name.size() + 1 && ascii_lower(word.back()) == 's' && unit.name.size() > 1;
    if (plural && equals_ignoring_case(word.substr(0, unit.name.size()), unit.name)) return &unit;
  }
  return nullptr;
}

std::string_view take_word(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && ascii_lower(text[end]) >= 'a' && ascii_lower(text[end]) <= 'z') ++end;
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

void skip_spaces(std::string_view& text) {
  while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
}

bool read_words(std::string_view text, Span& span) {
  skip_spaces(text);
  if (!text.empty() && text.front() == '@') text.remove_prefix(1);
  bool any = false;
  while (true) {
    skip_spaces(text);
    if (text.empty()) return any;
    if (ascii_lower(text.front()) == 'a') {
      const bool ago = equals_ignoring_case(take_word(text), "ago");
      skip_spaces(text);
      span.negate();
      return any && ago && text.empty();
    }
    Number number;
    if (!take_number(text, number)) return false;
    any = true;
    if (!text.empty() && text.front() == ':') {
      if (!take_clock(text, number, span)) return false;
      continue;
    }
    skip_spaces(text);
    const Unit* unit = find_unit(take_word(text));
    if (unit == nullptr || !add_number(span, number, unit->part, unit->factor)) return false;
  }
}

bool fits(std::int64_t value) {
  return value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
}

}  // namespace

ValueRefusal encode_interval(std::string_view text, CopyBuffer& out) {
  Span span;
  const bool is_iso = !text.empty() && text.front() == 'P';
  if (!(is_iso ? read_iso(text.substr(1), span) : read_words(text, span))) return ValueRefusal::syntax;
  if (span.overflow || !fits(span.days) || !fits(span.months)) return ValueRefusal::range;
  out.put32(16);
  out.put64(static_cast<std::uint64_t>(span.microseconds));
  out.put32(static_cast<std::uint32_t>(span.days));
  out.put32(static_cast<std::uint32_t>(span.months));
  return ValueRefusal::none;
}

}  // namespace baton
