#include "tests/unit/sqlite/table_writer_fixture.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;

class TableWriterValues : public TableWriterTest {
 protected:
  // One value through a new table with one column of that type; the typeof and the value, or "refused".
  std::string existing(const std::string& declared, const TestField& field) {
    sql("DROP TABLE IF EXISTS t; CREATE TABLE t(v " + declared + ")");
    return through(spec("t"), field);
  }
  std::string created(const std::string& type, const TestField& field) {
    sql("DROP TABLE IF EXISTS t");
    auto made = spec("t");
    made.create = true;
    made.columns = {{"v", type}};
    return through(made, field);
  }
  std::string through(const TableSpec& spec, const TestField& field) {
    const auto made = begun(spec, {"v"});
    last_ = put(*made, {{field}});
    if (!last_.rejects.empty()) return "refused";
    return query("SELECT typeof(v), v FROM t");
  }

  Outcome last_;
};

TEST_F(TableWriterValues, ExistingColumnsStoreWhatImportWouldStore) {
  EXPECT_EQ(existing("INTEGER", "12"), "integer|12");
  EXPECT_EQ(existing("INTEGER", "5000000000"), "integer|5000000000");
  EXPECT_EQ(existing("DECIMAL(15,2)", "17.00"), "integer|17");
  EXPECT_EQ(existing("DECIMAL(15,2)", "-0.07"), "real|-0.07");
  EXPECT_EQ(existing("DECIMAL(15,2)", "24710.35"), "real|24710.35");
  EXPECT_EQ(existing("DECIMAL(15,2)", "1.239"), "real|1.239");
  EXPECT_EQ(existing("NUMERIC", "1e3"), "integer|1000");
  EXPECT_EQ(existing("DOUBLE", "3"), "real|3.0");
  EXPECT_EQ(existing("VARCHAR(10)", "007"), "text|007");
  EXPECT_EQ(existing("DATE", "1996-03-13"), "text|1996-03-13");
  EXPECT_EQ(existing("BOOLEAN", "true"), "integer|1");
  EXPECT_EQ(existing("", "12"), "text|12");
  EXPECT_EQ(existing("MONEY", "12"), "integer|12");
}

TEST_F(TableWriterValues, ExistingColumnsCheckTheirDeclaredType) {
  EXPECT_EQ(existing("INTEGER", "12.5"), "refused");
  EXPECT_EQ(existing("SMALLINT", "40000"), "refused");
  EXPECT_EQ(existing("DECIMAL(5,2)", "1234.5"), "refused");
  EXPECT_EQ(existing("VARCHAR(3)", "äöüß"), "refused");
  EXPECT_EQ(existing("DATE", "1996-02-30"), "refused");
  EXPECT_EQ(existing("UUID", "nope"), "refused");
  EXPECT_EQ(existing("BLOB", "text"), "refused");
  EXPECT_EQ(existing("BLOB", "\\x6869"), "blob|hi");
  EXPECT_EQ(existing("TIMESTAMP", "2024-01-31T10:00:00Z"), "text|2024-01-31T10:00:00Z");
  EXPECT_EQ(existing("JSON", "{"), "refused");
}

TEST_F(TableWriterValues, RefusalNamesPlaceColumnValueAndExpectation) {
  sql("CREATE TABLE t(a INTEGER, b DATE)");
  const auto made = begun(spec("t"), {"a", "b"});
  const Outcome outcome = put(*made, {{"1", "2024-01-01"}, {"2", "2024-13-01"}, {"3", "2024-01-03"}});
  EXPECT_EQ(query("SELECT a FROM t"), "1;3");
  ASSERT_EQ(outcome.rejects.size(), 1U);
  const Reject& reject = outcome.rejects.front();
  EXPECT_EQ(reject.phase, RejectPhase::write);
  EXPECT_EQ(reject.record, 2U);
  EXPECT_EQ(reject.line, 3U);
  EXPECT_EQ(reject.column, "b");
  EXPECT_EQ(reject.value, "2024-13-01");
  EXPECT_THAT(reject.reason, HasSubstr("YYYY-MM-DD"));
  EXPECT_EQ(reject.raw, "2,2024-13-01");
}

TEST_F(TableWriterValues, LongValuesAreCutInRejects) {
  EXPECT_EQ(existing("INTEGER", std::string(199, 'x') + "äöü" + std::string(20'000, 'y')), "refused");
  EXPECT_EQ(last_.rejects[0].value, std::string(199, 'x'));
  EXPECT_EQ(last_.rejects[0].raw.size(), max_reject_raw_bytes);
}

TEST_F(TableWriterValues, CreatedColumnsCheckAndRoundAsDeclared) {
  EXPECT_EQ(created("integer", "5000000000"), "refused");
  EXPECT_EQ(created("bigint", "5000000000"), "integer|5000000000");
  EXPECT_EQ(created("numeric(5,2)", "1.005"), "real|1.01");
  EXPECT_EQ(created("numeric(5,2)", "999.995"), "refused");
  EXPECT_EQ(created("numeric(20,2)", "12345678901234567.125"), "text|12345678901234567.13");
  EXPECT_EQ(created("numeric", "0.10"), "text|0.10");
  EXPECT_EQ(created("boolean", "yes"), "integer|1");
  EXPECT_EQ(created("real", "1e39"), "refused");
  EXPECT_EQ(created("double precision", "nan"), "refused");
  EXPECT_EQ(created("double precision", "1e39"), "real|1.0e+39");
  EXPECT_EQ(created("char(2)", "ab "), "text|ab");
  EXPECT_EQ(created("char(2)", "abc"), "refused");
  EXPECT_EQ(created("bytea", "\\x6869"), "blob|hi");
  EXPECT_EQ(created("timestamptz", "2024-01-31 10:00:00"), "refused");
  EXPECT_EQ(created("timestamptz", "2024-01-31 10:00:00+01"), "text|2024-01-31 10:00:00+01");
}

TEST_F(TableWriterValues, DeclaredTypesHoldOnLaterRunsToo) {
  EXPECT_EQ(created("date", "2024-01-01"), "text|2024-01-01");
  auto again = spec("t");
  again.create = true;
  again.columns = {{"v", "date"}};
  const auto made = begun(again, {"v"});
  EXPECT_EQ(put(*made, {{"not a date"}}).rejects.size(), 1U);
}

TEST_F(TableWriterValues, EmptyFieldOfAFileIsNullWhereItCannotBeText) {
  for (const char* type : {"TEXT", "VARCHAR(5)", "CHAR(5)", "", "NOTE TEXT"}) {
    EXPECT_EQ(existing(type, ""), "text|") << type;
    EXPECT_EQ(existing(type, FieldKind::null), "null|NULL") << type;
  }
  for (const char* type : {"INTEGER", "DATE", "DECIMAL(5,2)", "DOUBLE", "BOOLEAN", "UUID", "JSON", "BLOB", "MONEY"}) {
    EXPECT_EQ(existing(type, ""), "null|NULL") << type;
  }
  EXPECT_EQ(existing("INTEGER", {FieldKind::text, ""}), "refused") << "an empty text of JSON or of a table";
  EXPECT_EQ(existing("TEXT", {FieldKind::text, ""}), "text|");
}

TEST_F(TableWriterValues, JsonKindsGoWhereTheyMeanTheSame) {
  EXPECT_EQ(existing("TEXT", {FieldKind::number, "1.50"}), "text|1.50");
  EXPECT_EQ(existing("INTEGER", {FieldKind::number, "15"}), "integer|15");
  EXPECT_EQ(existing("INTEGER", {FieldKind::number, "1.5"}), "refused");
  EXPECT_EQ(existing("BOOLEAN", {FieldKind::boolean, "true"}), "integer|1");
  EXPECT_EQ(existing("INTEGER", {FieldKind::boolean, "true"}), "refused");
  EXPECT_THAT(last_.rejects[0].reason, HasSubstr("a boolean is no"));
  EXPECT_EQ(existing("TEXT", {FieldKind::boolean, "true"}), "text|true");
  EXPECT_EQ(existing("JSON", {FieldKind::json, "{\"a\":1}"}), "text|{\"a\":1}");
  EXPECT_EQ(existing("TEXT", {FieldKind::json, "[1]"}), "text|[1]");
  EXPECT_EQ(existing("DATE", {FieldKind::json, "[1]"}), "refused");
}

TEST_F(TableWriterValues, EmptyKeyIsRefused) {
  sql("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)");
  const auto made = begun(spec("t", WriteMode::upsert, {"id"}), {"id", "v"});
  const Outcome outcome = put(*made, {{"", "a"}, {FieldKind::null, "b"}, {"3", "c"}});
  EXPECT_EQ(query("SELECT * FROM t"), "3|c");
  ASSERT_EQ(outcome.rejects.size(), 2U);
  EXPECT_EQ(outcome.rejects[0].reason, "key column id is empty");
}

TEST_F(TableWriterValues, TextWithZeroBytesAndEmptyBuffersAreKept) {
  EXPECT_EQ(existing("TEXT", std::string("a\0b", 3)), std::string("text|a\0b", 8));
  sql("CREATE TABLE e(v TEXT NOT NULL)");
  const auto made = begun(spec("e"), {"v"});
  EXPECT_EQ(put(*made, {{""}}).written, 1U);
  EXPECT_EQ(put(*made, {}).written, 0U);
}

}  // namespace
}  // namespace baton
