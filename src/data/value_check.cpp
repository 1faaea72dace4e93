#include "data/value_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace baton {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Two digits at `at` as a number; -1 where they are none.
int two_digits(std::string_view text, std::size_t at) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// Z or ±HH[[:]MM], at most ±15:59 as in PostgreSQL.
bool is_offset(std::string_view text) {
  if (text == "Z" || text == "z") return true;
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return false;
  const int hours = two_digits(text, 1);
  if (hours < 0 || hours > 15) return false;
  std::string_view rest = text.substr(3);
  if (rest.empty()) return true;
  if (rest[0] == ':') rest.remove_prefix(1);
  const int minutes = two_digits(rest, 0);
  return rest.size() == 2 && minutes >= 0 && minutes < 60;
}

// Adds one to a string of digits; "999" becomes "1000".
void increment(std::string& digits) {
  for (std::size_t i = digits.size(); i-- > 0;) {
    if (digits[i] != '9') {
      ++digits[i];
      return;
    }
    digits[i] = '0';
  }
  digits.insert(digits.begin(), '1');
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool in_range(TypeKind kind, std::int64_t value) {
  if (kind == TypeKind::smallint) return value >= INT16_MIN && value <= INT16_MAX;
  if (kind == TypeKind::integer) return value >= INT32_MIN && value <= INT32_MAX;
  return true;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text.empty() || text.size() > 5) return std::nullopt;
  for (const std::string_view yes : {"1", "true", "t", "yes", "y", "on"}) {
    if (equals_ignoring_case(text, yes)) return true;
  }
  for (const std::string_view no : {"0", "false", "f", "no", "n", "off"}) {
    if (equals_ignoring_case(text, no)) return false;
  }
  return std::nullopt;
}

std::optional<double> parse_double(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool fits_real(double value) { return std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()); }

std::optional<Decimal> scan_decimal(std::string_view text) {
  Decimal decimal;
  std::size_t at = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) decimal.negative = text[at++] == '-';
  bool any = false;
  bool after_point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      any = true;
      if (decimal.digits > 0 || c != '0') ++decimal.digits;
      decimal.mantissa = decimal.mantissa * 10 + static_cast<std::uint64_t>(c - '0');
      if (after_point) ++decimal.decimals;
      if (!after_point) decimal.whole_digits = decimal.digits;
    } else if (c == '.' && !after_point) {
      after_point = true;
    } else {
      break;
    }
  }
  if (!any) return std::nullopt;
  if (at == text.size()) return decimal;
  if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
  decimal.has_exponent = true;
  ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  if (at == text.size()) return std::nullopt;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_digit) ? std::optional(decimal)
                                                                                           : std::nullopt;
}

std::optional<std::string> plain_decimal(std::string_view text, int scale) {
  constexpr std::int64_t max_exponent = 1000;
  std::int64_t exponent = 0;
  const auto e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    const auto written = parse_integer(text.substr(e + 1));
    if (!written || *written > max_exponent || *written < -max_exponent) return std::nullopt;
    exponent = *written;
    text = text.substr(0, e);
  }
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  const auto point = text.find('.');
  std::string digits(text.substr(0, point));
  std::int64_t decimals = -exponent;
  if (point != std::string_view::npos) {
    digits += text.substr(point + 1);
    decimals += static_cast<std::int64_t>(text.size() - point - 1);
  }
  if (decimals < 0) {
    digits.append(static_cast<std::size_t>(-decimals), '0');
    decimals = 0;
  }
  if (static_cast<std::int64_t>(digits.size()) <= decimals) {
    digits.insert(0, static_cast<std::size_t>(decimals) + 1 - digits.size(), '0');
  }
  if (scale >= 0 && decimals > scale) {
    const std::size_t kept = digits.size() - static_cast<std::size_t>(decimals - scale);
    const bool up = digits[kept] >= '5';
    digits.resize(kept);
    if (up) increment(digits);
    decimals = scale;
  }
  const std::size_t whole = digits.size() - static_cast<std::size_t>(decimals);
  std::size_t zeros = 0;
  while (zeros + 1 < whole && digits[zeros] == '0') ++zeros;
  std::string plain = digits.substr(zeros, whole - zeros);
  if (decimals > 0) plain.append(1, '.').append(digits, whole);
  const bool is_zero = plain.find_first_not_of("0.") == std::string::npos;
  if (negative && !is_zero) plain.insert(0, 1, '-');
  return plain;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int century = two_digits(text, 0);
  const int of_century = two_digits(text, 2);
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  if (century < 0 || of_century < 0 || month < 1 || month > 12 || day < 1) return false;
  const int year = century * 100 + of_century;
  if (year == 0) return false;
  constexpr std::array days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= days[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

bool is_time(std::string_view text) {
  if (text.size() < 5 || text[2] != ':') return false;
  const int hours = two_digits(text, 0);
  const int minutes = two_digits(text, 3);
  if (hours < 0 || minutes < 0 || minutes > 59) return false;
  int seconds = 0;
  bool has_fraction = false;
  if (text.size() > 5) {
    seconds = text[5] == ':' ? two_digits(text, 6) : -1;
    if (seconds < 0 || seconds > 59) return false;
  }
  if (text.size() > 8) {
    const std::string_view fraction = text.substr(9);
    if (text[8] != '.' || fraction.empty() || fraction.size() > 9) return false;
    if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return false;
    has_fraction = fraction.find_first_not_of('0') != std::string_view::npos;
  }
  return hours < 24 || (hours == 24 && minutes == 0 && seconds == 0 && !has_fraction);
}

bool is_timestamp(std::string_view text, ZoneOffset offset) {
  if (!is_date(text.substr(0, 10))) return false;
  if (text.size() == 10) return offset == ZoneOffset::allowed;
  if (text[10] != 'T' && text[10] != ' ' && text[10] != 't') return false;
  const std::string_view rest = text.substr(11);
  const auto sign = rest.find_first_of("Zz+-");
  if (!is_time(rest.substr(0, sign))) return false;
  if (sign == std::string_view::npos) return offset == ZoneOffset::allowed;
  return is_offset(rest.substr(sign));
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : hex_value(text[i]) < 0) return false;
  }
  return true;
}

std::optional<std::string> parse_bytea(std::string_view text) {
  if (text.size() < 2 || text.size() % 2 != 0 || text[0] != '\\' || text[1] != 'x') return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2 - 1);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::optional<std::string_view> fit_length(std::string_view text, int length) {
  const auto limit = static_cast<std::size_t>(length);
  if (length <= 0 || text.size() <= limit) return text;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (!starts || ++characters <= limit) continue;
    if (text.find_first_not_of(' ', i) != std::string_view::npos) return std::nullopt;
    return text.substr(0, i);
  }
  return text;
}

}  // namespace baton
