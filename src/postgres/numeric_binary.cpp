#include "postgres/numeric_binary.h"

#include "base/ascii_text.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace baton {
namespace {

constexpr std::uint16_t positive_sign = 0x0000;
constexpr std::uint16_t negative_sign = 0x4000;
constexpr std::uint16_t nan_sign = 0xC000;
constexpr std::uint16_t positive_infinity = 0xD000;
constexpr std::uint16_t negative_infinity = 0xF000;

constexpr std::size_t group = 4;            // decimal digits in one digit of base 10000
constexpr std::size_t most_whole = 131072;  // digits before the point
constexpr std::size_t most_scale = 16383;
constexpr std::size_t header_bytes = 4 + 4 * 2;

void put_special(std::uint16_t sign, CopyBuffer& out) {
  out.put32(4 * 2);
  out.put16(0);
  out.put16(0);
  out.put16(sign);
  out.put16(0);
}

std::string_view without_leading_zeros(std::string_view digits) {
  while (!digits.empty() && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

// Base-10000 digits are grouped from the decimal point outwards; zeros at either end are left out and the weight (the
// power of 10000 of the first one) says where they were. REQUIRES: no zero leads `whole`.
ValueRefusal put_decimal(bool negative, std::string_view whole, std::string_view decimals, CopyBuffer& out) {
  if (whole.size() > most_whole || decimals.size() > most_scale) return ValueRefusal::range;
  out.reserve(header_bytes + 2 * ((whole.size() + decimals.size()) / group + 2));
  const std::size_t start = out.size();
  out.put32(0);
  out.put64(0);
  auto weight = static_cast<int>((whole.size() + group - 1) / group) - 1;
  int digits = 0;
  int significant = 0;  // digits up to the last that is not zero
  const auto put_digit = [&](std::uint32_t digit) {
    if (digit == 0 && digits == 0) {
      --weight;
      return;
    }
    out.put16(static_cast<std::uint16_t>(digit));
    ++digits;
    if (digit != 0) significant = digits;
  };
  std::uint32_t digit = 0;
  for (std::size_t left = whole.size(); left > 0; --left) {
    digit = digit * 10 + static_cast<std::uint32_t>(whole[whole.size() - left] - '0');
    if (left % group == 1) {
      put_digit(digit);
      digit = 0;
    }
  }
  constexpr std::uint32_t padding[] = {1, 1000, 100, 10};
  for (std::size_t at = 0; at < decimals.size(); ++at) {
    digit = digit * 10 + static_cast<std::uint32_t>(decimals[at] - '0');
    if (at % group == group - 1) {
      put_digit(digit);
      digit = 0;
    }
  }
  if (decimals.size() % group != 0) put_digit(digit * padding[decimals.size() % group]);
  const auto kept = static_cast<std::size_t>(significant);
  out.cut(start + header_bytes + 2 * kept);
  out.set32(start, static_cast<std::uint32_t>(header_bytes - 4 + 2 * kept));
  out.set16(start + 4, static_cast<std::uint16_t>(significant));
  out.set16(start + 6, static_cast<std::uint16_t>(significant == 0 ? 0 : weight));
  out.set16(start + 8, negative && significant > 0 ? negative_sign : positive_sign);
  out.set16(start + 10, static_cast<std::uint16_t>(decimals.size()));
  return ValueRefusal::none;
}

// What has few digits and no exponent, which is nearly every number: its five groups are made by division.
bool encode_short_numeric(std::string_view text, int precision, int scale, CopyBuffer& out) {
  constexpr std::size_t most_whole_digits = 12, most_decimals = 8;
  const bool negative = !text.empty() && text.front() == '-';
  std::size_t at = negative ? 1 : 0;
  std::uint64_t whole = 0, decimals = 0;
  std::size_t whole_digits = 0, scale_written = 0;
  for (; at < text.size() && is_digit(text[at]); ++at, ++whole_digits) {
    whole = whole * 10 + static_cast<std::uint64_t>(text[at] - '0');
    if (whole_digits == most_whole_digits) return false;
  }
  if (whole_digits == 0) return false;
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && is_digit(text[at]); ++at, ++scale_written) {
      decimals = decimals * 10 + static_cast<std::uint64_t>(text[at] - '0');
      if (scale_written == most_decimals) return false;
    }
  }
  if (at != text.size()) return false;
  if (precision > 0 && whole > 0 && whole_digits > static_cast<std::size_t>(std::max(0, precision - scale)))
    return false;
  constexpr std::uint64_t powers[] = {1'0000'0000, 1000'0000, 100'0000, 10'0000, 1'0000, 1000, 100, 10, 1};
  decimals *= powers[scale_written];
  const std::uint64_t groups[] = {whole / 1'0000'0000, whole / 1'0000 % 1'0000, whole % 1'0000, decimals / 1'0000,
                                  decimals % 1'0000};
  int first = 0, end = 5;
  while (first < end && groups[first] == 0) ++first;
  while (end > first && groups[end - 1] == 0) --end;
  const int digits = end - first;
  out.put32(static_cast<std::uint32_t>(header_bytes - 4) + 2 * static_cast<std::uint32_t>(digits));
  out.put16(static_cast<std::uint16_t>(digits));
  out.put16(static_cast<std::uint16_t>(digits == 0 ? 0 : 2 - first));
  out.put16(negative && digits > 0 ? negative_sign : positive_sign);
  out.put16(static_cast<std::uint16_t>(scale_written));
  for (int i = first; i < end; ++i) out.put16(static_cast<std::uint16_t>(groups[i]));
  return true;
}

ValueRefusal put_special_name(std::string_view text, bool signed_text, bool negative, int precision, CopyBuffer& out) {
  if (!signed_text && equals_ignoring_case(text, "nan")) {
    put_special(nan_sign, out);
    return ValueRefusal::none;
  }
  if (!equals_ignoring_case(text, "infinity") && !equals_ignoring_case(text, "inf")) return ValueRefusal::syntax;
  if (precision > 0) return ValueRefusal::range;
  put_special(negative ? negative_infinity : positive_infinity, out);
  return ValueRefusal::none;
}

// Writes the digits out without the exponent.
ValueRefusal put_scientific(bool negative, std::string_view whole, std::string_view decimals, std::string_view exponent,
                            int most_whole_digits, CopyBuffer& out) {
  constexpr int most_exponent = 1'000'000;
  const bool minus = exponent.front() == '-';
  if (minus || exponent.front() == '+') exponent.remove_prefix(1);
  if (exponent.empty() || !all_digits(exponent)) return ValueRefusal::syntax;
  int shift = 0;
  const auto [end, error] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), shift);
  if (error != std::errc() || shift > most_exponent) return ValueRefusal::range;
  if (minus) shift = -shift;
  std::string digits(whole);
  digits += decimals;
  const auto scale = static_cast<std::int64_t>(decimals.size()) - shift;
  if (scale > static_cast<std::int64_t>(most_scale)) return ValueRefusal::range;
  const std::size_t kept = scale > 0 ? static_cast<std::size_t>(scale) : 0;  // decimals of the result
  if (digits.find_first_not_of('0') == std::string::npos) {
    return put_decimal(false, {}, std::string(kept, '0'), out);
  }
  if (scale < 0) {
    if (digits.size() + static_cast<std::size_t>(-scale) > most_whole + whole.size()) return ValueRefusal::range;
    digits.append(static_cast<std::size_t>(-scale), '0');
  }
  if (digits.size() < kept) digits.insert(0, kept - digits.size(), '0');
  const std::string_view all = digits;
  whole = without_leading_zeros(all.substr(0, all.size() - kept));
  if (static_cast<std::int64_t>(whole.size()) > most_whole_digits) return ValueRefusal::range;
  return put_decimal(negative, whole, all.substr(all.size() - kept), out);
}

}  // namespace

ValueRefusal encode_numeric(std::string_view text, int precision, int scale, CopyBuffer& out) {
  out.reserve(header_bytes + 2 * 5);
  if (encode_short_numeric(text, precision, scale, out)) return ValueRefusal::none;
  const bool is_signed = !text.empty() && (text.front() == '-' || text.front() == '+');
  const bool negative = is_signed && text.front() == '-';
  if (is_signed) text.remove_prefix(1);
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) ++at;
  std::string_view whole = text.substr(0, at);
  std::string_view decimals;
  if (at < text.size() && text[at] == '.') {
    const std::size_t first = ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
    decimals = text.substr(first, at - first);
  }
  if (whole.empty() && decimals.empty()) return put_special_name(text, is_signed, negative, precision, out);
  whole = without_leading_zeros(whole);
  const int most_digits = precision > 0 ? std::max(0, precision - scale) : static_cast<int>(most_whole);
  if (at == text.size()) {
    if (whole.size() > static_cast<std::size_t>(most_digits)) return ValueRefusal::range;
    return put_decimal(negative, whole, decimals, out);
  }
  if ((text[at] != 'e' && text[at] != 'E') || at + 1 == text.size()) return ValueRefusal::syntax;
  return put_scientific(negative, whole, decimals, text.substr(at + 1), most_digits, out);
}

}  // namespace baton
