#include "format/csv_reader.h"

#include "tests/unit/format/file_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using test::Content;
using test::Row;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

class CsvReader : public testing::Test {
 protected:
  Result<Content> try_read(std::string_view content, CsvOptions options = {}) {
    options.path = folder_.write("in.csv", content);
    const auto reader = make_csv_reader(options);
    return test::read_all(*reader);
  }
  Content read(std::string_view content, CsvOptions options = {}) {
    auto result = try_read(content, std::move(options));
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : Content();
  }
  std::string error(std::string_view content, CsvOptions options = {}) {
    const auto result = try_read(content, std::move(options));
    if (result) return "no error";
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    return result.error().message;
  }
  std::string path() const { return folder_.path("in.csv"); }

  test::Folder folder_;
};

TEST_F(CsvReader, PlainFileIsReadThenColumnsAndRowsAreThere) {
  const Content content = read("a,b\n1,x y\n2,\n");
  EXPECT_THAT(content.columns, ElementsAre("a", "b"));
  EXPECT_THAT(content.rows, ElementsAre(Row{"1", "x y"}, Row{"2", ""}));
  EXPECT_THAT(content.kinds, ElementsAre(FieldKind::text, FieldKind::text, FieldKind::text, FieldKind::empty));
  EXPECT_TRUE(content.rejects.empty());
  EXPECT_EQ(content.ends.back(), (Position{13, 2, 4, ""}));
  EXPECT_EQ(content.bytes, 9U);
}

TEST_F(CsvReader, QuotedFieldsHoldDelimitersAndLineBreaksAndDoubledQuotes) {
  const Content content = read("a,b\n\"x,\"\"y\"\"\",\"1\n2\r\n3\"\n\"\",\"\"\"\"\n");
  EXPECT_THAT(content.rows, ElementsAre(Row{"x,\"y\"", "1\n2\r\n3"}, Row{"", "\""}));
  EXPECT_THAT(content.raws, ElementsAre("\"x,\"\"y\"\"\",\"1\n2\r\n3\"", "\"\",\"\"\"\""));
}

TEST_F(CsvReader, LineBreaksInQuotesCountAsPhysicalLinesNotAsRecords) {
  const Content content = read("a,b\n1,\"x\ny\nz\"\n2,w\n");
  ASSERT_EQ(content.places.size(), 2U);
  EXPECT_EQ(content.places[0].record, 1U);
  EXPECT_EQ(content.places[0].line, 2U);
  EXPECT_EQ(content.places[0].offset, 4U);
  EXPECT_EQ(content.places[1].record, 2U);
  EXPECT_EQ(content.places[1].line, 5U);
  EXPECT_EQ(content.places[1].offset, 14U);
}

TEST_F(CsvReader, CarriageReturnLineFeedEndsLinesAndIsNoContent) {
  const Content content = read("a,b\r\n1,\"2\"\r\n3,\r\n");
  EXPECT_THAT(content.columns, ElementsAre("a", "b"));
  EXPECT_THAT(content.rows, ElementsAre(Row{"1", "2"}, Row{"3", ""}));
  EXPECT_THAT(content.raws, ElementsAre("1,\"2\"", "3,"));
}

TEST_F(CsvReader, LoneCarriageReturnIsContent) {
  EXPECT_THAT(read("a,b\n1\r,2\rx\n").rows, ElementsAre(Row{"1\r", "2\rx"}));
}

TEST_F(CsvReader, ByteOrderMarkIsSkipped) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "a,b\n1,2\n")
                  .columns,
              ElementsAre("a", "b"));
  EXPECT_THAT(read("\xEF\xBB\xBF\"a\",b\n1,2\n").columns, ElementsAre("a", "b"));
  CsvOptions options;
  options.header = false;
  options.columns = {"n"};
  const Content content = read(
      "\xEF\xBB\xBF"
      "1\n",
      options);
  EXPECT_THAT(content.rows, ElementsAre(Row{"1"}));
  EXPECT_EQ(content.places[0].offset, 3U);
}

TEST_F(CsvReader, LastLineNeedsNoEnd) {
  EXPECT_THAT(read("a,b\n1,2").rows, ElementsAre(Row{"1", "2"}));
  EXPECT_THAT(read("a,b\n1,").rows, ElementsAre(Row{"1", ""}));
  EXPECT_THAT(read("a,b\n1,\"2\"").rows, ElementsAre(Row{"1", "2"}));
  EXPECT_THAT(read("a,b").rows, ElementsAre());
}

TEST_F(CsvReader, OtherDelimiterAndQuoteAreTaken) {
  CsvOptions options;
  options.delimiter = '\t';
  options.quote = '\'';
  EXPECT_THAT(read("a\tb\n'1\t''2'\t\"\n", options).rows, ElementsAre(Row{"1\t'2", "\""}));
}

TEST_F(CsvReader, WithoutQuoteEveryByteIsContent) {
  CsvOptions options;
  options.quote.reset();
  EXPECT_THAT(read("a,b\r\n\"1,2\"\r\n\",\"\"\n", options).rows, ElementsAre(Row{"\"1", "2\""}, Row{"\"", "\"\""}));
}

TEST_F(CsvReader, QuoteWithinUnquotedFieldIsLiteral) {
  const Content content = read("a,b\n1\"2,x\"\"y\n5\" x 3\",\"z\"\n");
  EXPECT_THAT(content.rows, ElementsAre(Row{"1\"2", "x\"\"y"}, Row{"5\" x 3\"", "z"}));
}

TEST_F(CsvReader, ColumnsWithoutHeaderNameTheFields) {
  CsvOptions options;
  options.header = false;
  options.columns = {"x", "y"};
  const Content content = read("1,2\n", options);
  EXPECT_THAT(content.columns, ElementsAre("x", "y"));
  EXPECT_THAT(content.rows, ElementsAre(Row{"1", "2"}));
  EXPECT_TRUE(read("", options).rows.empty());
}

TEST_F(CsvReader, ColumnsWithHeaderReplaceItsNames) {
  CsvOptions options;
  options.columns = {"x", "y"};
  const Content content = read("a,a\n1,2\n", options);
  EXPECT_THAT(content.columns, ElementsAre("x", "y"));
  EXPECT_THAT(content.rows, ElementsAre(Row{"1", "2"}));
  EXPECT_THAT(error("a,b,c\n", options),
              AllOf(HasSubstr(path() + ":1:1: expected the 2 columns"), HasSubstr("found 3"), HasSubstr("a, b, c")));
}

TEST_F(CsvReader, HeaderWithQuotesGivesItsNamesUnescaped) {
  EXPECT_THAT(read("\"a \"\"1\"\"\",\"b\nc\"\n1,2\n").columns, ElementsAre("a \"1\"", "b\nc"));
  EXPECT_EQ(read("\"a\",\"b\nc\"\n1,2\n").places[0].line, 3U);
}

TEST_F(CsvReader, HeaderIsUnusableThenTheErrorSaysWhereAndWhatToDo) {
  EXPECT_THAT(error("a,,c\n"), AllOf(HasSubstr(":1:1: column 2 of 3 has no name"), HasSubstr("`columns`")));
  EXPECT_THAT(error("a,b,a\n"), HasSubstr("two columns have the name `a`"));
  EXPECT_THAT(error("a,\"b\"c\n"), HasSubstr("column 2 goes on behind its closing quote"));
  EXPECT_THAT(error("a,\xFF\n"), HasSubstr("column 2: invalid UTF-8"));
  EXPECT_THAT(error(""), HasSubstr("is empty where a header is expected"));
  EXPECT_THAT(error("\n\n\r\n"), HasSubstr("is empty where a header is expected"));
  EXPECT_THAT(error("\xEF\xBB\xBF"), HasSubstr("is empty where a header is expected"));
}

TEST_F(CsvReader, OptionsContradictEachOtherThenOpeningFails) {
  CsvOptions no_names;
  no_names.header = false;
  EXPECT_THAT(error("1\n", no_names), HasSubstr("give them in `columns`"));
  CsvOptions same;
  same.delimiter = '"';
  EXPECT_THAT(error("a\n", same), HasSubstr("`quote` cannot be"));
  CsvOptions line_end;
  line_end.delimiter = '\n';
  EXPECT_THAT(error("a\n", line_end), HasSubstr("`delimiter` cannot be"));
  CsvOptions twice;
  twice.columns = {"x", "x"};
  EXPECT_THAT(error("a,b\n", twice), HasSubstr("two columns have the name `x`"));
}

TEST_F(CsvReader, NullTextIsNullOnlyWhereItIsNotQuoted) {
  CsvOptions options;
  options.null_text = "NULL";
  EXPECT_THAT(read("a,b,c\nNULL,\"NULL\",NULLS\n", options).rows, ElementsAre(Row{std::nullopt, "NULL", "NULLS"}));
  options.null_text = "";
  EXPECT_THAT(read("a,b,c\n,\"\",x\r\n,,\r\n", options).rows,
              ElementsAre(Row{std::nullopt, "", "x"}, Row{std::nullopt, std::nullopt, std::nullopt}));
}

TEST_F(CsvReader, RaggedRecordIsRejectedAndTheRestIsRead) {
  const Content content = read("a,b,c\n1,2\n1,2,3\n1,2,3,4\n\n4,5,6\n");
  EXPECT_THAT(content.rows, ElementsAre(Row{"1", "2", "3"}, Row{"4", "5", "6"}));
  ASSERT_EQ(content.rejects.size(), 3U);
  EXPECT_EQ(content.rejects[0].reason, "expected 3 fields, found 2");
  EXPECT_EQ(content.rejects[0].raw, "1,2");
  EXPECT_EQ(content.rejects[0].record, 1U);
  EXPECT_EQ(content.rejects[0].line, 2U);
  EXPECT_EQ(content.rejects[0].phase, RejectPhase::read);
  EXPECT_EQ(content.rejects[1].reason, "expected 3 fields, found 4");
  EXPECT_EQ(content.rejects[2].reason, "expected 3 fields, found an empty line");
  EXPECT_EQ(content.rejects[2].line, 5U);
  EXPECT_EQ(content.places.back().record, 5U);
  EXPECT_EQ(content.read, 5U);
}

TEST_F(CsvReader, EmptyLinesAtTheEndAreIgnored) {
  for (const std::string_view tail : {"\n", "\n\n\n", "\r\n\r\n", "\n\r\n\n"}) {
    const Content content = read("a,b\n1,2\n" + std::string(tail));
    EXPECT_THAT(content.rows, ElementsAre(Row{"1", "2"}));
    EXPECT_TRUE(content.rejects.empty());
  }
  EXPECT_THAT(read("a,b\n1,2\n" + std::string(100'000, '\n')).rows, ElementsAre(Row{"1", "2"}));
}

TEST_F(CsvReader, EmptyLineOfOneColumnIsAnEmptyField) {
  EXPECT_THAT(read("a\n\nx\n\r\ny\n\n").rows, ElementsAre(Row{""}, Row{"x"}, Row{""}, Row{"y"}));
}

TEST_F(CsvReader, InvalidUtf8IsRejectedWithItsColumn) {
  const Content content = read("a,b\n1,x\n2,a\xC3(\n\xC3\xA9,y\n");
  EXPECT_THAT(content.rows, ElementsAre(Row{"1", "x"}, Row{"\xC3\xA9", "y"}));
  ASSERT_EQ(content.rejects.size(), 1U);
  EXPECT_EQ(content.rejects[0].column, "b");
  EXPECT_EQ(content.rejects[0].value, "a\xC3(");
  EXPECT_EQ(content.rejects[0].raw, "2,a\xC3(");
  EXPECT_EQ(content.rejects[0].record, 2U);
  EXPECT_EQ(content.rejects[0].line, 3U);
  EXPECT_THAT(content.rejects[0].reason, HasSubstr("invalid UTF-8"));
  EXPECT_THAT(content.raws, ElementsAre("1,x", "\xC3\xA9,y"));
}

TEST_F(CsvReader, NulByteIsRejectedWithItsColumn) {
  const Content content = read(std::string_view("a,b\n1,2\n3,\"4\0\"\"\"\n5,6\n", 21));
  EXPECT_THAT(content.rows, ElementsAre(Row{"1", "2"}, Row{"5", "6"}));
  ASSERT_EQ(content.rejects.size(), 1U);
  EXPECT_EQ(content.rejects[0].column, "b");
  EXPECT_THAT(content.rejects[0].reason, HasSubstr("NUL"));
}

TEST_F(CsvReader, TextBehindClosingQuoteIsRejectedWithItsColumn) {
  for (const std::string_view junk :
       {"\"x\"y", "\"x\" ", "\"x\"y\"", "\"x\"\"y\" \"z\"", "\"\"x", "\"x\"\r", "\"x\ny\"\"z\"w\""}) {
    const Content content = read("a,b,c\n1," + std::string(junk) + ",3\n4,5,6\n");
    EXPECT_THAT(content.rows, ElementsAre(Row{"4", "5", "6"})) << junk;
    ASSERT_EQ(content.rejects.size(), 1U) << junk;
    EXPECT_EQ(content.rejects[0].column, "b");
    EXPECT_EQ(content.rejects[0].value, junk);
    EXPECT_EQ(content.rejects[0].raw, "1," + std::string(junk) + ",3");
    EXPECT_THAT(content.rejects[0].reason, HasSubstr("closing quote"));
  }
}

TEST_F(CsvReader, SeveralRecordsAreRejectedThenTheyStandInTheOrderOfTheFile) {
  const Content content = read("a,b\n\xFF,1\n2\n\xFE,3\n");
  ASSERT_EQ(content.rejects.size(), 3U);
  EXPECT_EQ(content.rejects[0].record, 1U);
  EXPECT_EQ(content.rejects[1].record, 2U);
  EXPECT_EQ(content.rejects[2].record, 3U);
}

TEST_F(CsvReader, RejectedRecordIsLongThenItsTextIsCutBetweenCharacters) {
  std::string longer = "a,b\n";
  for (int i = 0; i < 20'000; ++i) longer += "\xC3\xA9";
  const Content content = read(longer + "\n");
  ASSERT_EQ(content.rejects.size(), 1U);
  EXPECT_LE(content.rejects[0].raw.size(), max_reject_raw_bytes);
  EXPECT_GE(content.rejects[0].raw.size(), max_reject_raw_bytes - 1);
  EXPECT_EQ(content.rejects[0].raw.back(), '\xA9');
}

TEST_F(CsvReader, DelimiterIsAPartOfACharacterThenFieldsAreCheckedOneByOne) {
  CsvOptions options;
  options.delimiter = '\xA9';
  const Content content = read(
      "a\xA9"
      "b\n\xC3\xA9x\n1\xA9"
      "2\n",
      options);
  EXPECT_THAT(content.rows, ElementsAre(Row{"1", "2"}));
  ASSERT_EQ(content.rejects.size(), 1U);
  EXPECT_EQ(content.rejects[0].column, "a");
}

TEST_F(CsvReader, LimitsOfTheCallerEndABatch) {
  CsvOptions options;
  options.path = folder_.write("in.csv", "a\n1\n2\n3\n4\n5\n");
  const auto reader = make_csv_reader(options);
  ASSERT_TRUE(reader->open({}));
  RowBatch batch;
  ASSERT_TRUE(*reader->read(batch, {2, 1000}));
  EXPECT_EQ(batch.read, 2U);
  ASSERT_TRUE(*reader->read(batch, {100, 3}));
  EXPECT_EQ(batch.read, 2U);
  EXPECT_EQ(batch.end, (Position{10, 4, 6, ""}));
  ASSERT_TRUE(*reader->read(batch, {100, 1000}));
  EXPECT_EQ(batch.read, 1U);
  ASSERT_FALSE(*reader->read(batch, {100, 1000}));
  EXPECT_EQ(batch.end, (Position{12, 5, 7, ""}));
}

}  // namespace
}  // namespace baton
