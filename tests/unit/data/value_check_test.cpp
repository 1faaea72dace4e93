#include "data/value_check.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(ValueCheck, IntegersAreTheWholeTextAndFit64Bits) {
  EXPECT_EQ(parse_integer("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_integer("+7"), 7);
  EXPECT_EQ(parse_integer("007"), 7);
  for (const char* text : {"", "+", "-", "+-1", "1 ", " 1", "1.0", "1e3", "0x1", "9223372036854775808"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
}

TEST(ValueCheck, IntegerRangesAreThoseOfTheType) {
  EXPECT_TRUE(in_range(TypeKind::smallint, -32768));
  EXPECT_FALSE(in_range(TypeKind::smallint, 32768));
  EXPECT_TRUE(in_range(TypeKind::integer, 2147483647));
  EXPECT_FALSE(in_range(TypeKind::integer, -2147483649));
  EXPECT_TRUE(in_range(TypeKind::bigint, INT64_MAX));
}

TEST(ValueCheck, BooleansAreThoseOfPostgresql) {
  for (const char* text : {"true", "T", "Yes", "y", "ON", "1"}) EXPECT_EQ(parse_boolean(text), true) << text;
  for (const char* text : {"False", "f", "NO", "n", "off", "0"}) EXPECT_EQ(parse_boolean(text), false) << text;
  for (const char* text : {"", "2", "tru", "yess", "oui", " 1"}) EXPECT_FALSE(parse_boolean(text)) << text;
}

TEST(ValueCheck, DoublesAreFinite) {
  EXPECT_EQ(parse_double("+1.5e3"), 1500.0);
  EXPECT_EQ(parse_double(".5"), 0.5);
  for (const char* text : {"", "nan", "inf", "-Infinity", "1e999", "1,5", "1.5 ", "1f", "+-1"}) {
    EXPECT_FALSE(parse_double(text)) << text;
  }
  EXPECT_TRUE(fits_real(3.4e38));
  EXPECT_FALSE(fits_real(-3.5e38));
}

TEST(ValueCheck, DecimalsAreCounted) {
  const auto decimal = scan_decimal("-0012.340");
  ASSERT_TRUE(decimal);
  EXPECT_TRUE(decimal->negative);
  EXPECT_EQ(decimal->whole_digits, 2);
  EXPECT_EQ(decimal->decimals, 3);
  EXPECT_EQ(decimal->digits, 5);
  EXPECT_EQ(decimal->mantissa, 12'340U);
  EXPECT_EQ(scan_decimal("0.05")->whole_digits, 0);
  EXPECT_TRUE(scan_decimal("1e-5")->has_exponent);
  for (const char* text : {"", "-", ".", "1.2.3", "1e", "1e+", "1e5x", "NaN", "1_000", "1,5"}) {
    EXPECT_FALSE(scan_decimal(text)) << text;
  }
}

TEST(ValueCheck, PlainDecimalsAreRoundedHalfAwayFromZero) {
  EXPECT_EQ(plain_decimal("1.005", 2), "1.01");
  EXPECT_EQ(plain_decimal("-1.005", 2), "-1.01");
  EXPECT_EQ(plain_decimal("1.004", 2), "1.00");
  EXPECT_EQ(plain_decimal("9.995", 2), "10.00");
  EXPECT_EQ(plain_decimal("0.5", 0), "1");
  EXPECT_EQ(plain_decimal("-0.4", 0), "0");
  EXPECT_EQ(plain_decimal("12.3", 5), "12.3");
  EXPECT_EQ(plain_decimal("+.5", 1), "0.5");
  EXPECT_EQ(plain_decimal("1.25e1", -1), "12.5");
  EXPECT_EQ(plain_decimal("1.5e3", -1), "1500");
  EXPECT_EQ(plain_decimal("15e-3", 2), "0.02");
  EXPECT_FALSE(plain_decimal("1e100000", 2));
}

TEST(ValueCheck, DatesAreOfTheCalendar) {
  for (const char* text : {"1996-03-13", "2000-02-29", "2024-02-29", "0001-01-01", "9999-12-31"}) {
    EXPECT_TRUE(is_date(text)) << text;
  }
  for (const char* text : {"", "1900-02-29", "2023-02-29", "2024-04-31", "2024-13-01", "2024-00-10", "2024-1-1",
                           "24-01-01", "0000-01-01", "2024/01/01", "2024-01-01 ", "2024-01-0a"}) {
    EXPECT_FALSE(is_date(text)) << text;
  }
}

TEST(ValueCheck, TimesMayHaveSecondsAndAFraction) {
  for (const char* text : {"00:00", "23:59:59", "12:30:15.123456", "24:00:00"}) EXPECT_TRUE(is_time(text)) << text;
  for (const char* text : {"", "24:00:01", "24:00:00.1", "12:60", "12:30:60", "1:30", "12:30:", "12:30:15.", "12.30",
                           "12:30:15.1234567890"}) {
    EXPECT_FALSE(is_time(text)) << text;
  }
}

TEST(ValueCheck, TimestampsMayHaveAnOffset) {
  for (const char* text : {"2024-01-31", "2024-01-31 10:00", "2024-01-31T10:00:00.5"}) {
    EXPECT_TRUE(is_timestamp(text, ZoneOffset::allowed)) << text;
    EXPECT_FALSE(is_timestamp(text, ZoneOffset::required)) << text;
  }
  for (const char* text :
       {"2024-01-31T10:00:00Z", "2024-01-31 10:00:00+02", "2024-01-31 10:00-05:30", "2024-01-31 10:00:00.123+0200"}) {
    EXPECT_TRUE(is_timestamp(text, ZoneOffset::allowed)) << text;
    EXPECT_TRUE(is_timestamp(text, ZoneOffset::required)) << text;
  }
  for (const char* text : {"", "2024-01-31 ", "2024-01-31X10:00", "2024-01-31 10:00:00+", "2024-01-31 10:00:00+2",
                           "2024-01-31 10:00:00 Z", "2024-01-31 10:00:00+16", "2024-02-30 10:00:00Z"}) {
    EXPECT_FALSE(is_timestamp(text, ZoneOffset::allowed)) << text;
  }
}

TEST(ValueCheck, UuidsHaveTheCanonicalForm) {
  EXPECT_TRUE(is_uuid("123e4567-E89B-12d3-a456-426614174000"));
  for (const char* text : {"", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g",
                           "{123e4567-e89b-12d3-a456-426614174000}"}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

TEST(ValueCheck, JsonIsOneWholeValue) {
  for (const char* text : {"{\"a\":[1,2]}", "null", "\"x\"", " 1 ", "[]", " { } ", "[ [ ] , {} ]",
                           "{\"a\" : {\"b\":[true,false,null]} , \"\" : -0.5e+10}", "0", "-0", "10.01", "1E5", "1e-5",
                           R"("\"\\\/\b\f\n\r\t\u00e9")", "\t[1,\r\n2]", "\"\x7f\u00e9\""}) {
    EXPECT_TRUE(is_json(text)) << text;
  }
  for (const char* text : {"",
                           " ",
                           "{a:1}",
                           "{} {}",
                           "'x'",
                           "[",
                           "]",
                           "[1",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{1:2}",
                           "[}",
                           "{\"a\":1]",
                           "01",
                           "+1",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "-",
                           "--1",
                           "NaN",
                           "tru",
                           "nullx",
                           "\"",
                           "\"\\\"",
                           "\"\\x\"",
                           "\"\\U0041\"",
                           "\"\\u12g4\"",
                           "\"\\u12",
                           "\"a\tb\"",
                           "1,2",
                           "\xef\xbb\xbf"
                           "1"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
}

TEST(ValueCheck, JsonNumbersAndEscapesThatMeanNothingHereAreValid) {
  for (const char* text : {"1e400", "-1e-99999", "[1e999999999999]", R"("\ud800")", R"({"\udc00x": "\u0000"})"}) {
    EXPECT_TRUE(is_json(text)) << text;
  }
}

TEST(ValueCheck, JsonIsNestedAsDeepAsItLikes) {
  constexpr std::size_t depth = 1'000'000;
  EXPECT_TRUE(is_json(std::string(depth, '[') + std::string(depth, ']')));
  EXPECT_FALSE(is_json(std::string(depth, '[') + std::string(depth - 1, ']')));
}

TEST(ValueCheck, ByteaIsHexadecimal) {
  EXPECT_EQ(parse_bytea("\\x00fF"), std::string("\x00\xff", 2));
  EXPECT_EQ(parse_bytea("\\x"), "");
  for (const char* text : {"", "00ff", "\\x0", "\\x0g", "\\X00"}) EXPECT_FALSE(parse_bytea(text)) << text;
}

TEST(ValueCheck, LengthsCountCharactersAndOnlySpacesAreCutOff) {
  EXPECT_EQ(fit_length("äöü", 3), "äöü");
  EXPECT_EQ(fit_length("äöü  ", 3), "äöü");
  EXPECT_FALSE(fit_length("äöüx", 3));
  EXPECT_FALSE(fit_length("abc d", 3));
  EXPECT_EQ(fit_length("anything", 0), "anything");
}

}  // namespace
}  // namespace baton
