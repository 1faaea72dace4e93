#include "postgres/declared_type.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

struct KindOid {
  TypeKind kind;
  std::uint32_t type;
};

constexpr std::array oids = {
    KindOid{TypeKind::boolean, 16},     KindOid{TypeKind::smallint, 21},    KindOid{TypeKind::integer, 23},
    KindOid{TypeKind::bigint, 20},      KindOid{TypeKind::real, 700},       KindOid{TypeKind::double_precision, 701},
    KindOid{TypeKind::numeric, 1700},   KindOid{TypeKind::text, 25},        KindOid{TypeKind::varchar, 1043},
    KindOid{TypeKind::character, 1042}, KindOid{TypeKind::bytea, 17},       KindOid{TypeKind::date, 1082},
    KindOid{TypeKind::time, 1083},      KindOid{TypeKind::timestamp, 1114}, KindOid{TypeKind::timestamptz, 1184},
    KindOid{TypeKind::uuid, 2950},      KindOid{TypeKind::json, 114},       KindOid{TypeKind::jsonb, 3802},
};

constexpr std::int32_t header_bytes = 4;  // VARHDRSZ

std::int32_t modifier_of(const ColumnType& type) {
  if (type.kind == TypeKind::character) return header_bytes + std::max(1, type.length);
  if (type.length > 0) return header_bytes + type.length;
  if (type.precision > 0) return header_bytes + ((type.precision << 16) | type.scale);
  return -1;
}

bool is_any(PgCodec codec, std::initializer_list<PgCodec> codecs) {
  return std::find(codecs.begin(), codecs.end(), codec) != codecs.end();
}

}  // namespace

PgEncoder encoder_of(const ColumnType& type) {
  const auto* const found =
      std::find_if(oids.begin(), oids.end(), [&](const KindOid& one) { return one.kind == type.kind; });
  PgEncoder encoder = pg_encoder(found == oids.end() ? 25 : found->type, modifier_of(type));
  encoder.type = to_text(type);
  return encoder;
}

bool can_hold(const PgEncoder& column, const ColumnType& declared) {
  const PgCodec codec = column.codec;
  if (is_any(codec, {PgCodec::none, PgCodec::text, PgCodec::varchar, PgCodec::bpchar, PgCodec::name})) return true;
  if (codec == encoder_of(declared).codec) return true;
  switch (declared.kind) {
    case TypeKind::smallint:
      return is_any(codec, {PgCodec::int4, PgCodec::int8, PgCodec::numeric, PgCodec::float4, PgCodec::float8});
    case TypeKind::integer: return is_any(codec, {PgCodec::int8, PgCodec::numeric, PgCodec::float8});
    case TypeKind::bigint: return codec == PgCodec::numeric;
    case TypeKind::real: return codec == PgCodec::float8;
    case TypeKind::date: return codec == PgCodec::timestamp;
    case TypeKind::json:
    case TypeKind::jsonb: return is_any(codec, {PgCodec::json, PgCodec::jsonb});
    case TypeKind::text:
    case TypeKind::varchar:
      // Types that no configuration can name.
      return is_any(codec, {PgCodec::enumeration, PgCodec::array, PgCodec::inet, PgCodec::cidr, PgCodec::interval,
                            PgCodec::timetz});
    default: return false;
  }
}

std::optional<PgEncoder> check_of(const PgEncoder& column, const ColumnType& declared) {
  PgEncoder check = encoder_of(declared);
  if (check.codec == PgCodec::text) return std::nullopt;
  const bool same = check.codec == column.codec && check.length == column.length &&
                    check.precision == column.precision && check.scale == column.scale;
  return same ? std::nullopt : std::optional(std::move(check));
}

}  // namespace baton
