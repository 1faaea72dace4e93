#include "postgres/value_codec.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <string_view>

namespace baton {
namespace {

struct BuiltIn {
  std::uint32_t type;
  PgCodec codec;
  std::string_view name;
};

// OIDs of src/include/catalog/pg_type.dat, which never change.
constexpr std::array built_in = {
    BuiltIn{16, PgCodec::boolean, "boolean"},
    BuiltIn{17, PgCodec::bytea, "bytea"},
    BuiltIn{19, PgCodec::name, "name"},
    BuiltIn{20, PgCodec::int8, "bigint"},
    BuiltIn{21, PgCodec::int2, "smallint"},
    BuiltIn{23, PgCodec::int4, "integer"},
    BuiltIn{25, PgCodec::text, "text"},
    BuiltIn{114, PgCodec::json, "json"},
    BuiltIn{650, PgCodec::cidr, "cidr"},
    BuiltIn{700, PgCodec::float4, "real"},
    BuiltIn{701, PgCodec::float8, "double precision"},
    BuiltIn{869, PgCodec::inet, "inet"},
    BuiltIn{1042, PgCodec::bpchar, "character"},
    BuiltIn{1043, PgCodec::varchar, "character varying"},
    BuiltIn{1082, PgCodec::date, "date"},
    BuiltIn{1083, PgCodec::time, "time without time zone"},
    BuiltIn{1114, PgCodec::timestamp, "timestamp without time zone"},
    BuiltIn{1184, PgCodec::timestamptz, "timestamp with time zone"},
    BuiltIn{1186, PgCodec::interval, "interval"},
    BuiltIn{1266, PgCodec::timetz, "time with time zone"},
    BuiltIn{1700, PgCodec::numeric, "numeric"},
    BuiltIn{2950, PgCodec::uuid, "uuid"},
    BuiltIn{3802, PgCodec::jsonb, "jsonb"},
};

constexpr std::int32_t header_bytes = 4;  // VARHDRSZ, which type modifiers of varchar and numeric include

}  // namespace

PgEncoder pg_encoder(std::uint32_t type, std::int32_t modifier) {
  PgEncoder encoder;
  const auto* const found =
      std::find_if(built_in.begin(), built_in.end(), [&](const BuiltIn& one) { return one.type == type; });
  if (found == built_in.end()) return encoder;
  encoder.codec = found->codec;
  encoder.type = found->name;
  encoder.empty_is_text = found->codec == PgCodec::text || found->codec == PgCodec::varchar ||
                          found->codec == PgCodec::bpchar || found->codec == PgCodec::name;
  if (modifier < header_bytes) return encoder;
  const std::int32_t bits = modifier - header_bytes;
  if (encoder.codec == PgCodec::varchar || encoder.codec == PgCodec::bpchar) {
    encoder.length = bits;
    encoder.type = fmt::format("{}({})", encoder.type, bits);
  } else if (encoder.codec == PgCodec::numeric) {
    // numeric.c, make_numeric_typmod: the scale has 11 bits and a sign.
    encoder.precision = (bits >> 16) & 0xFFFF;
    encoder.scale = ((bits & 0x7FF) ^ 1024) - 1024;
    encoder.type = fmt::format("{}({},{})", encoder.type, encoder.precision, encoder.scale);
  }
  return encoder;
}

bool is_built_in(std::uint32_t type) {
  return std::any_of(built_in.begin(), built_in.end(), [&](const BuiltIn& one) { return one.type == type; });
}

std::string expectation(const PgEncoder& encoder) {
  switch (encoder.codec) {
    case PgCodec::boolean: return "true or false, also t, f, yes, no, on, off, 1, 0";
    case PgCodec::int2: return "a whole number from -32768 to 32767";
    case PgCodec::int4: return "a whole number from -2147483648 to 2147483647";
    case PgCodec::int8: return "a whole number of at most 64 bits";
    case PgCodec::float4:
    case PgCodec::float8: return "a number, NaN, Infinity or -Infinity";
    case PgCodec::numeric:
      if (encoder.precision == 0) return "a decimal number, NaN, Infinity or -Infinity";
      return fmt::format("a decimal number with at most {} digits before the point, or NaN",
                         std::max(0, encoder.precision - encoder.scale));
    case PgCodec::varchar:
    case PgCodec::bpchar: return fmt::format("at most {} characters", encoder.length);
    case PgCodec::name: return "at most 63 bytes";
    case PgCodec::bytea: return "\\x and pairs of hexadecimal digits";
    case PgCodec::date: return "a date YYYY-MM-DD of the calendar";
    case PgCodec::time: return "a time HH:MM:SS";
    case PgCodec::timetz: return "a time HH:MM:SS with an offset such as Z or +02:00";
    case PgCodec::timestamp: return "YYYY-MM-DD HH:MM:SS";
    case PgCodec::timestamptz: return "YYYY-MM-DD HH:MM:SS with an offset such as Z or +02:00";
    case PgCodec::interval: return "an interval such as P1Y2M3DT4H5M6S or 1 day 02:03:04";
    case PgCodec::uuid: return "a UUID of 32 hexadecimal digits";
    case PgCodec::json:
    case PgCodec::jsonb: return "valid JSON";
    case PgCodec::inet: return "an IPv4 or IPv6 address, with or without /bits";
    case PgCodec::cidr: return "an IPv4 or IPv6 network such as 10.0.0.0/8, without bits behind the mask";
    case PgCodec::enumeration: {
      constexpr std::size_t most_shown = 20;
      const auto shown = static_cast<std::ptrdiff_t>(std::min(most_shown, encoder.labels.size()));
      return fmt::format("one of {}{}", fmt::join(encoder.labels.begin(), encoder.labels.begin() + shown, ", "),
                         encoder.labels.size() > most_shown ? ", …" : "");
    }
    case PgCodec::array:
      return fmt::format("an array {{a,b}} or [a, b], each element {}", expectation(*encoder.element));
    default: return "text";
  }
}

}  // namespace baton
