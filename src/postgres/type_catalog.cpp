#include "postgres/type_catalog.h"

#include <fmt/format.h>
#include <algorithm>
#include <memory>

namespace baton {
namespace {

// The columns' types, the base types of domains and the elements of arrays.
std::string needed_types(std::uint32_t table) {
  return fmt::format(
      "WITH RECURSIVE needed(type) AS (SELECT atttypid FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attnum > 0 "
      "AND NOT attisdropped UNION SELECT part FROM needed JOIN pg_catalog.pg_type ON oid = type, "
      "LATERAL (VALUES (typbasetype), (typelem)) parts(part) WHERE part <> 0) ",
      table);
}

}  // namespace

Result<PgTypeCatalog> PgTypeCatalog::of_table(PgConnection& connection, std::uint32_t table) {
  PgTypeCatalog catalog;
  BATON_TRY(
      const PgResult types,
      connection.query(needed_types(table) + "SELECT t.oid, t.typtype, t.typcategory, t.typbasetype, t.typtypmod, "
                                             "CASE WHEN e.typarray = t.oid THEN t.typelem ELSE 0 END FROM needed "
                                             "JOIN pg_catalog.pg_type t ON t.oid = type "
                                             "LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem"));
  bool has_enums = false;
  for (int row = 0; row < types.rows(); ++row) {
    Type& type = catalog.types_[static_cast<std::uint32_t>(types.integer(row, 0))];
    type.kind = types.view(row, 1).front();
    type.category = types.view(row, 2).front();
    type.base = static_cast<std::uint32_t>(types.integer(row, 3));
    type.base_modifier = static_cast<std::int32_t>(types.integer(row, 4));
    type.element = static_cast<std::uint32_t>(types.integer(row, 5));
    has_enums = has_enums || type.kind == 'e';
  }
  if (!has_enums) return catalog;
  BATON_TRY(const PgResult labels,
            connection.query(needed_types(table) +
                             "SELECT enumtypid, enumlabel FROM needed JOIN pg_catalog.pg_enum ON enumtypid = type"));
  for (int row = 0; row < labels.rows(); ++row) {
    catalog.types_[static_cast<std::uint32_t>(labels.integer(row, 0))].labels.push_back(labels.text(row, 1));
  }
  for (auto& [oid, type] : catalog.types_) std::sort(type.labels.begin(), type.labels.end());
  return catalog;
}

PgEncoder PgTypeCatalog::encoder(std::uint32_t oid, std::int32_t modifier) const {
  const auto found = types_.find(oid);
  if (found == types_.end()) return {};
  const Type& type = found->second;
  if (type.kind == 'd') return encoder(type.base, type.base_modifier);
  PgEncoder made;
  if (type.kind == 'e') {
    made.codec = PgCodec::enumeration;
    made.labels = type.labels;
  } else if (type.element != 0) {
    PgEncoder element = encoder(type.element, modifier);
    if (element.codec == PgCodec::none || element.codec == PgCodec::array) return {};
    made.codec = PgCodec::array;
    made.element_type = type.element;
    made.element = std::make_shared<const PgEncoder>(std::move(element));
  } else {
    made = pg_encoder(oid, modifier);
    constexpr char strings = 'S';
    made.empty_is_text = made.empty_is_text || (made.codec == PgCodec::none && type.category == strings);
  }
  return made;
}

}  // namespace baton
