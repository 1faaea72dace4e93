#include "config/properties_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;

std::vector<std::string> pairs(const std::string& text) {
  const auto source = SourceText::read("a.properties", text);
  if (!source) return {"unreadable"};
  const auto properties = parse_properties(*source);
  if (!properties) {
    const Place& place = properties.error().place;
    return {"problem at " + std::to_string(place.line) + ":" + std::to_string(place.column)};
  }
  std::vector<std::string> all;
  for (const Property& one : *properties) all.push_back(one.key + "|" + one.value);
  return all;
}

TEST(PropertiesText, EachSeparatorThenKeyAndValueAreApart) {
  EXPECT_THAT(pairs("a=1\nb: 2\nc 3\nd\t=\t4\n  e  :5\nf==6\ng\nh="),
              ElementsAre("a|1", "b|2", "c|3", "d|4", "e|5", "f|=6", "g|", "h|"));
}

TEST(PropertiesText, CommentsAndBlankLinesThenLeftOut) {
  EXPECT_THAT(pairs("# a=1\n  ! b=2\n\n \t\r\nc=#3\r\nd=4"), ElementsAre("c|#3", "d|4"));
}

TEST(PropertiesText, ContinuedLinesThenOneValueWithoutTheirIndentation) {
  EXPECT_THAT(pairs("a=one\\\n   two\\\r\n\tthree\nb=x\\\\\nc=y\\"), ElementsAre("a|onetwothree", "b|x\\", "c|y"));
  EXPECT_THAT(pairs("long\\\n  er = v"), ElementsAre("longer|v"));
}

TEST(PropertiesText, EscapesThenTheCharactersTheyMean) {
  EXPECT_THAT(pairs("a\\=b\\:c\\ d=e\\tf\\n\\q"), ElementsAre("a=b:c d|e\tf\nq"));
  EXPECT_THAT(pairs("k=\\u00e4\\u20AC\\ud83d\\ude00"), ElementsAre("k|\u00e4\u20ac\U0001F600"));
}

TEST(PropertiesText, BrokenEscapeThenRefusedAtItsPlace) {
  EXPECT_THAT(pairs("a=1\nb=x\\u12g4"), ElementsAre("problem at 2:4"));
  EXPECT_THAT(pairs("b=\\ud83dx"), ElementsAre("problem at 1:3"));
  EXPECT_THAT(pairs("b=\\udc00"), ElementsAre("problem at 1:3"));
  EXPECT_THAT(pairs("b=\\u12"), ElementsAre("problem at 1:3"));
}

}  // namespace
}  // namespace baton
