#include "postgres/row_values.h"

#include "base/utf8.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {

std::string timestamp_text(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<std::string> timestamp_text(const std::optional<WallTime>& time) {
  return time ? std::optional(timestamp_text(*time)) : std::nullopt;
}

std::string micros_of(std::string_view expression) {
  return fmt::format("(extract(epoch FROM {}) * 1000000)::bigint", expression);
}

std::string local_time_of(std::string_view expression, const std::string& zone) {
  return fmt::format("timezone({}, ({})::timestamptz)", PgConnection::quoted_text(zone), expression);
}

std::optional<WallTime> wall_time_at(const PgResult& result, int row, int column) {
  if (result.is_null(row, column)) return std::nullopt;
  return WallTime(std::chrono::microseconds(result.integer(row, column)));
}

std::string storable_text(std::string_view text, std::size_t characters, const PgServerEncoding& encoding) {
  std::string stored;
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t bytes = text.front() == '\0' ? 0 : utf8_character_bytes(text);
    const std::string_view character = text.substr(0, bytes);
    const std::string more =
        bytes == 0 ? fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front())) : encoding.stored(character);
    count += more == character ? 1 : more.size();
    if (count > characters) break;
    stored += more;
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return stored;
}

}  // namespace baton
