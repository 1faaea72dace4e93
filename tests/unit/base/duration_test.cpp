#include "base/duration.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(Duration, EachUnitIsUnderstood) {
  EXPECT_EQ(parse_duration("500ms").value(), Duration(500));
  EXPECT_EQ(parse_duration("20s").value(), Duration(20'000));
  EXPECT_EQ(parse_duration("5m").value(), Duration(300'000));
  EXPECT_EQ(parse_duration("1h").value(), Duration(3'600'000));
  EXPECT_EQ(parse_duration("90d").value(), Duration(90LL * 86'400'000));
  EXPECT_EQ(parse_duration("0s").value(), Duration(0));
}

TEST(Duration, AnythingElseIsRefusedWithAnExample) {
  for (const char* text : {"", "5", "s", "-5s", "1.5s", "5 s", "5sec", "s5", "5S", "99999999999999999999s", "40000d"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
    EXPECT_NE(parsed.error().message.find("20s"), std::string::npos) << parsed.error().message;
  }
}

TEST(Duration, TextIsTheShortestExactForm) {
  EXPECT_EQ(to_text(Duration(1'500)), "1500ms");
  EXPECT_EQ(to_text(Duration(20'000)), "20s");
  EXPECT_EQ(to_text(Duration(7'200'000)), "2h");
  EXPECT_EQ(to_text(Duration(0)), "0ms");
}

}  // namespace
}  // namespace baton
