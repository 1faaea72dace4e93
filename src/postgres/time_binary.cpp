#include "postgres/time_binary.h"

#include "base/ascii_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace baton {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::int64_t first_day = -2'451'545;       // 4713-11-24 BC, Julian day 0
constexpr std::int64_t day_after_last = 2145031949;  // 5874898-06-04
constexpr std::int64_t first_timestamp = -211'813'488'000'000'000;
constexpr std::int64_t end_of_timestamps = 9'223'371'331'200'000'000;  // 294277-01-01
constexpr std::int64_t last_timestamp_day = 106'751'991;               // what still fits when it is multiplied

// Howard Hinnant's days_from_civil, counted from 2000-01-01; year 0 is 1 BC.
std::int64_t days_from_civil(std::int64_t year, int month, int of_month) {
  constexpr std::int64_t from_march_of_year_0 = 730'425;
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + of_month - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - from_march_of_year_0;
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// YYYY-MM-DD at the beginning of `text`, which loses it; the years of BC are told by `before_christ`.
ValueRefusal take_date(std::string_view& text, bool before_christ, std::int64_t& days) {
  constexpr std::size_t most_digits = 7;
  std::size_t digits = 0;
  std::int64_t year = 0;
  while (digits < text.size() && digits <= most_digits && is_digit(text[digits])) {
    year = year * 10 + (text[digits++] - '0');
  }
  if (digits < 4 || text.size() < digits + 6 || text[digits] != '-' || text[digits + 3] != '-') {
    return ValueRefusal::syntax;
  }
  const int month = two_digits(text, digits + 1);
  const int of_month = two_digits(text, digits + 4);
  if (digits > most_digits) return ValueRefusal::range;
  if (year == 0 || month < 1 || month > 12 || of_month < 1) return ValueRefusal::syntax;
  if (before_christ) year = 1 - year;
  constexpr std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int length = lengths[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap(year) ? 1 : 0);
  if (of_month > length) return ValueRefusal::syntax;
  days = days_from_civil(year, month, of_month);
  text.remove_prefix(digits + 6);
  return days >= first_day && days < day_after_last ? ValueRefusal::none : ValueRefusal::range;
}

// HH:MM[:SS[.fraction]] at the beginning of `text`, which loses it.
bool take_time(std::string_view& text, std::int64_t& microseconds) {
  const int hours = two_digits(text, 0);
  if (hours < 0 || hours > 24 || text.size() < 5 || text[2] != ':') return false;
  const int minutes = two_digits(text, 3);
  if (minutes < 0 || minutes > 59) return false;
  text.remove_prefix(5);
  int seconds = 0;
  std::int64_t fraction = 0;
  if (!text.empty() && text.front() == ':') {
    seconds = two_digits(text, 1);
    if (seconds < 0 || seconds > 59) return false;
    text.remove_prefix(3);
    if (!text.empty() && text.front() == '.') {
      std::size_t end = 1;
      while (end < text.size() && is_digit(text[end])) ++end;
      if (end == 1) return false;
      fraction = fraction_microseconds(text.substr(1, end - 1));
      text.remove_prefix(end);
    }
  }
  microseconds = ((hours * 60 + minutes) * 60 + seconds) * second + fraction;
  return microseconds <= day;
}

// Z or ±HH[[:]MM[[:]SS]], the whole of `text`; seconds east of UTC.
bool read_offset(std::string_view text, std::int32_t& east) {
  east = 0;
  if (text == "Z" || text == "z") return true;
  if (text.size() < 3 || (text.front() != '+' && text.front() != '-')) return false;
  const bool west = text.front() == '-';
  text.remove_prefix(1);
  std::int32_t unit = 3600;
  bool is_first = true;
  while (!text.empty() && unit > 0) {
    if (!is_first && text.front() == ':') text.remove_prefix(1);
    const int part = two_digits(text, 0);
    if (part < 0 || part > (is_first ? 15 : 59)) return false;
    east += part * unit;
    unit /= 60;
    is_first = false;
    text.remove_prefix(2);
  }
  if (west) east = -east;
  return text.empty();
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

void put_integer(std::int32_t value, CopyBuffer& out) {
  out.put32(4);
  out.put32(static_cast<std::uint32_t>(value));
}

void put_bigint(std::int64_t value, CopyBuffer& out) {
  out.put32(8);
  out.put64(static_cast<std::uint64_t>(value));
}

enum class Zone { ignored, required };

ValueRefusal encode_moment(std::string_view text, Zone zone, CopyBuffer& out) {
  const bool infinite = text.size() <= 9 && (text == "infinity" || text == "-infinity");
  if (infinite) {
    put_bigint(
        text.front() == '-' ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max(), out);
    return ValueRefusal::none;
  }
  const bool before_christ = take_suffix(text, " BC");
  std::int64_t days = 0;
  const ValueRefusal refusal = take_date(text, before_christ, days);
  if (refusal != ValueRefusal::none) return refusal;
  std::int64_t time = 0;
  std::int32_t east = 0;
  if (!text.empty()) {
    if (text.front() != ' ' && text.front() != 'T' && text.front() != 't') return ValueRefusal::syntax;
    text.remove_prefix(1);
    if (!take_time(text, time)) return ValueRefusal::syntax;
  }
  if (text.empty() ? zone == Zone::required : !read_offset(text, east)) return ValueRefusal::syntax;
  if (zone == Zone::ignored) east = 0;
  if (days > last_timestamp_day) return ValueRefusal::range;
  const std::int64_t local = days * day + time;  // no overflow: a day fits both ways
  const std::int64_t moment = local - east * second;
  if (moment < first_timestamp || moment >= end_of_timestamps) return ValueRefusal::range;
  put_bigint(moment, out);
  return ValueRefusal::none;
}

}  // namespace

std::int64_t fraction_microseconds(std::string_view digits) {
  constexpr std::array<std::int64_t, 7> powers = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (digits.size() <= 6) {
    std::int64_t value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value * powers[digits.size()];
  }
  // datetime.c, ParseFractionalSecond: through a double, rounded half to even.
  std::string text = "0.";
  text += digits;
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return static_cast<std::int64_t>(std::rint(value * 1'000'000));
}

ValueRefusal encode_date(std::string_view text, CopyBuffer& out) {
  if (text == "infinity" || text == "-infinity") {
    put_integer(
        text.front() == '-' ? std::numeric_limits<std::int32_t>::min() : std::numeric_limits<std::int32_t>::max(), out);
    return ValueRefusal::none;
  }
  const bool before_christ = take_suffix(text, " BC");
  std::int64_t days = 0;
  const ValueRefusal refusal = take_date(text, before_christ, days);
  if (refusal != ValueRefusal::none) return refusal;
  if (!text.empty()) return ValueRefusal::syntax;
  put_integer(static_cast<std::int32_t>(days), out);
  return ValueRefusal::none;
}

ValueRefusal encode_time(std::string_view text, CopyBuffer& out) {
  std::int64_t time = 0;
  if (!take_time(text, time) || !text.empty()) return ValueRefusal::syntax;
  put_bigint(time, out);
  return ValueRefusal::none;
}

ValueRefusal encode_timetz(std::string_view text, CopyBuffer& out) {
  std::int64_t time = 0;
  std::int32_t east = 0;
  if (!take_time(text, time) || !read_offset(text, east)) return ValueRefusal::syntax;
  out.put32(12);
  out.put64(static_cast<std::uint64_t>(time));
  out.put32(static_cast<std::uint32_t>(-east));
  return ValueRefusal::none;
}

ValueRefusal encode_timestamp(std::string_view text, CopyBuffer& out) {
  return encode_moment(text, Zone::ignored, out);
}

ValueRefusal encode_timestamptz(std::string_view text, CopyBuffer& out) {
  return encode_moment(text, Zone::required, out);
}

}  // namespace baton
