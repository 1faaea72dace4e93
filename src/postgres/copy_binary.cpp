#include "postgres/copy_binary.h"

#include "base/ascii_text.h"
#include "data/value_check.h"
#include "postgres/array_binary.h"
#include "postgres/inet_binary.h"
#include "postgres/interval_binary.h"
#include "postgres/numeric_binary.h"
#include "postgres/time_binary.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace baton {
namespace {

constexpr std::size_t most_fixed_bytes = 64;  // no value of a fixed size needs more, with its length
constexpr std::size_t most_name_bytes = 63;   // NAMEDATALEN - 1
constexpr std::uint8_t jsonb_version = 1;

void put_text(std::string_view text, CopyBuffer& out) {
  out.put32(static_cast<std::uint32_t>(text.size()));
  out.put_bytes(text);
}

ValueRefusal encode_text(std::string_view text, CopyBuffer& out) {
  if (!text.empty() && std::memchr(text.data(), '\0', text.size()) != nullptr) return ValueRefusal::nul_byte;
  put_text(text, out);
  return ValueRefusal::none;
}

ValueRefusal encode_limited(const PgEncoder& encoder, std::string_view text, CopyBuffer& out) {
  const auto fitting = fit_length(text, encoder.length);
  return fitting ? encode_text(*fitting, out) : ValueRefusal::range;
}

template <class Integer>
void put_integer(Integer value, CopyBuffer& out) {
  out.put32(sizeof value);
  if constexpr (sizeof value == 2) out.put16(static_cast<std::uint16_t>(value));
  if constexpr (sizeof value == 4) out.put32(static_cast<std::uint32_t>(value));
  if constexpr (sizeof value == 8) out.put64(static_cast<std::uint64_t>(value));
}

// [-]digits that cannot overflow, which is nearly every integer. False leaves it to the careful way.
template <class Integer>
bool encode_short_integer(std::string_view text, CopyBuffer& out) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > static_cast<std::size_t>(std::numeric_limits<Integer>::digits10)) return false;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  put_integer(static_cast<Integer>(negative ? -value : value), out);
  return true;
}

template <class Integer>
ValueRefusal encode_integer(std::string_view text, CopyBuffer& out) {
  if (encode_short_integer<Integer>(text, out)) return ValueRefusal::none;
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '+') {
    digits.remove_prefix(1);
    if (!digits.empty() && digits.front() == '-') return ValueRefusal::syntax;
  }
  Integer value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    if (!scan_decimal(text)) return ValueRefusal::syntax;
    return text.find_first_of(".eE") == text.npos ? ValueRefusal::range : ValueRefusal::fraction;
  }
  put_integer(value, out);
  return ValueRefusal::none;
}

ValueRefusal encode_boolean(std::string_view text, CopyBuffer& out) {
  const auto value = parse_boolean(text);
  if (!value) return ValueRefusal::syntax;
  out.put32(1);
  out.put8(*value ? 1 : 0);
  return ValueRefusal::none;
}

// NaN, Infinity and inf with or without a sign.
template <class Float>
bool read_special_float(std::string_view text, Float& value) {
  const bool is_signed = !text.empty() && (text.front() == '-' || text.front() == '+');
  const bool negative = is_signed && text.front() == '-';
  if (is_signed) text.remove_prefix(1);
  if (!is_signed && equals_ignoring_case(text, "nan")) {
    value = std::numeric_limits<Float>::quiet_NaN();
    return true;
  }
  if (!equals_ignoring_case(text, "infinity") && !equals_ignoring_case(text, "inf")) return false;
  value = negative ? -std::numeric_limits<Float>::infinity() : std::numeric_limits<Float>::infinity();
  return true;
}

template <class Float>
ValueRefusal encode_float(std::string_view text, CopyBuffer& out) {
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
  Float value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool read = error == std::errc() && end == digits.data() + digits.size() && std::isfinite(value) &&
                    (digits.size() == text.size() || digits.front() != '-');
  if (!read && !read_special_float(text, value)) {
    return scan_decimal(text) ? ValueRefusal::range : ValueRefusal::syntax;
  }
  out.put32(sizeof value);
  if constexpr (sizeof value == 4) {
    out.put32(std::bit_cast<std::uint32_t>(value));
  } else {
    out.put64(std::bit_cast<std::uint64_t>(value));
  }
  return ValueRefusal::none;
}

ValueRefusal encode_bytea(std::string_view text, CopyBuffer& out) {
  if (text.size() < 2 || text.size() % 2 != 0 || text[0] != '\\' || text[1] != 'x') return ValueRefusal::syntax;
  out.put32(static_cast<std::uint32_t>(text.size() / 2 - 1));
  for (std::size_t i = 2; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return ValueRefusal::syntax;
    out.put8(static_cast<std::uint8_t>(high * 16 + low));
  }
  return ValueRefusal::none;
}

// uuid.c, string_to_uuid: in braces or not, a hyphen after any group of four digits or none.
ValueRefusal encode_uuid(std::string_view text, CopyBuffer& out) {
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  constexpr std::size_t bytes = 16;
  out.put32(bytes);
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    if (at + 2 > text.size()) return ValueRefusal::syntax;
    const int high = hex_digit(text[at]);
    const int low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) return ValueRefusal::syntax;
    out.put8(static_cast<std::uint8_t>(high * 16 + low));
    at += 2;
    if (i % 2 == 1 && i + 1 < bytes && at < text.size() && text[at] == '-') ++at;
  }
  return at == text.size() ? ValueRefusal::none : ValueRefusal::syntax;
}

ValueRefusal encode_json(const PgEncoder& encoder, FieldKind kind, std::string_view text, CopyBuffer& out) {
  if (kind == FieldKind::text && !is_json(text)) return ValueRefusal::syntax;
  if (encoder.codec == PgCodec::json) return encode_text(text, out);
  out.put32(static_cast<std::uint32_t>(text.size() + 1));
  out.put8(jsonb_version);
  out.put_bytes(text);
  return ValueRefusal::none;
}

ValueRefusal encode_label(const PgEncoder& encoder, std::string_view text, CopyBuffer& out) {
  if (!std::binary_search(encoder.labels.begin(), encoder.labels.end(), text)) return ValueRefusal::label;
  put_text(text, out);
  return ValueRefusal::none;
}

// JSON's own kinds go only where they mean the same: true is no integer, an object is text or JSON, an array is also
// an array.
bool kind_fits(FieldKind kind, PgCodec codec) {
  if (kind == FieldKind::text || kind == FieldKind::number) return true;
  switch (codec) {
    case PgCodec::text:
    case PgCodec::varchar:
    case PgCodec::bpchar:
    case PgCodec::name:
    case PgCodec::json:
    case PgCodec::jsonb:
    case PgCodec::none: return true;
    case PgCodec::boolean: return kind == FieldKind::boolean;
    case PgCodec::array: return kind == FieldKind::json;
    default: return false;
  }
}

}  // namespace

std::string_view copy_binary_header() {
  constexpr std::string_view header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  return header;
}

std::string_view copy_binary_trailer() { return "\377\377"; }

ValueRefusal encode_value(const PgEncoder& encoder, FieldKind kind, std::string_view text, CopyBuffer& out) {
  if (kind != FieldKind::text && !kind_fits(kind, encoder.codec)) return ValueRefusal::structure;
  out.reserve(most_fixed_bytes + text.size());
  switch (encoder.codec) {
    case PgCodec::boolean: return encode_boolean(text, out);
    case PgCodec::int2: return encode_integer<std::int16_t>(text, out);
    case PgCodec::int4: return encode_integer<std::int32_t>(text, out);
    case PgCodec::int8: return encode_integer<std::int64_t>(text, out);
    case PgCodec::float4: return encode_float<float>(text, out);
    case PgCodec::float8: return encode_float<double>(text, out);
    case PgCodec::numeric: return encode_numeric(text, encoder.precision, encoder.scale, out);
    case PgCodec::varchar:
    case PgCodec::bpchar: return encode_limited(encoder, text, out);
    case PgCodec::name: return text.size() <= most_name_bytes ? encode_text(text, out) : ValueRefusal::range;
    case PgCodec::bytea: return encode_bytea(text, out);
    case PgCodec::date: return encode_date(text, out);
    case PgCodec::time: return encode_time(text, out);
    case PgCodec::timetz: return encode_timetz(text, out);
    case PgCodec::timestamp: return encode_timestamp(text, out);
    case PgCodec::timestamptz: return encode_timestamptz(text, out);
    case PgCodec::interval: return encode_interval(text, out);
    case PgCodec::uuid: return encode_uuid(text, out);
    case PgCodec::json:
    case PgCodec::jsonb: return encode_json(encoder, kind, text, out);
    case PgCodec::inet: return encode_inet(text, out);
    case PgCodec::cidr: return encode_cidr(text, out);
    case PgCodec::enumeration: return encode_label(encoder, text, out);
    case PgCodec::array: return encode_array(encoder, kind, text, out);
    case PgCodec::text:
    case PgCodec::none: break;
  }
  return encode_text(text, out);
}

}  // namespace baton
