// Types that a configuration declares, in PostgreSQL.
#pragma once

#include "data/column_type.h"
#include "postgres/value_codec.h"

#include <optional>

namespace baton {

// Of a column that is made with this type. A char without a length is char(1), as in SQL.
PgEncoder encoder_of(const ColumnType& type);

// Whether a column of an existing table can hold what the configuration declares.
bool can_hold(const PgEncoder& column, const ColumnType& declared);

// How values are checked against the declared type before they are encoded for the column; empty where the column's
// own encoder does it.
std::optional<PgEncoder> check_of(const PgEncoder& column, const ColumnType& declared);

}  // namespace baton
