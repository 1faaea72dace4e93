#include "format/json_reader.h"

#include "tests/unit/format/file_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using test::Content;
using test::Row;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class JsonReader : public testing::Test {
 protected:
  Result<Content> try_read(std::string_view text, const std::string& items, const std::vector<std::string>& wanted,
                           const ReadLimits& limits = {}) {
    const auto reader = make_json_reader({folder_.write("in.json", text), items});
    return test::read_all(*reader, wanted, limits);
  }
  Content read(std::string_view text, const std::vector<std::string>& wanted, const std::string& items = "") {
    auto result = try_read(text, items, wanted);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : Content();
  }
  std::string error(std::string_view text, const std::string& items = "") {
    const auto result = try_read(text, items, {"a"});
    if (result) return "no error";
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    return result.error().message;
  }
  std::string path() const { return folder_.path("in.json"); }

  test::Folder folder_;
};

TEST_F(JsonReader, EachTypeBecomesItsKind) {
  const Content content =
      read(R"([{"s":"x","n":-1.50e3,"t":true,"f":false,"z":null,"o":{ "k" : [ 1 , "a b" ] },"l":[ ]}])",
           {"s", "n", "t", "f", "z", "o", "l", "missing"});
  EXPECT_THAT(content.columns, ElementsAre("s", "n", "t", "f", "z", "o", "l", "missing"));
  EXPECT_THAT(content.rows, ElementsAre(Row{"x", "-1.50e3", "true", "false", std::nullopt, R"({"k":[1,"a b"]})", "[]",
                                            std::nullopt}));
  EXPECT_THAT(content.kinds, ElementsAre(FieldKind::text, FieldKind::number, FieldKind::boolean, FieldKind::boolean,
                                         FieldKind::null, FieldKind::json, FieldKind::json, FieldKind::null));
}

TEST_F(JsonReader, NumbersOfAnyLengthKeepTheirText) {
  const Content content = read(R"([{"a":123456789012345678901234567890.10},{"a":1e999},{"a":-0}])", {"a"});
  EXPECT_THAT(content.rows, ElementsAre(Row{"123456789012345678901234567890.10"}, Row{"1e999"}, Row{"-0"}));
}

TEST_F(JsonReader, EscapesInValuesAndNamesAreResolved) {
  const Content content = read(R"([{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 end","\u0062":"x"}])", {"a", "b"});
  EXPECT_THAT(content.rows, ElementsAre(Row{"\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80 end", "x"}));
}

TEST_F(JsonReader, ExtraMembersAreIgnoredAndTheLastOfADuplicateCounts) {
  EXPECT_THAT(read(R"([{"a":1,"x":{"a":9},"a":2,"y":[{"a":8}]}])", {"a"}).rows, ElementsAre(Row{"2"}));
}

TEST_F(JsonReader, PointerNamesTheArrayWhereverItStands) {
  const std::string text =
      R"({"a":[{"a":0}],"x/y":{"m~n":[1,[{"a":1}],{"":[{"a":2}]}]},"a":[{"a":3}],"\u0062":[{"a":4}]})";
  EXPECT_THAT(read(text, {"a"}, "/a").rows, ElementsAre(Row{"3"}));
  EXPECT_THAT(read(text, {"a"}, "/x~1y/m~0n/1").rows, ElementsAre(Row{"1"}));
  EXPECT_THAT(read(text, {"a"}, "/x~1y/m~0n/2/").rows, ElementsAre(Row{"2"}));
  EXPECT_THAT(read(text, {"a"}, "/b").rows, ElementsAre(Row{"4"}));
  EXPECT_THAT(read(R"([{"a":1}])", {"a"}, "").rows, ElementsAre(Row{"1"}));
}

TEST_F(JsonReader, EmptyArrayAndByteOrderMarkAreFine) {
  EXPECT_TRUE(read("[]", {"a"}).rows.empty());
  EXPECT_TRUE(read(" [ ] ", {"a"}).rows.empty());
  EXPECT_THAT(read("\xEF\xBB\xBF[{\"a\":1}]", {"a"}).rows, ElementsAre(Row{"1"}));
}

TEST_F(JsonReader, RowsKnowTheirPlaceAndRawText) {
  const Content content = read("[\n  {\"a\": 1},\n  {\n\"a\": 2 }\n,{\"a\":3}]\n", {"a"});
  ASSERT_EQ(content.rows.size(), 3U);
  EXPECT_THAT(content.raws, ElementsAre("{\"a\": 1}", "{\n\"a\": 2 }", "{\"a\":3}"));
  EXPECT_EQ(content.places[1].record, 2U);
  EXPECT_EQ(content.places[1].line, 3U);
  EXPECT_EQ(content.places[1].offset, 16U);
  EXPECT_EQ(content.places[2].line, 5U);
}

TEST_F(JsonReader, ItemIsNoObjectThenItIsRejected) {
  const Content content = read("[1,\n\"{\",[{}],null,{\"a\":1}]", {"a"});
  EXPECT_THAT(content.rows, ElementsAre(Row{"1"}));
  ASSERT_EQ(content.rejects.size(), 4U);
  EXPECT_EQ(content.rejects[1].raw, "\"{\"");
  EXPECT_EQ(content.rejects[1].record, 2U);
  EXPECT_EQ(content.rejects[1].line, 2U);
  EXPECT_THAT(content.rejects[1].reason, HasSubstr("expected an object"));
}

TEST_F(JsonReader, TextIsNoUnicodeThenTheItemIsRejectedWithItsColumn) {
  const Content content = read(
      "[{\"a\":\"\xFF\"},{\"x\":\"\xFF\"},{\"a\":\"\\ud800\"},{\"a\":\"\\u0000\"},{\"x\":\"\\ud800\",\"a\":1}]", {"a"});
  EXPECT_THAT(content.rows, ElementsAre(Row{"1"}));
  ASSERT_EQ(content.rejects.size(), 4U);
  EXPECT_EQ(content.rejects[0].column, "a");
  EXPECT_THAT(content.rejects[0].reason, HasSubstr("UTF-8"));
  EXPECT_EQ(content.rejects[1].column, "");
  EXPECT_THAT(content.rejects[2].reason, HasSubstr("surrogate"));
  EXPECT_EQ(content.rejects[2].value, "\"\\ud800\"");
  EXPECT_THAT(content.rejects[3].reason, HasSubstr("NUL"));
}

TEST_F(JsonReader, DocumentIsMalformedThenTheErrorNamesThePlace) {
  const auto place = [this](const std::string& at) { return path() + ":" + at + ": malformed JSON: "; };
  EXPECT_THAT(error(""), HasSubstr(place("1:1") + "expected a JSON value"));
  EXPECT_THAT(error("[{\"a\":1},\n {\"a\":2}"), HasSubstr(place("1:1") + "the array that opens here is never closed"));
  EXPECT_THAT(error("[\n{\"a\":1,"), HasSubstr(place("2:1") + "the object that opens here is never closed"));
  EXPECT_THAT(error("[{\"a\":\n\"x]"), HasSubstr(place("2:1") + "the string that opens here is never closed"));
  EXPECT_THAT(error("[{\"a\":\"\xC3\xA9\" 1}]"), HasSubstr(place("1:11") + "expected `,` or `}`, found `1`"));
  EXPECT_THAT(error("[{\"a\":1}]\n]"), HasSubstr(place("2:1") + "expected the end of the file"));
  EXPECT_THAT(error("[{\"a\":1},]"), HasSubstr(place("1:10") + "expected a value behind the comma"));
  EXPECT_THAT(error("[{a:1}]"), HasSubstr(place("1:3") + "expected the name of a member in double quotes, found `a`"));
  EXPECT_THAT(error("[{\"a\" 1}]"), HasSubstr(place("1:7") + "expected `:`"));
  EXPECT_THAT(error("[{\"a\":\"x\ny\"}]"), HasSubstr(place("1:9") + "expected the string's end"));
  EXPECT_THAT(error("[{\"a\":\"\\x\"}]"), HasSubstr(place("1:8") + "unknown escape"));
  EXPECT_THAT(error("[{\"a\":\"\\u00g0\"}]"), HasSubstr(place("1:8") + "expected four hexadecimal digits"));
  EXPECT_THAT(error("[{\"a\":\"\\u00"), HasSubstr(place("1:8") + "unknown escape"));
  for (const char* value :
       {"01", "1.", "1e", "-", "+1", ".5", "tru", "nul", "NaN", "'x'", "{\"b\":}", "[1 2]", "[,]"}) {
    EXPECT_THAT(error("[{\"a\":" + std::string(value) + "}]"), HasSubstr("malformed JSON")) << value;
  }
  EXPECT_THAT(error(std::string(100'000, '[')), HasSubstr("nested deeper than 1024 levels"));
}

TEST_F(JsonReader, NoArrayStandsAtThePointerThenTheErrorSaysWhatDoes) {
  const std::string text = "{\"a\":\n{\"b\":[1,2],\"c\":3}}";
  EXPECT_THAT(error(text, "/x"), AllOf(HasSubstr(path() + ":1:1: "), HasSubstr("no member `x`; it has: a")));
  EXPECT_THAT(error(text, "/a/x"), AllOf(HasSubstr(path() + ":2:1: "), HasSubstr("it has: b, c")));
  EXPECT_THAT(error(text, "/a"),
              AllOf(HasSubstr(path() + ":2:1: "), HasSubstr("an object stands here, an array is expected")));
  EXPECT_THAT(error(text, "/a/c"), HasSubstr("a number stands here, an array is expected"));
  EXPECT_THAT(error(text, "/a/c/d"), HasSubstr("a number stands here, which has no member `d`"));
  EXPECT_THAT(error(text, "/a/b/2"), HasSubstr("has 2 items, none of them is `2`"));
  EXPECT_THAT(error(text, "/a/b/01"), HasSubstr("none of them is `01`"));
  EXPECT_THAT(error(text, "a"), HasSubstr("is no JSON pointer"));
  EXPECT_THAT(error(text, "/~2"), HasSubstr("is no JSON pointer"));
}

TEST_F(JsonReader, NoColumnIsWantedThenTheErrorSaysWhereToNameThem) {
  const auto reader = make_json_reader({folder_.write("in.json", "[]"), ""});
  const auto columns = reader->open({});
  ASSERT_FALSE(columns);
  EXPECT_EQ(columns.error().kind, ErrorKind::invalid);
  EXPECT_THAT(columns.error().message, HasSubstr("write.table.columns"));
}

TEST_F(JsonReader, FileIsMissingThenOpeningFails) {
  const auto reader = make_json_reader({folder_.path("none.json"), ""});
  const auto columns = reader->open({"a"});
  ASSERT_FALSE(columns);
  EXPECT_THAT(columns.error().message, HasSubstr("no such file"));
}

TEST_F(JsonReader, FileChangesThenFinishFails) {
  const auto reader = make_json_reader({folder_.write("in.json", "[]"), ""});
  ASSERT_TRUE(reader->open({"a"}));
  folder_.write("in.json", "[{}]");
  EXPECT_FALSE(reader->finish());
}

TEST_F(JsonReader, ReadingResumesAtTheEndOfAnyBatchThenTheSameRowsFollow) {
  std::string text = "{\"x\": [\n";
  for (int i = 0; i < 50; ++i) {
    text +=
        (i == 0 ? "" : ",\n") + (i % 7 == 3 ? std::string("0") : "{\"a\": " + std::to_string(i) + ",\n\"b\":\"\\t\"}");
  }
  text += "]}";
  const auto content = try_read(text, "/x", {"a", "b"}, {7, 90});
  ASSERT_TRUE(content) << content.error().message;
  ASSERT_EQ(content->rows.size(), 43U);
  ASSERT_EQ(content->rejects.size(), 7U);
  for (std::size_t i = 0; i < content->ends.size(); ++i) {
    const auto reader = make_json_reader({path(), "/x"});
    ASSERT_TRUE(reader->open({"a", "b"}));
    ASSERT_EQ(*reader->identity(content->ends[i]), content->identities[i]);
    ASSERT_TRUE(reader->resume(content->ends[i]));
    Content rest;
    ASSERT_TRUE(test::read_rest(*reader, rest));
    const auto skipped = static_cast<std::ptrdiff_t>(content->rows_before_end[i]);
    ASSERT_EQ(rest.rows, std::vector<Row>(content->rows.begin() + skipped, content->rows.end()));
    if (rest.rows.empty()) continue;
    ASSERT_EQ(rest.places.back().line, content->places.back().line);
    ASSERT_EQ(rest.places.back().record, content->places.back().record);
    ASSERT_EQ(rest.identities.back(), content->identities.back());
  }
}

TEST_F(JsonReader, ResumePositionIsBehindTheArrayThenResumeIsInvalid) {
  const auto reader = make_json_reader({folder_.write("in.json", "[]      "), ""});
  ASSERT_TRUE(reader->open({"a"}));
  EXPECT_FALSE(reader->resume({5, 1, 1, ""}));
}

// A table's own columns are asked for: what no item has stays out, so that it is not overwritten with NULL.
TEST_F(JsonReader, OnlyPresentColumnsAreAskedForThenThoseThatNoItemHasAreLeftOut) {
  const std::string items = R"([{"id":1},{"id":2,"name":"b"},7])";
  const auto reader = make_json_reader({folder_.write("in.json", items), "", true});
  const auto content = test::read_all(*reader, {"ID", "Name", "note"}, {});
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_THAT(content->columns, ElementsAre("ID", "Name"));
  EXPECT_THAT(content->rows, ElementsAre(Row{"1", std::nullopt}, Row{"2", "b"}));

  const auto other = make_json_reader({folder_.path("in.json"), "", true});
  const auto nothing = test::read_all(*other, {"x", "y"}, {});
  ASSERT_FALSE(nothing);
  EXPECT_THAT(nothing.error().message,
              AllOf(HasSubstr("no item"), HasSubstr("x, y"), HasSubstr("write.table.columns")));
}

}  // namespace
}  // namespace baton
