#include "app/listing.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

TEST(ListingText, ColumnsAreAsWideAsTheirWidestValueAndNumbersStandToTheRight) {
  const Listing listing{
      {"job", "rows", "rate"},
      {{std::string("vendors"), std::int64_t{5}, 2.5}, {std::string("é"), std::int64_t{1'234}, Value()}}};
  EXPECT_EQ(as_text(listing),
            "job      rows  rate\n"
            "vendors     5  2.50\n"
            "é        1234  -\n");
}

TEST(ListingText, LongTextIsCutBetweenCharactersButInTheLastColumnAndHoldsNoControlCharacters) {
  const Listing listing{{"value", "message"}, {{std::string("äöü\nabc"), std::string("wrong\n\x1b[31m")}}};
  EXPECT_EQ(as_text(listing, 4), "value  message\näöü …  wrong  [31m\n");
}

TEST(ListingText, NoRowsAreTheHeadings) { EXPECT_EQ(as_text({{"a", "b"}, {}}), "a  b\n"); }

TEST(ListingJson, IsOneArrayOfObjectsInTheHeadingsOrder) {
  const Listing listing{{"job", "rows", "rate", "message"}, {{std::string("a"), std::int64_t{1}, 0.5, Value()}}};
  const auto json = nlohmann::ordered_json::parse(as_json(listing));
  EXPECT_EQ(json.dump(), R"([{"job":"a","rows":1,"rate":0.5,"message":null}])");
}

TEST(ListingJson, TruthIsABoolean) {
  const Listing listing{{"overdue", "late"}, {{true, false}}};
  EXPECT_EQ(nlohmann::ordered_json::parse(as_json(listing)).dump(), R"([{"overdue":true,"late":false}])");
  EXPECT_EQ(as_text(listing), "overdue  late\nyes      no\n");
}

TEST(ListingJson, NoRowsAreAnEmptyArray) {
  EXPECT_EQ(nlohmann::json::parse(as_json({{"a"}, {}})), nlohmann::json::array());
}

TEST(ListingJson, BytesThatAreNoTextDoNotSpoilIt) {
  const auto json = nlohmann::json::parse(as_json({{"value"},
                                                   {{std::string("a\xff"
                                                                 "b")}}}));
  EXPECT_EQ(json[0]["value"], "a\uFFFDb");
}

}  // namespace
}  // namespace baton
