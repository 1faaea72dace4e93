// How a table's name is written in the configuration.
#include "postgres/table_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::HasSubstr;

// "schema|table", or the message.
std::string read(const std::string& written) {
  const auto name = pg_table_name(written);
  return name ? name->schema + "|" + name->table : name.error().message;
}

TEST(PgTableName, WrittenThenItsPartsAreWhatIsBetweenTheDotAndTheQuotes) {
  EXPECT_EQ(read("t"), "|t");
  EXPECT_EQ(read("s.T"), "s|T");
  EXPECT_EQ(read("s.\"T.x\""), "s|T.x");
  EXPECT_EQ(read("\"do.t\".t"), "do.t|t");
  EXPECT_EQ(read("\"a \"\"b\"\".\""), "|a \"b\".");
  EXPECT_EQ(read("it's \"so\""), "|it's \"so\"");
}

TEST(PgTableName, NoNameThenTheMessageSaysHowItIsWritten) {
  for (const char* wrong :
       {"", ".", "s.", ".t", "a.b.c", "\"a", "\"a\"b", "\"\"", "s.\"\"", "\"a\".b.c", "a.\"b\".c"}) {
    EXPECT_THAT(read(wrong), HasSubstr("double quotes")) << wrong;
  }
  EXPECT_THAT(read("a.b.c"), HasSubstr("\"a.b\".c"));
}

TEST(PgTableName, ShownThenItReadsAsTheSame) {
  for (const PgTableName& name :
       {PgTableName{"", "t"}, {"s", "t"}, {"do.t", "t"}, {"s", "T.x"}, {"a\"", "\"b.\""}, {"", "x y"}}) {
    const auto again = pg_table_name(to_text(name));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, name);
  }
  EXPECT_EQ(to_text({"s", "t"}), "s.t");
  EXPECT_EQ(to_text({"do.t", "t"}), "\"do.t\".t");
  EXPECT_EQ(quoted({"s", "t"}), "\"s\".\"t\"");
  EXPECT_EQ(quoted({"", "t"}), "\"t\"");
}

}  // namespace
}  // namespace baton
