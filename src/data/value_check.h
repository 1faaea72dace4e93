// Is this text a value of that type? PostgreSQL's syntax, without locale, and the whole text must be the value: no
// spaces around it. Nothing here allocates unless it returns a string.
#pragma once

#include "data/column_type.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

// [+-]digits that fit 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Whether the value fits smallint, integer or bigint.
bool in_range(TypeKind kind, std::int64_t value);

// true, false, t, f, yes, no, y, n, on, off, 1, 0 in any case.
std::optional<bool> parse_boolean(std::string_view text);

// A finite number, with or without exponent. Empty also where it is beyond a double's range.
std::optional<double> parse_double(std::string_view text);

// False for a finite double that a 4-byte float cannot hold.
bool fits_real(double value);

// A decimal number as it is written: [+-]digits[.digits][e[+-]digits].
struct Decimal {
  bool negative = false;
  bool has_exponent = false;   // the counts below are those of the text before the exponent
  int whole_digits = 0;        // before the point, without leading zeros
  int decimals = 0;            // after the point, trailing zeros included
  int digits = 0;              // of the mantissa, without leading zeros
  std::uint64_t mantissa = 0;  // all digits without the point; only where digits <= 18
};

std::optional<Decimal> scan_decimal(std::string_view text);

// The value without an exponent, rounded half away from zero to `scale` decimals where it has more (`scale` < 0: never
// rounded). Empty where the exponent is beyond ±1000. REQUIRES: scan_decimal accepts the text.
std::optional<std::string> plain_decimal(std::string_view text, int scale);

// YYYY-MM-DD, in the Gregorian calendar, years 0001 to 9999.
bool is_date(std::string_view text);
// HH:MM[:SS[.fraction of 1 to 9 digits]], up to 24:00:00.
bool is_time(std::string_view text);

enum class ZoneOffset { allowed, required };
// A date, then T or a space, then a time, then Z or ±HH[[:]MM]. Where the offset is not required, a date alone is one.
bool is_timestamp(std::string_view text, ZoneOffset offset);

// 8-4-4-4-12 hexadecimal digits in any case.
bool is_uuid(std::string_view text);

// RFC 8259, by its grammar alone: a number may be larger than any double, and \ud800 may stand alone.
bool is_json(std::string_view text);

// \x and an even number of hexadecimal digits → the bytes.
std::optional<std::string> parse_bytea(std::string_view text);

// The text cut to what varchar(length) may hold: only spaces are cut off (SQL's rule), and nothing where it fits.
// Empty where it is longer. Lengths count characters of UTF-8.
std::optional<std::string_view> fit_length(std::string_view text, int length);

}  // namespace baton
