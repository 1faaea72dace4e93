// Values of the job repository's rows: times and texts.
#pragma once

#include "base/clock.h"
#include "postgres/connection.h"

#include <optional>
#include <string>
#include <string_view>

namespace baton {

// The repository's clock is the server's (P17). Tests put another in its place.
struct PgRepositoryClock {
  const Clock* instead = nullptr;

  WallTime at(WallTime server_time) const { return instead == nullptr ? server_time : instead->wall_now(); }
};

// As a parameter that is a timestamptz: "2024-01-15 10:00:00.123456+00".
std::string timestamp_text(WallTime time);
std::optional<std::string> timestamp_text(const std::optional<WallTime>& time);

// SQL: microseconds since 1970 of a timestamptz, or of the digits of a timestamp.
std::string micros_of(std::string_view expression);
// SQL: the time that clocks in `zone` show then, for a column of Spring Batch's.
std::string local_time_of(std::string_view expression, const std::string& zone);

// The value of micros_of; empty for NULL.
std::optional<WallTime> wall_time_at(const PgResult& result, int row, int column);

// What a column of so many characters takes of `text`: cut after a whole character; bytes that are no characters, and
// NUL, which PostgreSQL has none of, are written as \xNN, characters that the encoding lacks as it writes them.
std::string storable_text(std::string_view text, std::size_t characters, const PgServerEncoding& encoding);

}  // namespace baton
