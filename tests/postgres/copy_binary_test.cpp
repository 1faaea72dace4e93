// What the server makes of COPY BINARY, against what it makes of the same text.
#include "tests/postgres/table_writer_fixture.h"

#include <fmt/format.h>
#include <rapidcheck.h>
#include <random>

namespace baton {
namespace {

class CopyBinary : public PgTableWriterTest {
 protected:
  // Loads `values` into a column of `type` and compares with the server's own reading of each text.
  void expect_same(const std::string& type, const std::vector<std::string>& values) {
    query("DROP TABLE IF EXISTS t; CREATE TABLE t (n int, c " + type + ")");
    PgTestRows rows;
    for (std::size_t i = 0; i < values.size(); ++i) rows.push_back({fmt::format("{}", i), values[i]});
    const PgOutcome outcome = load(spec("t"), {"n", "c"}, rows);
    for (const Reject& reject : outcome.rejects) ADD_FAILURE() << type << " " << reject.value << ": " << reject.reason;
    EXPECT_EQ(outcome.written, values.size());
    EXPECT_EQ(report("t").binary, true) << type;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string read = query(fmt::format("SELECT coalesce(c::text, 'NULL') FROM t WHERE n = {}", i));
      const std::string direct =
          query(fmt::format("SELECT ({}::{})::text", PgConnection::quoted_text(values[i]), type));
      EXPECT_EQ(read, direct) << type << " " << values[i];
    }
  }

  void expect_refused(const std::string& type, const std::vector<std::string>& values) {
    query("DROP TABLE IF EXISTS t; CREATE TABLE t (c " + type + ")");
    const auto to = bound(spec("t"), {"c"});
    for (const std::string& value : values) {
      std::vector<Reject> rejects;
      to->encode(pg_batch({{value}}), rejects);
      ASSERT_EQ(rejects.size(), 1U) << type << " took " << value;
      EXPECT_EQ(rejects[0].column, "c");
      EXPECT_EQ(rejects[0].value, value);
      EXPECT_EQ(rejects[0].phase, RejectPhase::write);
      EXPECT_THAT(rejects[0].reason, testing::HasSubstr("expected"));
    }
  }

  PgTablePlanReport report(const std::string& table) {
    auto plan = plan_pg_table(session_, spec(table), {});
    EXPECT_TRUE(plan) << plan.error().message;
    return *std::move(plan);
  }
};

TEST_F(CopyBinary, NumbersAreWhatTheServerReads) {
  expect_same("smallint", {"0", "-32768", "32767", "+7", "007"});
  expect_same("integer", {"0", "-2147483648", "2147483647"});
  expect_same("bigint", {"-9223372036854775808", "9223372036854775807"});
  expect_same("real", {"0", "-0", "1.5", "3.4028235e38", "1e-45", "NaN", "Infinity", "-Infinity", "inf", "0.1"});
  expect_same("double precision",
              {"0", "-0", "0.1", "1e308", "1.7976931348623157e308", "5e-324", "nan", "infinity", "-inf", "+1", ".5"});
  expect_refused("smallint", {"32768", "1.0", "1e2", "x", " 1", "1 ", "--1", "+-1"});
  expect_refused("integer", {"2147483648", "0x1"});
  expect_refused("bigint", {"9223372036854775808"});
  expect_refused("real", {"3.5e38", "1e-50", "1,5", "abc", "+-1"});
  expect_refused("double precision", {"1e309", "1e-400", "1.2.3", "--inf"});
}

TEST_F(CopyBinary, NumericsOfEveryScaleAreWhatTheServerReads) {
  std::mt19937_64 random(7);
  std::vector<std::string> values = {"0",
                                     "0.0",
                                     "-0.00",
                                     "1",
                                     "-1",
                                     "10000",
                                     "9999",
                                     "100000",
                                     "0.0001",
                                     "0.00001",
                                     "0.1234567890123",
                                     "12345.6789",
                                     "+3.10",
                                     ".5",
                                     "5.",
                                     "1e3",
                                     "1.5e1",
                                     "1.50e1",
                                     "1e-3",
                                     "-2.5E-7",
                                     "1e100",
                                     "1e-100",
                                     "0e10",
                                     "0.00e5",
                                     "0e-4",
                                     "NaN",
                                     "nan",
                                     "Infinity",
                                     "-inf",
                                     "00012.50",
                                     "123e-2",
                                     "1e131071",
                                     "1e-16383"};
  for (int scale = 0; scale <= 20; ++scale) {
    for (int digits = 1; digits <= 24; digits += 3) {
      std::string text = random() % 2 == 0 ? "" : "-";
      for (int i = 0; i < digits; ++i) text += static_cast<char>('0' + random() % 10);
      if (scale > 0) text += '.';
      for (int i = 0; i < scale; ++i) text += static_cast<char>('0' + (random() % 3 == 0 ? 0 : random() % 10));
      values.push_back(text);
    }
  }
  expect_same("numeric", values);
  expect_same("numeric", {std::string(4000, '7') + "." + std::string(4001, '3'), "0." + std::string(5000, '0') + "1"});
  expect_same("numeric(15,2)", {"1", "1.005", "-1.995", "9999999999999.99", "1e12", "12.5e-1", "NaN"});
  expect_same("numeric(3)", {"999", "-12.4", "0.5"});
  expect_refused("numeric",
                 {"1e", "e5", "1.2.3", "1e131072", "1e-16384", "1_000", "- 1", "-nan", "1e99999999999", ".", "-"});
  expect_refused("numeric(5,2)", {"1000", "1e3", "Infinity"});
}

TEST_F(CopyBinary, RandomNumericsAreWhatTheServerReads) {
  query("CREATE TABLE t (n int, c numeric)");
  const auto to = bound(spec("t"), {"n", "c"});
  EXPECT_TRUE(rc::check("numerics are what the server reads", [&] {
    const auto count = *rc::gen::inRange(1, 40);
    PgTestRows rows;
    std::string list;
    for (int i = 0; i < count; ++i) {
      const auto whole = *rc::gen::container<std::string>(rc::gen::inRange<char>('0', '9' + 1));
      const auto decimals = *rc::gen::container<std::string>(rc::gen::inRange<char>('0', '9' + 1));
      std::string text = (*rc::gen::arbitrary<bool>() ? "-" : "") + whole + "." + decimals;
      if (whole.empty() && decimals.empty()) text += "0";
      if (*rc::gen::arbitrary<bool>()) text += fmt::format("e{}", *rc::gen::inRange(-60, 60));
      rows.push_back({fmt::format("{}", i), text});
      list += fmt::format("{}('{}')", list.empty() ? "" : ",", text);
    }
    query("TRUNCATE t");
    RC_ASSERT(write(*to, pg_batch(rows)).written == rows.size());
    RC_ASSERT(query("SELECT string_agg(c::text, ' ' ORDER BY n) FROM t") ==
              query("SELECT string_agg(v::numeric::text, ' ') FROM (VALUES " + list + ") l(v)"));
  }));
}

TEST_F(CopyBinary, TextsAreWhatTheServerReads) {
  expect_same("text", {"", "a", "héllo", "tab\tand\nline", "\\N", "'quoted'"});
  expect_same("varchar(3)", {"", "äöü", "abc  "});
  expect_same("char(5)", {"", "ab", "ab   ", "abcde     "});
  expect_same("name", {"a", std::string(63, 'n')});
  expect_same("bytea", {"\\x", "\\x00ff10", "\\xABcd"});
  expect_same("json", {"{\"a\": [1, 2]}", "null", "\"x\"", "1.50"});
  expect_same("jsonb", {"{\"b\": 1, \"a\": 2}", "[]", "12345678901234567890.10"});
  expect_same("uuid", {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
                       "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}"});
  expect_same("boolean", {"true", "f", "YES", "off", "1", "0"});
  expect_refused("varchar(3)", {"abcd", "äöüß"});
  expect_refused("char(5)", {"abcdef"});
  expect_refused("name", {std::string(64, 'n')});
  expect_refused("bytea", {"\\x0", "00ff", "\\xzz"});
  expect_refused("json", {"{", "tru", "{'a':1}"});
  expect_refused("uuid", {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11x", "g"});
  expect_refused("boolean", {"maybe", "2"});
}

TEST_F(CopyBinary, TimesAreWhatTheServerReads) {
  expect_same("date",
              {"2000-01-01", "1999-12-31", "0001-01-01", "9999-12-31", "2024-02-29", "1900-02-28", "0044-03-15 BC",
               "0001-12-31 BC", "4713-11-24 BC", "5874897-12-31", "infinity", "-infinity", "12024-06-01"});
  expect_same("time", {"00:00", "23:59:59.999999", "24:00:00", "12:34:56.7", "01:02:03.1234564", "23:59:59.9999999",
                       "00:00:00.0000005", "00:00:00.0000015"});
  expect_same("timetz", {"12:00:00+00", "12:00:00.5-07:30", "23:59:59Z", "00:00:00+15:59:59"});
  expect_same("timestamp", {"2024-02-29 12:34:56.789", "1969-12-31T23:59:59.9999996", "2024-01-01",
                            "2024-01-01 24:00:00", "0001-01-01 00:00:00 BC", "infinity", "-infinity",
                            "294276-12-31 23:59:59.999999", "2024-01-01 10:00:00+05"});
  expect_same("timestamptz", {"2024-02-29 12:34:56.789+00", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00-03:30",
                              "2024-06-01 10:00:00+0545", "0001-01-01 00:00:00+00 BC", "infinity",
                              "4713-11-24 00:00:00+00 BC", "2024-01-01 00:00:00+01:02:03"});
  expect_refused("date", {"2023-02-29", "2024-13-01", "2024-00-10", "0000-01-01", "24-01-01", "2024-1-1", "2024-01-01x",
                          "2024-01-01 00:00", "5874898-12-31", "4714-01-01 BC", "today", "2024-06-31"});
  expect_refused("time", {"24:00:01", "12:60", "12", "12:34:56.", "12:34:5", "25:00:00"});
  expect_refused("timestamp", {"2024-01-01 ", "2024-01-01 25:00:00", "2024-01-01X00:00:00", "294277-01-01 00:00:00",
                               "2024-01-01 00:00:00 Europe/Berlin", "now"});
  expect_refused("timestamptz",
                 {"2024-01-01 00:00:00", "2024-01-01", "2024-01-01 00:00:00+16", "2024-01-01 00:00:00 UTC"});
}

TEST_F(CopyBinary, RandomMomentsAreWhatTheServerReads) {
  query("CREATE TABLE t (n int, c timestamptz)");
  const auto to = bound(spec("t"), {"n", "c"});
  EXPECT_TRUE(rc::check("moments are what the server reads", [&] {
    const auto seconds = *rc::gen::container<std::vector<std::int64_t>>(
        30, rc::gen::inRange<std::int64_t>(-200'000'000'000, 253'402'300'799));
    PgTestRows rows;
    std::string list;
    for (std::size_t i = 0; i < seconds.size(); ++i) list += fmt::format("{}({},{})", i > 0 ? "," : "", i, seconds[i]);
    const std::string all =
        query("SELECT string_agg((to_timestamp(s) + n * '0.001239 s'::interval)::text, '|' ORDER BY n) FROM (VALUES " +
              list + ") l(n, s)");
    std::size_t at = 0;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      const auto end = std::min(all.find('|', at), all.size());
      rows.push_back({fmt::format("{}", i), all.substr(at, end - at)});
      at = end + 1;
    }
    query("TRUNCATE t");
    RC_ASSERT(write(*to, pg_batch(rows)).written == rows.size());
    RC_ASSERT(query("SELECT string_agg(c::text, '|' ORDER BY n) FROM t") == all);
  }));
}

TEST_F(CopyBinary, IntervalsAreWhatTheServerReads) {
  expect_same("interval", {"P1Y2M3DT4H5M6.789S", "PT0S", "P-1Y-2M3DT-4H", "P2W", "1 year 2 mons -3 days +04:05:06.7",
                           "-00:00:01.5", "@ 1 day 2 hours ago", "1 decade 3 weeks", "90 minutes 1.25 seconds", "10 ms",
                           "-1 days", "00:00:00", "2 centuries", "1 Year", "36:00:00"});
  expect_refused("interval",
                 {"P", "PT", "1 fortnight", "P1.5Y", "x", "1 day ago 2", "P1H", "4000000000 days", "1:60:00"});
}

TEST_F(CopyBinary, AddressesAreWhatTheServerReads) {
  expect_same("inet", {"192.168.1.5", "10.0.0.1/8", "::1", "2001:db8::ff00:42:8329/64", "::ffff:1.2.3.4", "0.0.0.0/0"});
  expect_same("cidr", {"10.0.0.0/8", "192.168.1.5", "2001:db8::/32", "::/0", "192.168.4.0/22"});
  expect_refused("inet", {"256.1.1.1", "1.2.3", "1.2.3.4/33", "::g", "1.2.3.4/", "::1/129"});
  expect_refused("cidr", {"10.0.0.1/8", "2001:db8::1/32"});
}

TEST_F(CopyBinary, EnumsDomainsAndArraysAreWhatTheServerReads) {
  query(
      "CREATE TYPE mood AS ENUM ('sad', 'ok', 'très bien'); CREATE DOMAIN price AS numeric(10,2) CHECK (VALUE >= 0);"
      "CREATE DOMAIN cheap AS price CHECK (VALUE < 100); CREATE DOMAIN tags AS text[]");
  expect_same("mood", {"sad", "ok", "très bien"});
  expect_same("price", {"1.005", "0"});
  expect_same("cheap", {"99.994"});
  expect_same("tags", {"{a,b}", "{}"});
  expect_refused("mood", {"Sad", "happy"});
  expect_refused("price", {"123456789.00", "x"});
  expect_same("int[]", {"{}", "{1,2,3}", "{1,NULL,-3}", "{{1,2},{3,4}}", " { 1 , 2 } ", "[0:1]={5,6}", "[2]={1,2}",
                        "{{{1},{2}},{{3},{4}}}"});
  expect_same("text[]",
              {"{a,\"b c\",\"\\\"q\\\"\",NULL,\"NULL\",null}", "{\"\"}", "{a\\,b,c\\\\d}", "{ spaced out ,x}"});
  expect_same("numeric(8,2)[]", {"{1.005,2}"});
  expect_same("date[]", {"{2024-01-01,infinity}"});
  expect_same("timestamptz[]", {"{\"2024-01-01 10:00:00+01\"}"});
  expect_same("jsonb[]", {"{\"{\\\"a\\\": 1}\",\"[1]\"}"});
  expect_same("mood[]", {"{sad,\"très bien\"}"});
  expect_same("price[]", {"{1.5}"});
  expect_same("uuid[]", {"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"});
  expect_same("varchar(2)[]", {"{ab,c}"});
  expect_refused("int[]", {"{1,2", "1,2", "{1,,2}", "{1,2}x", "{{1},{2,3}}", "{{1},2}", "{a}", "{1,}", "[0:5]={1}",
                           "{1 2}", "{\"1\"2}"});
  expect_refused("varchar(2)[]", {"{abc}"});
  expect_refused("mood[]", {"{happy}"});
}

TEST_F(CopyBinary, JsonValuesGoWhereTheyMeanTheSame) {
  query("CREATE TABLE t (n int[], x text[], j jsonb[], b boolean, o jsonb, d numeric[], s text)");
  const auto outcome = load(
      spec("t"), {"n", "x", "j", "b", "o", "d", "s"},
      {{PgTestField{FieldKind::json, "[[1, 2], [3, null]]"},
        PgTestField{FieldKind::json, R"(["a,b", "q\"\u00e9", null, "NULL"])"},
        PgTestField{FieldKind::json, R"([{"a": [1]}, "s", [2, 3], 4])"}, PgTestField{FieldKind::boolean, "true"},
        PgTestField{FieldKind::number, "1.50"}, PgTestField{FieldKind::json, "[1.10, 123456789012345678901234567890]"},
        PgTestField{FieldKind::json, "{}"}}});
  EXPECT_EQ(outcome.written, 1U);
  EXPECT_EQ(
      query("SELECT n, x, j::text, b, o, d, s FROM t"),
      R"({{1,2},{3,NULL}}|{"a,b","q\"é",NULL,"NULL"}|{"{\"a\": [1]}","\"s\"","[2, 3]",4}|t|1.50|{1.10,123456789012345678901234567890}|{})");
  query("CREATE TABLE u (n int)");
  const auto refused =
      load(spec("u"), {"n"}, {{PgTestField{FieldKind::boolean, "true"}}, {PgTestField{FieldKind::json, "[1]"}}});
  ASSERT_EQ(refused.rejects.size(), 2U);
  EXPECT_THAT(refused.rejects[0].reason, testing::HasSubstr("a boolean is no integer"));
}

// What PostgreSQL 15 takes and refuses.
TEST_F(CopyBinary, JsonIsTakenAsTheServerTakesItAndItsRefusalIsAReject) {
  query(
      "CREATE TABLE t (id int, j json); CREATE TABLE b (id int, j jsonb); CREATE TABLE a (id int, x text[], j json[])");
  const PgTestRows rows{{"1", "1e400"},    {"2", "[1e-400]"},          {"3", R"("\ud800")"}, {"4", R"("\u0000")"},
                        {"5", "1e140000"}, {"6", R"("\ud83d\ude00")"}, {"7", "[1,]"},        {"8", "NaN"}};
  const PgOutcome json = load(spec("t"), {"id", "j"}, rows);
  ASSERT_THAT(json.rejects, testing::SizeIs(2));
  EXPECT_EQ(query("SELECT string_agg(j::text, ' ' ORDER BY id) FROM t"),
            R"(1e400 [1e-400] "\ud800" "\u0000" 1e140000 "\ud83d\ude00")");
  const PgOutcome jsonb = load(spec("b"), {"id", "j"}, rows);
  EXPECT_EQ(query("SELECT string_agg(id::text, ' ' ORDER BY id) FROM b"), "1 2 6");
  EXPECT_EQ(query("SELECT j = to_jsonb(1e400::numeric) FROM b WHERE id = 1"), "t");
  ASSERT_THAT(jsonb.rejects, testing::SizeIs(5));
  for (const Reject& reject : jsonb.rejects) {
    EXPECT_EQ(reject.column, "j");
    if (reject.record == 3) {
      EXPECT_THAT(reject.reason, testing::HasSubstr("surrogate"));
      EXPECT_EQ(reject.value, R"("\ud800")");
    }
  }
  const PgOutcome arrays = load(spec("a"), {"id", "x", "j"},
                                {{"1", "{}", PgTestField{FieldKind::json, R"([1e400, "\ud800"])"}},
                                 {"2", PgTestField{FieldKind::json, R"(["\ud800"])"}, ""},
                                 {"3", PgTestField{FieldKind::json, R"(["\u00e9"])"}, ""}});
  ASSERT_THAT(arrays.rejects, testing::SizeIs(1));
  EXPECT_EQ(arrays.rejects[0].record, 2U);
  EXPECT_EQ(query("SELECT string_agg(j::text, ' ') FROM a WHERE id = 1"), R"({1e400,"\"\\ud800\""})");
}

TEST_F(CopyBinary, RefusalsNameTheTypeAndTheFormThatIsExpected) {
  query("CREATE TABLE t (id int, i int, d numeric(3,1), s smallint)");
  const PgOutcome outcome = load(spec("t"), {"id", "i", "d", "s"},
                                 {{"1", "6.0", "", ""},
                                  {"2", "", "99.96", ""},
                                  {"3", "", "100", ""},
                                  {"4", "", "", "1e3"},
                                  {"5", "2147483648", "", ""},
                                  {"6", PgTestField{FieldKind::boolean, "true"}, "", ""}});
  ASSERT_THAT(outcome.rejects, testing::SizeIs(6));
  for (const Reject& reject : outcome.rejects) {
    const char* wanted = "";
    switch (reject.record) {
      case 1: wanted = "not the form of integer: expected a whole number from -2147483648"; break;
      case 2:
        wanted = "numeric field overflow: out of range for numeric(3,1): expected a decimal number with at most 2";
        break;
      case 3: wanted = "out of range for numeric(3,1)"; break;
      case 4: wanted = "not the form of smallint: expected"; break;
      case 5: wanted = "out of range for integer"; break;
      default: wanted = "a boolean is no integer"; break;
    }
    EXPECT_THAT(reject.reason, testing::HasSubstr(wanted)) << reject.record;
    EXPECT_THAT(reject.reason, testing::Not(testing::HasSubstr("JSON")));
  }
}

TEST_F(CopyBinary, EmptyTextIsTextWhereTextGoesAndNullElsewhere) {
  query(
      "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (i int, x text, v varchar(2), d date, m mood, a text[], u "
      "uuid)");
  load(spec("t"), {"i", "x", "v", "d", "m", "a", "u"}, {{"", "", "", "", "", "", ""}});
  EXPECT_EQ(query("SELECT i IS NULL, x, v, d IS NULL, m IS NULL, a IS NULL, u IS NULL FROM t"), "t|||t|t|t|t");
}

TEST_F(CopyBinary, NulBytesAreRefused) {
  query("CREATE TABLE t (x text)");
  const auto outcome = load(spec("t"), {"x"}, {{std::string("a\0b", 3)}, {"fine"}});
  EXPECT_EQ(outcome.written, 1U);
  ASSERT_EQ(outcome.rejects.size(), 1U);
  EXPECT_THAT(outcome.rejects[0].reason, testing::HasSubstr("NUL"));
}

}  // namespace
}  // namespace baton
