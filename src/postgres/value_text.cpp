#include "postgres/value_text.h"

#include "base/ascii_text.h"
#include "postgres/big_endian.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace baton {
namespace {

using Text = std::optional<std::string>;

template <class Float>
std::string float_text(Float value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return std::string(digits.data(), end);
}

// numeric.c, get_str_from_var: groups of four digits, the first of weight `weight`.
Text numeric_text(std::string_view bytes) {
  constexpr std::size_t header = 8;
  if (bytes.size() < header) return std::nullopt;
  const auto groups = static_cast<std::int64_t>(big_endian<std::uint16_t>(bytes));
  const auto weight = static_cast<std::int64_t>(big_endian<std::int16_t>(bytes.substr(2)));
  const auto sign = big_endian<std::uint16_t>(bytes.substr(4));
  const auto scale = static_cast<std::size_t>(big_endian<std::uint16_t>(bytes.substr(6)));
  if (sign == 0xC000) return "NaN";
  if (sign == 0xD000 || sign == 0xF000) return sign == 0xD000 ? "Infinity" : "-Infinity";
  if (bytes.size() != header + 2 * static_cast<std::size_t>(groups)) return std::nullopt;
  const auto group = [&](std::int64_t place) -> unsigned {
    if (place < 0 || place >= groups) return 0;
    return big_endian<std::uint16_t>(bytes.substr(header + 2 * static_cast<std::size_t>(place)));
  };
  std::string text = sign == 0x4000 ? "-" : "";
  text += weight < 0 ? "0" : fmt::format("{}", group(0));
  for (std::int64_t place = 1; place <= weight; ++place) text += fmt::format("{:04}", group(place));
  if (scale == 0) return text;
  text += '.';
  const std::size_t whole = text.size();
  for (std::int64_t place = weight + 1; text.size() < whole + scale; ++place)
    text += fmt::format("{:04}", group(place));
  text.resize(whole + scale);
  return text;
}

struct Civil {
  std::int64_t year;  // 0 is 1 BC
  int month;
  int day;
};

// Howard Hinnant's civil_from_days; `day` counts from 2000-01-01.
Civil civil_from_days(std::int64_t day) {
  const std::int64_t shifted = day + 730'425;  // from 0000-03-01
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t of_era = shifted - era * 146'097;
  const std::int64_t year_of_era = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * of_year + 2) / 153;
  const auto month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  const auto of_month = static_cast<int>(of_year - (153 * shifted_month + 2) / 5 + 1);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, of_month};
}

std::string day_text(const Civil& civil) {
  return fmt::format("{:04}-{:02}-{:02}", civil.year > 0 ? civil.year : 1 - civil.year, civil.month, civil.day);
}

Text date_text(std::int32_t days) {
  if (days == std::numeric_limits<std::int32_t>::max()) return "infinity";
  if (days == std::numeric_limits<std::int32_t>::min()) return "-infinity";
  const Civil civil = civil_from_days(days);
  return day_text(civil) + (civil.year > 0 ? "" : " BC");
}

std::string time_text(std::int64_t microseconds) {
  const std::int64_t seconds = microseconds / 1'000'000;
  std::string text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (const std::int64_t fraction = microseconds % 1'000'000; fraction != 0) {
    text += fmt::format(".{:06}", fraction);
    while (text.back() == '0') text.pop_back();
  }
  return text;
}

Text moment_text(std::int64_t microseconds, std::string_view zone) {
  if (microseconds == std::numeric_limits<std::int64_t>::max()) return "infinity";
  if (microseconds == std::numeric_limits<std::int64_t>::min()) return "-infinity";
  constexpr std::int64_t day = 86'400'000'000;
  const std::int64_t days = microseconds / day - (microseconds % day < 0 ? 1 : 0);
  const Civil civil = civil_from_days(days);
  return fmt::format("{} {}{}{}", day_text(civil), time_text(microseconds - days * day), zone,
                     civil.year > 0 ? "" : " BC");
}

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

Text uuid_text(std::string_view bytes) {
  std::string text = hexadecimal(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

// arrayfuncs.c, array_out.
void put_element(std::string_view element, std::string& text) {
  const bool plain = !element.empty() && !equals_ignoring_case(element, "null") &&
                     std::none_of(element.begin(), element.end(), [](char c) {
                       return c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || is_ascii_space(c);
                     });
  if (plain) {
    text += element;
    return;
  }
  text += '"';
  for (const char c : element) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
}

class ArrayText {
 public:
  ArrayText(const PgEncoder& encoder, std::string_view bytes) : encoder_(encoder), bytes_(bytes) {}

  Text read() {
    constexpr std::size_t header = 12;
    if (bytes_.size() < header) return std::nullopt;
    const auto dimensions = big_endian<std::uint32_t>(bytes_);
    bytes_.remove_prefix(header);
    if (dimensions == 0) return "{}";
    if (bytes_.size() < 8 * std::size_t{dimensions}) return std::nullopt;
    std::string bounds;
    bool shifted = false;
    for (std::uint32_t i = 0; i < dimensions; ++i) {
      sizes_.push_back(big_endian<std::int32_t>(bytes_));
      const auto lower = big_endian<std::int32_t>(bytes_.substr(4));
      shifted = shifted || lower != 1;
      bounds += fmt::format("[{}:{}]", lower, lower + sizes_.back() - 1);
      bytes_.remove_prefix(8);
    }
    if (shifted) text_ = bounds + "=";
    if (!put_level(0) || !bytes_.empty()) return std::nullopt;
    return std::move(text_);
  }

 private:
  bool put_level(std::size_t level) {
    text_ += '{';
    for (std::int32_t i = 0; i < sizes_[level]; ++i) {
      if (i > 0) text_ += ',';
      if (!(level + 1 < sizes_.size() ? put_level(level + 1) : put_next())) return false;
    }
    text_ += '}';
    return true;
  }

  bool put_next() {
    if (bytes_.size() < 4) return false;
    const auto size = big_endian<std::int32_t>(bytes_);
    bytes_.remove_prefix(4);
    if (size < 0) {
      text_ += "NULL";
      return true;
    }
    if (bytes_.size() < static_cast<std::size_t>(size)) return false;
    const Text element = value_text(*encoder_.element, bytes_.substr(0, static_cast<std::size_t>(size)));
    bytes_.remove_prefix(static_cast<std::size_t>(size));
    if (element) put_element(*element, text_);
    return element.has_value();
  }

  const PgEncoder& encoder_;
  std::string_view bytes_;
  std::vector<std::int32_t> sizes_;
  std::string text_;
};

// The bytes of a value of one size; 0: any.
std::size_t fixed_bytes(PgCodec codec) {
  switch (codec) {
    case PgCodec::boolean: return 1;
    case PgCodec::int2: return 2;
    case PgCodec::int4:
    case PgCodec::float4:
    case PgCodec::date: return 4;
    case PgCodec::int8:
    case PgCodec::float8:
    case PgCodec::time:
    case PgCodec::timestamp:
    case PgCodec::timestamptz: return 8;
    case PgCodec::uuid: return 16;
    default: return 0;
  }
}

}  // namespace

bool has_value_text(const PgEncoder& encoder) {
  switch (encoder.codec) {
    case PgCodec::array: return has_value_text(*encoder.element);
    case PgCodec::none:
    case PgCodec::timetz:
    case PgCodec::interval:
    case PgCodec::inet:
    case PgCodec::cidr: return false;
    default: return true;
  }
}

std::optional<std::string> value_text(const PgEncoder& encoder, std::string_view bytes) {
  const std::size_t fixed = fixed_bytes(encoder.codec);
  if (fixed != 0 && bytes.size() != fixed) return std::nullopt;
  switch (encoder.codec) {
    case PgCodec::boolean: return bytes.front() != 0 ? "t" : "f";
    case PgCodec::int2: return fmt::format("{}", big_endian<std::int16_t>(bytes));
    case PgCodec::int4: return fmt::format("{}", big_endian<std::int32_t>(bytes));
    case PgCodec::int8: return fmt::format("{}", big_endian<std::int64_t>(bytes));
    case PgCodec::float4: return float_text(std::bit_cast<float>(big_endian<std::uint32_t>(bytes)));
    case PgCodec::float8: return float_text(std::bit_cast<double>(big_endian<std::uint64_t>(bytes)));
    case PgCodec::numeric: return numeric_text(bytes);
    case PgCodec::bytea: return "\\x" + hexadecimal(bytes);
    case PgCodec::date: return date_text(big_endian<std::int32_t>(bytes));
    case PgCodec::time: return time_text(big_endian<std::int64_t>(bytes));
    case PgCodec::timestamp: return moment_text(big_endian<std::int64_t>(bytes), "");
    case PgCodec::timestamptz: return moment_text(big_endian<std::int64_t>(bytes), "+00");
    case PgCodec::uuid: return uuid_text(bytes);
    case PgCodec::jsonb: return std::string(bytes.substr(std::min<std::size_t>(1, bytes.size())));  // its version
    case PgCodec::array: return ArrayText(encoder, bytes).read();
    case PgCodec::text:
    case PgCodec::varchar:
    case PgCodec::bpchar:
    case PgCodec::name:
    case PgCodec::json:
    case PgCodec::enumeration: return std::string(bytes);
    default: return std::nullopt;
  }
}

}  // namespace baton
