// The bytes of COPY BINARY, and where COPY says that a row failed.
#include "postgres/array_text.h"
#include "postgres/copy_binary.h"
#include "postgres/copy_rows.h"
#include "postgres/table_staging.h"
#include "postgres/text_copy.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>

namespace baton {
namespace {

constexpr std::uint32_t bool_type = 16;
constexpr std::uint32_t int8_type = 20;
constexpr std::uint32_t int4_type = 23;
constexpr std::uint32_t numeric_type = 1700;

// Hexadecimal, the length in front left out after it was checked; or how it was refused.
std::string bytes(const PgEncoder& encoder, std::string_view text) {
  CopyBuffer out;
  const ValueRefusal refusal = encode_value(encoder, FieldKind::text, text, out);
  if (refusal != ValueRefusal::none) return fmt::format("refused {}", static_cast<int>(refusal));
  std::string hex;
  std::size_t length = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out.view()[i]);
    if (i < 4) {
      length = length * 256 + byte;
    } else {
      hex += fmt::format("{:02x}", byte);
    }
  }
  EXPECT_EQ(length + 4, out.size()) << text;
  return hex;
}
std::string bytes(std::uint32_t type, std::string_view text, std::int32_t modifier = -1) {
  return bytes(pg_encoder(type, modifier), text);
}

TEST(CopyBinaryBytes, ScalarsAreBigEndian) {
  EXPECT_EQ(bytes(bool_type, "t"), "01");
  EXPECT_EQ(bytes(21, "-2"), "fffe");
  EXPECT_EQ(bytes(int4_type, "+258"), "00000102");
  EXPECT_EQ(bytes(int8_type, "-1"), "ffffffffffffffff");
  EXPECT_EQ(bytes(700, "1"), "3f800000");
  EXPECT_EQ(bytes(701, "-Infinity"), "fff0000000000000");
  EXPECT_EQ(bytes(25, "é"), "c3a9");
  EXPECT_EQ(bytes(17, "\\x00fF"), "00ff");
  EXPECT_EQ(bytes(3802, "{}"), "017b7d");
  EXPECT_EQ(bytes(1082, "1999-12-31"), "ffffffff");
  EXPECT_EQ(bytes(1083, "00:00:00.000001"), "0000000000000001");
  EXPECT_EQ(bytes(1114, "2000-01-01T00:00:01"), "00000000000f4240");
  EXPECT_EQ(bytes(1184, "2000-01-01 01:00:00+01"), "0000000000000000");
  EXPECT_EQ(bytes(1266, "00:00:00+01"), "0000000000000000fffff1f0");
  EXPECT_EQ(bytes(1186, "P1Y2DT1S"), "00000000000f4240000000020000000c");
  EXPECT_EQ(bytes(869, "10.0.0.1/8"), "020800040a000001");
  EXPECT_EQ(bytes(650, "10.0.0.0/8"), "020801040a000000");
}

TEST(CopyBinaryBytes, NumericsAreGroupedFromThePointOutwards) {
  EXPECT_EQ(bytes(numeric_type, "0"), "0000000000000000");
  EXPECT_EQ(bytes(numeric_type, "0.00"), "0000000000000002");
  EXPECT_EQ(bytes(numeric_type, "12345.67"),
            "0003000100000002"
            "000109291a2c");
  EXPECT_EQ(bytes(numeric_type, "-10000"),
            "0001000140000000"
            "0001");
  EXPECT_EQ(bytes(numeric_type, "0.00001"),
            "0001fffe00000005"
            "03e8");
  EXPECT_EQ(bytes(numeric_type, "1e4"),
            "0001000100000000"
            "0001");
  EXPECT_EQ(bytes(numeric_type, "NaN"), "00000000c0000000");
  EXPECT_EQ(bytes(numeric_type, "-inf"), "00000000f0000000");
}

TEST(CopyBinaryBytes, ArraysCarryTheirDimensionsAndTheTypeOfTheirElements) {
  PgEncoder array;
  array.codec = PgCodec::array;
  array.element_type = int4_type;
  array.element = std::make_shared<const PgEncoder>(pg_encoder(int4_type, -1));
  EXPECT_EQ(bytes(array, "{}"), "000000000000000000000017");
  EXPECT_EQ(bytes(array, "{7,NULL}"),
            "000000010000000100000017"
            "0000000200000001"
            "0000000400000007"
            "ffffffff");
}

TEST(CopyBinaryBytes, AFractionBeyondMicrosecondsIsRoundedHalfToEven) {
  EXPECT_EQ(bytes(1083, "00:00:00.0000005"), "0000000000000000");
  EXPECT_EQ(bytes(1083, "00:00:00.0000015"), "0000000000000002");
}

RC_GTEST_PROP(CopyBinaryBytes, IntegersComeBack, (std::int64_t value)) {
  RC_ASSERT(bytes(int8_type, fmt::format("{}", value)) == fmt::format("{:016x}", static_cast<std::uint64_t>(value)));
}

// value = sum of digit × 10000^(weight - place): rebuilt from the bytes and compared with the decimal text.
RC_GTEST_PROP(CopyBinaryBytes, NumericDigitsComeBack, ()) {
  const auto digits = *rc::gen::container<std::string>(rc::gen::inRange<char>('0', '9' + 1));
  const auto point = *rc::gen::inRange<std::size_t>(0, digits.size() + 1);
  const std::string text = digits.substr(0, point) + "." + digits.substr(point) + (digits.empty() ? "0" : "");
  const std::string hex = bytes(numeric_type, text);
  const auto word = [&](std::size_t at) { return std::stoi(hex.substr(at * 4, 4), nullptr, 16); };
  const int weight = static_cast<std::int16_t>(word(1));
  const int scale = word(3);
  std::string whole;
  std::string decimals;
  const int count = word(0);
  for (int place = std::max(weight, 0); place * 4 > -scale - 4 || place >= 0; --place) {
    const int index = weight - place;
    const std::string group =
        fmt::format("{:04}", index >= 0 && index < count ? word(static_cast<std::size_t>(4 + index)) : 0);
    (place >= 0 ? whole : decimals) += group;
  }
  decimals.resize(static_cast<std::size_t>(scale));
  const auto plain = [](std::string number) {
    const auto first = number.find_first_not_of('0');
    return first == std::string::npos ? std::string() : number.substr(first);
  };
  RC_ASSERT(plain(whole) == plain(digits.substr(0, point)));
  RC_ASSERT(decimals == digits.substr(point) + (digits.empty() ? "0" : ""));
}

// Whatever the text is: refused, or bytes whose length is right.
RC_GTEST_PROP(CopyBinaryBytes, AnyTextIsRefusedOrEncoded, (const std::string& text)) {
  for (const std::uint32_t type : {16U,   17U,   21U,   23U,   20U,   700U,  701U, 1700U, 25U,  1082U,
                                   1083U, 1114U, 1184U, 1186U, 1266U, 2950U, 114U, 3802U, 869U, 650U}) {
    bytes(type, text);
  }
  ArrayParts parts;
  if (read_array_text(text, parts) && parts.dimensions.empty()) RC_ASSERT(parts.elements.empty());
}

TEST(CopyPlaces, TheRowIsReadFromTheLineOfThisCopyInAnyLanguage) {
  const auto place =
      place_in_copy("PL/pgSQL function f() line 3 at RAISE\nCOPY t, line 12, column c: \"a, line 4\"", "t");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->row, 12U);
  EXPECT_EQ(place->column, "c");
  EXPECT_EQ(place_in_copy("COPY t, Zeile 5", "t")->row, 5U);
  EXPECT_FALSE(place_in_copy("COPY other, line 5", "t"));
  EXPECT_FALSE(place_in_copy("SQL statement \"SELECT 1 FROM ONLY t\"", "t"));
  EXPECT_FALSE(place_in_copy("", "t"));
}

TEST(CopyText, WhatWouldEndAFieldIsEscaped) {
  CopyBuffer out;
  put_copy_text("a\tb\nc\\d\re", out);
  EXPECT_EQ(out.view(), "a\\tb\\nc\\\\d\\re");
}

TEST(StagingNames, DifferByEachPartAndFitAName) {
  const std::string name = pg_staging_name("0123456789", 9'000'000'000, "public", std::string(80, 'x'));
  EXPECT_LE(name.size(), 63U);
  EXPECT_THAT(name, testing::StartsWith("baton_stage_01234567_9000000000_"));
  EXPECT_NE(pg_staging_name("r", 1, "a", "t"), pg_staging_name("r", 1, "b", "t"));
  EXPECT_NE(pg_staging_name("r", 1, "a", "t"), pg_staging_name("r", 2, "a", "t"));
  EXPECT_NE(pg_staging_name("r", 1, "a", "T"), pg_staging_name("r", 1, "a", "U"));
}

}  // namespace
}  // namespace baton
