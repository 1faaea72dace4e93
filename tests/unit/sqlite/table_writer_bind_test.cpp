#include "tests/unit/sqlite/table_writer_fixture.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class TableWriterBind : public TableWriterTest {
 protected:
  std::string refusal(const TableSpec& spec, const std::vector<std::string>& inputs) {
    const auto made = writer(spec);
    const auto bound = made->bind(inputs);
    EXPECT_FALSE(bound);
    if (bound) return "";
    EXPECT_EQ(bound.error().kind, ErrorKind::invalid);
    return bound.error().message;
  }
};

TEST_F(TableWriterBind, MissingTableIsRefusedWithTheNextStep) {
  EXPECT_THAT(refusal(spec("orders"), {"id"}),
              AllOf(HasSubstr("job/load"), HasSubstr("warehouse"), HasSubstr("orders"), HasSubstr("create: true")));
  const auto columns = writer(spec("orders"))->columns();
  ASSERT_FALSE(columns);
  EXPECT_THAT(columns.error().message, HasSubstr("create: true"));
}

TEST_F(TableWriterBind, ColumnsAreThoseOfTheTableWithoutGeneratedOnes) {
  sql("CREATE TABLE t(a INTEGER, \"B c\" TEXT, d AS (a + 1))");
  EXPECT_THAT(writer(spec("t"))->columns().value(), ElementsAre("a", "B c"));
  EXPECT_THAT(writer(spec("MAIN.T"))->columns().value(), ElementsAre("a", "B c"));
}

TEST_F(TableWriterBind, ColumnsOfATableToCreateAreThoseOfTheConfiguration) {
  auto created = spec("t");
  created.create = true;
  EXPECT_THAT(writer(created)->columns().value(), ElementsAre());
  created.columns = {{"a", "integer"}, {"b", "text"}};
  EXPECT_THAT(writer(created)->columns().value(), ElementsAre("a", "b"));
}

TEST_F(TableWriterBind, ViewIsRefused) {
  sql("CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t");
  EXPECT_THAT(refusal(spec("v"), {"a"}), HasSubstr("is a view"));
}

TEST_F(TableWriterBind, ColumnThatTheTableLacksIsRefusedWithThoseItHas) {
  sql("CREATE TABLE t(a, b)");
  EXPECT_THAT(refusal(spec("t"), {"a", "nope"}), AllOf(HasSubstr("nope"), HasSubstr("a, b")));
  EXPECT_THAT(refusal(spec("t"), {"a", "A"}), HasSubstr("for one column"));
}

TEST_F(TableWriterBind, NotNullColumnThatDoesNotArriveIsRefused) {
  sql("CREATE TABLE t(id INTEGER PRIMARY KEY NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL DEFAULT 'x', c)");
  EXPECT_THAT(refusal(spec("t"), {"c"}), HasSubstr("column a is NOT NULL"));
  EXPECT_TRUE(writer(spec("t"))->bind({"a"}));
}

TEST_F(TableWriterBind, KeyMustArriveAndBeUniqueInTheTable) {
  sql("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c); CREATE UNIQUE INDEX ab ON t(b, a); "
      "CREATE UNIQUE INDEX part ON t(c) WHERE c > 0");
  EXPECT_THAT(refusal(spec("t", WriteMode::upsert), {"id"}), HasSubstr("needs a key"));
  EXPECT_THAT(refusal(spec("t", WriteMode::upsert, {"id"}), {"a"}), HasSubstr("key column id does not arrive"));
  EXPECT_THAT(refusal(spec("t", WriteMode::mirror, {"c"}), {"c"}),
              AllOf(HasSubstr("(id), (b, a)"), HasSubstr("CREATE UNIQUE INDEX \"t_key\" ON \"t\" (\"c\")")));
  EXPECT_TRUE(writer(spec("t", WriteMode::upsert, {"A", "b"}))->bind({"a", "b", "c"}));
  EXPECT_TRUE(writer(spec("t", WriteMode::mirror, {"id"}))->bind({"id"}));
}

TEST_F(TableWriterBind, DeclaredTypesMustBeKnownAndFitTheTable) {
  sql("CREATE TABLE t(a INTEGER, b TEXT, c DATE, d DECIMAL(5,2))");
  auto declared = spec("t");
  declared.columns = {{"a", "number"}};
  EXPECT_THAT(refusal(declared, {"a"}), AllOf(HasSubstr("column a"), HasSubstr("known column type")));
  declared.columns = {{"a", "date"}};
  EXPECT_THAT(refusal(declared, {"a"}), AllOf(HasSubstr("declares a as date"), HasSubstr("INTEGER")));
  declared.columns = {{"b", "integer"}};
  EXPECT_THAT(refusal(declared, {"b"}), HasSubstr("declares b as integer"));
  declared.columns = {{"c", "text"}};
  EXPECT_THAT(refusal(declared, {"c"}), HasSubstr("declares c as text"));
  declared.columns = {{"z", "text"}};
  EXPECT_THAT(refusal(declared, {"a"}), AllOf(HasSubstr("columns names z"), HasSubstr("a, b, c, d")));
  declared.columns = {{"a", "smallint"}, {"b", "varchar(3)"}, {"c", "date"}, {"d", "numeric(4,1)"}};
  EXPECT_TRUE(writer(declared)->bind({"a", "b", "c", "d"}));
}

TEST_F(TableWriterBind, OtherSchemasAreRefused) {
  auto created = spec("public.t");
  created.create = true;
  EXPECT_THAT(refusal(created, {"a"}), HasSubstr("schema main only"));
}

TEST_F(TableWriterBind, VirtualTableTakesAppendOnly) {
  sql("CREATE VIRTUAL TABLE f USING fts5(body)");
  EXPECT_THAT(refusal(spec("f", WriteMode::replace), {"body"}), HasSubstr("virtual table"));
  const auto appended = begun(spec("f"), {"body"});
  EXPECT_EQ(put(*appended, {{"hello world"}}).written, 1U);
  EXPECT_EQ(query("SELECT count(*) FROM f WHERE f MATCH 'world'"), "1");
}

TEST_F(TableWriterBind, InsideATransactionIsABug) {
  sql("CREATE TABLE t(a)");
  const auto made = writer(spec("t"));
  sql("BEGIN");
  const auto bound = made->bind({"a"});
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().kind, ErrorKind::internal);
}

TEST_F(TableWriterBind, CreatedTableIsStrictWithTheDeclaredTypesAndTheKey) {
  auto created = spec("t", WriteMode::upsert, {"id", "sub"});
  created.create = true;
  created.columns = {{"n", "numeric(15,2)"}, {"big", "numeric(30,2)"}, {"late", "date"}, {"id", "int"},
                     {"ok", "bool"},         {"raw", "bytea"},         {"r", "real"}};
  begun(created, {"sub", "id", "n", "big", "ok", "raw", "r"});
  EXPECT_EQ(query("SELECT name, type, \"notnull\", pk FROM pragma_table_info('t')"),
            "sub|TEXT|1|2;id|INTEGER|1|1;n|REAL|0|0;big|TEXT|0|0;ok|INTEGER|0|0;raw|BLOB|0|0;r|REAL|0|0;late|TEXT|0|0");
  EXPECT_EQ(query("SELECT strict FROM pragma_table_list WHERE name = 't'"), "1");
}

TEST_F(TableWriterBind, OddNamesAreQuoted) {
  for (const std::string name : {"select", "two words", "a\"b", "it's", "Größe", "x;--", "[br]"}) {
    auto created = spec(name, WriteMode::replace, {"group"});
    created.create = true;
    const auto made = begun(created, {"group", "a\"b", "ü [x]", "'"});
    put(*made, {{"1", "2", "3", "4"}, {"1", "5", "6", "7"}});
    close_all(*made);
    EXPECT_EQ(query("SELECT * FROM " + quote_identifier(name)), "1|5|6|7") << name;
    const auto mirrored = begun(spec(name, WriteMode::mirror, {"group"}), {"group", "a\"b", "ü [x]", "'"});
    put(*mirrored, {{"2", "2", "3", "4"}});
    close_all(*mirrored);
    EXPECT_EQ(query("SELECT * FROM " + quote_identifier(name)), "2|2|3|4") << name;
  }
}

}  // namespace
}  // namespace baton
