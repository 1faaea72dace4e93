// Columns that go from PostgreSQL to PostgreSQL as their binary bytes, and those that cannot.
#include "batch/native_columns.h"
#include "data/projection.h"
#include "postgres/table_reader.h"
#include "postgres/value_text.h"
#include "tests/postgres/table_writer_fixture.h"

#include <fmt/format.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PgNativeColumns : public PgTableWriterTest {
 protected:
  using Processors = std::vector<std::unique_ptr<Processor>>;

  struct Copied {
    PgOutcome outcome;
    std::string kinds;  // of the fields of the first row as the writer gets them: n(ative), t(ext), b(oolean), - (NULL)
    std::vector<Position> ends;
  };

  static char letter(FieldKind kind) {
    switch (kind) {
      case FieldKind::native: return 'n';
      case FieldKind::text: return 't';
      case FieldKind::boolean: return 'b';
      case FieldKind::null: return '-';
      default: return '?';
    }
  }

  std::unique_ptr<Reader> reader(PgReadSpec from) {
    from.connection = "source";
    return make_pg_reader(database_.settings(), std::move(from), "job/step");
  }
  static PgReadSpec table(std::string name, std::vector<std::string> key = {}) {
    return {"", std::move(name), "", std::move(key)};
  }

  // As a load step does it, in one chunk, in batches of `rows`.
  Copied copy(PgReadSpec from, const TableSpec& to, const Processors& processors = {}, std::size_t rows = 4096,
              const Position* resumed = nullptr) {
    Copied copied;
    const auto input = reader(std::move(from));
    auto columns = input->open({});
    EXPECT_TRUE(columns) << columns.error().message;
    for (const auto& processor : processors) columns = processor->bind(*columns);
    const auto target = bound(to, *columns);
    settle_native_columns(*input, processors, *target);
    if (resumed != nullptr) ok(input->resume(*resumed));
    begin(*target);
    RowBatch batch;
    ReadLimits limits;
    limits.rows = rows;
    std::vector<std::unique_ptr<EncodedBatch>> encoded;
    while (true) {
      const auto more = input->read(batch, limits);
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) break;
      for (const auto& processor : processors) ok(processor->apply(batch));
      if (copied.kinds.empty()) {
        for (std::size_t i = 0; i < batch.columns; ++i) copied.kinds += letter(batch.at(0, i).kind);
      }
      copied.ends.push_back(batch.end);
      encoded.push_back(target->encode(batch, copied.outcome.rejects));
    }
    const auto tally = in_transaction([&] { return target->write_all(encoded); });
    EXPECT_TRUE(tally) << tally.error().message;
    if (!tally) return copied;
    copied.outcome.written = tally->written;
    copied.outcome.rejects.insert(copied.outcome.rejects.end(), tally->rejects.begin(), tally->rejects.end());
    return copied;
  }

  // Rows of one table that the other lacks, whatever their types have for an =.
  std::string difference(const std::string& one, const std::string& other) {
    return query(fmt::format("SELECT count(*) FROM (SELECT {0}::text FROM {0} EXCEPT ALL SELECT {1}::text FROM {1}) d",
                             one, other));
  }
};

TEST_F(PgNativeColumns, EveryTypeThenArrivesAsItWas) {
  struct Type {
    std::string type;
    std::string values;
    char kind = 'n';
  };
  const std::vector<Type> types = {
      {"boolean", "(true), (false)"},
      {"smallint", "(-32768), (32767)"},
      {"integer", "(-2147483648), (7)"},
      {"bigint", "(-9223372036854775808), (7)"},
      {"real", "('NaN'), (1.5e-30), ('-Infinity')"},
      {"double precision", "(0.1), ('Infinity'), (1e300)"},
      {"numeric", "(0), (-0.00001), (123456789012345678901234567890.1200), ('NaN'), ('-Infinity')"},
      {"numeric(15,2)", "(10000), (-0.5), (9999999999999.99)"},
      {"text", "(''), (E'tab\\t\\\\ line\\n'), ('ümläut')"},
      {"varchar(5)", "('abcde'), ('')"},
      {"char(4)", "('ab'), ('abcd'), ('')"},
      {"name", "('n')"},
      {"bytea", "('\\x'), ('\\x00ff0a')"},
      {"date", "('infinity'), ('0044-03-15 BC'), ('2024-02-29')"},
      {"time", "('24:00'), ('12:34:56.7')"},
      {"timestamp", "('-infinity'), ('1999-12-31 23:59:59.999999')"},
      {"timestamptz", "('2024-01-01 00:00:00+02'), ('0001-01-01 00:00:00+00 BC')"},
      {"uuid", "('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')"},
      {"json", "('{\"a\" : [1, 2]}')"},
      {"jsonb", "('{\"a\": 1}')"},
      {"integer[]", "('{}'), ('{1,NULL,3}'), ('[0:1]={1,2}'), ('{{1,2},{3,4}}')"},
      {"text[]", "('{\"a b\",NULL,\"NULL\",\"q\\\"\\\\\",\"\"}')"},
      {"numeric(6,2)[]", "('{1.25,-3}')"},
      {"mood", "('sad'), ('o,k')", 't'},
      {"even", "(2)"},
      {"mood[]", "('{sad,\"o,k\"}')", 't'},
      {"interval", "('1 year -2 days 03:00:00.5')", 't'},
      {"timetz", "('12:00+02')", 't'},
      {"inet", "('10.0.0.1'), ('::1/64')", 't'},
      {"cidr", "('10.0.0.0/8')", 't'},
  };
  query("CREATE TYPE mood AS ENUM ('sad', 'o,k'); CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0)");
  for (const Type& one : types) {
    SCOPED_TRACE(one.type);
    query(
        fmt::format("DROP TABLE IF EXISTS s, t; CREATE TABLE s (id int, v {0}); CREATE TABLE t (id int, v {0});"
                    "INSERT INTO s (v) VALUES {1}; INSERT INTO s VALUES (NULL); UPDATE s SET id = 1",
                    one.type, one.values));
    const Copied copied = copy(table("s"), spec("t"));
    EXPECT_EQ(copied.kinds, std::string("n") + one.kind);
    EXPECT_THAT(copied.outcome.rejects, IsEmpty());
    EXPECT_EQ(difference("s", "t") + difference("t", "s"), "00");
  }
}

TEST_F(PgNativeColumns, EmptyTextsOfTypesThatHaveThemThenAreNoNulls) {
  for (const std::string type : {"tsvector", "varbit", "\"char\"", "xml", "words"}) {
    SCOPED_TRACE(type);
    query(
        fmt::format("DROP DOMAIN IF EXISTS words CASCADE; CREATE DOMAIN words AS text;"
                    "DROP TABLE IF EXISTS s, t; CREATE TABLE s (id int, v {0}); CREATE TABLE t (id int, v {0});"
                    "INSERT INTO s VALUES (1, ''), (2, NULL)",
                    type));
    const Copied copied = copy(table("s"), spec("t"));
    EXPECT_THAT(copied.outcome.rejects, IsEmpty());
    EXPECT_EQ(query("SELECT id, v IS NULL FROM t ORDER BY id"), "1|f\n2|t");
  }
}

TEST_F(PgNativeColumns, TextOfAValueThenIsTheServersOwn) {
  const std::vector<std::pair<std::string, std::string>> values = {
      {"boolean", "true"},
      {"int2", "-5"},
      {"int4", "-2147483648"},
      {"int8", "9223372036854775807"},
      {"float4", "-0.25"},
      {"float8", "123.456"},
      {"float8", "NaN"},
      {"float8", "-Infinity"},
      {"numeric", "0"},
      {"numeric", "0.000"},
      {"numeric", "-0.00012"},
      {"numeric", "10000"},
      {"numeric", "100000000.0001"},
      {"numeric", "12345.678900"},
      {"numeric", "1e40"},
      {"numeric", "NaN"},
      {"text", "x"},
      {"char(3)", "x"},
      {"bytea", "\\x00fe"},
      {"date", "2000-01-01"},
      {"date", "1999-12-31"},
      {"date", "0001-01-01 BC"},
      {"date", "12345-06-07"},
      {"date", "-infinity"},
      {"time", "23:59:59.000001"},
      {"timestamp", "1969-07-20 20:17:40.25"},
      {"timestamp", "infinity"},
      {"timestamptz", "0044-03-15 12:00:00+00 BC"},
      {"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"jsonb", "{\"a\": [1, null]}"},
      {"json", "[1]"},
      {"int4[]", "{1,NULL}"},
      {"int4[]", "[2:3][0:1]={{1,2},{3,4}}"},
      {"text[]", "{\"\",\"a b\",\"n,o\",nUlL,\"NULL\",\"\\\"\\\\\",x}"},
      {"date[]", "{2024-02-29}"},
      {"int4[]", "{}"},
  };
  for (const auto& [type, value] : values) {
    const auto sent =
        looking_->query(fmt::format("SELECT $1::{}", type), PgParameters::of(value), PgEffect::none, {true});
    ASSERT_TRUE(sent) << sent.error().message;
    PgEncoder encoder = pg_encoder(sent->column_type(0), -1);
    if (type.ends_with("[]")) {
      encoder.codec = PgCodec::array;
      const std::string element = query(fmt::format("SELECT '{}'::regtype::oid", type.substr(0, type.size() - 2)));
      encoder.element =
          std::make_shared<const PgEncoder>(pg_encoder(static_cast<std::uint32_t>(std::stoul(element)), -1));
    }
    ASSERT_TRUE(has_value_text(encoder)) << type;
    const auto text = looking_->query(fmt::format("SELECT $1::{}", type), PgParameters::of(value));
    EXPECT_EQ(value_text(encoder, sent->view(0, 0)), text->text(0, 0)) << type;
    if (encoder.codec == PgCodec::array || encoder.codec == PgCodec::numeric) {
      EXPECT_EQ(value_text(encoder, sent->view(0, 0).substr(1)), std::nullopt) << type;
    }
  }
  EXPECT_EQ(value_text(pg_encoder(23, -1), "abc"), std::nullopt);
}

TEST_F(PgNativeColumns, OtherTypeThenGoesThroughItsText) {
  query(
      "CREATE TABLE s (a int, b numeric, c char(3), d inet, e timestamp, f boolean, g point, h text, i int[]);"
      "INSERT INTO s VALUES (1, 2.50, 'x', '1.2.3.4', '2024-01-02 03:04:05', true, '(1,2)', '{\"a\":1}', '{1}');"
      "CREATE TABLE t (a bigint, b text, c text, d text, e date, f text, g text, h jsonb, i bigint[])");
  query("ALTER TABLE t ALTER e TYPE timestamptz; ALTER TABLE t ADD z int; ALTER TABLE s ADD z int; UPDATE s SET z = 9");
  query("ALTER TABLE t ALTER e TYPE timestamp");
  const Copied copied = copy(table("s"), spec("t"));
  EXPECT_EQ(copied.kinds, "ttttnbtttn");
  EXPECT_EQ(query("SELECT * FROM t"), "1|2.50|x  |1.2.3.4|2024-01-02 03:04:05|true|(1,2)|{\"a\": 1}|{1}|9");
}

TEST_F(PgNativeColumns, TextCopyOrADeclaredTypeThenNothingIsNative) {
  query(
      "CREATE TABLE s (n bigint, m int); INSERT INTO s VALUES (40000, 1); CREATE TABLE t (n bigint, m int, at point)");
  auto of = spec("t");
  of.columns = {{"n", "smallint"}, {"m", "integer"}};
  const Copied narrowed = copy(table("s"), of);
  EXPECT_EQ(narrowed.kinds, "tn");
  ASSERT_THAT(narrowed.outcome.rejects, SizeIs(1));
  EXPECT_EQ(narrowed.outcome.rejects[0].value, "40000");
  query("ALTER TABLE s ADD at point DEFAULT '(1,2)'");
  EXPECT_EQ(copy(table("s"), spec("t")).kinds, "ttt");
  EXPECT_EQ(query("SELECT * FROM t"), "40000|1|(1,2)");
}

TEST_F(PgNativeColumns, TypeModifiersThenAppliedByTheServer) {
  query(
      "CREATE TABLE s (id int PRIMARY KEY, v varchar(9), n numeric(9,4), at timestamp(6), c char(6));"
      "INSERT INTO s VALUES (1, 'ab ', 1.2345, '2024-01-01 00:00:00.6', 'x'), (2, 'abcd', 1, now(), ''), "
      "(3, 'ab', 12345, now(), ''), (4, 'ab', NULL, now(), 'wxyz');"
      "CREATE TABLE t (id int, v varchar(2), n numeric(5,1), at timestamp(0), c char(3))");
  const Copied copied = copy(table("s", {"id"}), spec("t"));
  EXPECT_EQ(copied.kinds, "nnnnn");
  EXPECT_EQ(copied.outcome.written, 1U);
  EXPECT_EQ(query("SELECT * FROM t"), "1|ab|1.2|2024-01-01 00:00:01|x  ");
  ASSERT_THAT(copied.outcome.rejects, SizeIs(3));
  EXPECT_EQ(copied.outcome.rejects[0].value, "abcd");
  EXPECT_THAT(copied.outcome.rejects[0].raw, testing::StartsWith("2\tabcd\t1.0000\t20"));
  EXPECT_THAT(copied.outcome.rejects[1].reason, HasSubstr("numeric field overflow"));
  EXPECT_THAT(copied.outcome.rejects[2].raw, HasSubstr("4\tab\t\\N\t"));
}

TEST_F(PgNativeColumns, RejectWhileEncodingThenShowsItsRecordAsText) {
  query(
      "CREATE TABLE s (id int, f boolean, d date, a text[], w text, x int);"
      "INSERT INTO s VALUES (1, true, '2024-01-02', '{a,\"b c\"}', E'no\\tnumber', NULL);"
      "CREATE TABLE t (id int, f boolean, d date, a text[], w int, x int)");
  const Copied copied = copy(table("s"), spec("t"));
  ASSERT_THAT(copied.outcome.rejects, SizeIs(1));
  EXPECT_EQ(copied.outcome.rejects[0].column, "w");
  EXPECT_EQ(copied.outcome.rejects[0].value, "no\tnumber");
  EXPECT_EQ(copied.outcome.rejects[0].raw, "1\tt\t2024-01-02\t{a,\"b c\"}\tno\\tnumber\t\\N");
}

TEST_F(PgNativeColumns, RowsThatTheTargetRefusesThenAreRejectsInWords) {
  query(
      "CREATE TABLE s (id int PRIMARY KEY, d date); INSERT INTO s SELECT i, '2024-01-01'::date + i FROM "
      "generate_series(1, 100) i; CREATE TABLE t (id int, d date CHECK (d <> '2024-01-31'))");
  const Copied copied = copy(table("s", {"id"}), spec("t"), {}, 7);
  EXPECT_EQ(copied.outcome.written, 99U);
  ASSERT_THAT(copied.outcome.rejects, SizeIs(1));
  EXPECT_EQ(copied.outcome.rejects[0].record, 30U);
  EXPECT_EQ(copied.outcome.rejects[0].value, "2024-01-31");
  EXPECT_EQ(copied.outcome.rejects[0].raw, "30\t2024-01-31");
}

TEST_F(PgNativeColumns, ColumnsRenamedAndDroppedThenStillGoAsTheyAre) {
  query(
      "CREATE TABLE s (id int, a text, n numeric, u uuid, z int); INSERT INTO s VALUES (1, 'a', 2.5, NULL, 3), (4, "
      "NULL, "
      "NULL, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 6); CREATE TABLE t (z int, amount numeric, u uuid, id int)");
  Processors processors;
  processors.push_back(make_rename({{"n", "amount"}}));
  processors.push_back(make_drop({"a"}));
  processors.push_back(make_keep({"id", "amount", "u", "z"}));
  EXPECT_EQ(copy(table("s"), spec("t"), processors).kinds, "nn-n");
  EXPECT_EQ(query("SELECT id, amount, u, z FROM t ORDER BY id"), "1|2.5||3\n4||a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|6");
}

TEST_F(PgNativeColumns, P11PagesByKeyThenGoOnBehindTheLastKeyOfABatch) {
  query(
      "CREATE TABLE s (d date, f float8, n numeric(9,2), v int, PRIMARY KEY (d, n, f)); INSERT INTO s SELECT "
      "'2024-01-01'::date + i / 3, i / 8.0, i % 3 - 1.5, i FROM generate_series(1, 50) i; CREATE TABLE t AS TABLE s "
      "WITH "
      "NO DATA; CREATE TABLE twice AS TABLE s WITH NO DATA");
  const Copied copied = copy(table("s", {"d", "n", "f"}), spec("t"), {}, 9);
  EXPECT_EQ(copied.kinds, "ntnn");  // the text of a float as a key is the server's own
  EXPECT_EQ(difference("s", "t") + difference("t", "s"), "00");
  ASSERT_THAT(copied.ends, SizeIs(6));
  EXPECT_EQ(copied.ends[0].key,
            query("SELECT format('[\"%s\",\"%s\",\"%s\"]', d, n, f) FROM s ORDER BY d, n, f LIMIT 1 OFFSET 8"));
  const Copied rest = copy(table("s", {"d", "n", "f"}), spec("twice"), {}, 9, &copied.ends[2]);
  EXPECT_EQ(rest.outcome.written, 50U - 27U);
  EXPECT_EQ(rest.ends.back(), copied.ends.back());
}

TEST_F(PgNativeColumns, TypeChangesAfterItWasAgreedOnThenItsBytesAreStillOfTheFormerOne) {
  query("CREATE TABLE s (v int, w text); INSERT INTO s VALUES (3, '4'); CREATE TABLE t (v int, w text)");
  const auto input = reader(table("s"));
  ASSERT_TRUE(input->open({}));
  const auto target = bound(spec("t"), {"v", "w"});
  settle_native_columns(*input, {}, *target);
  query("ALTER TABLE s ALTER v TYPE real, ALTER w TYPE int USING 5");
  RowBatch batch;
  ASSERT_TRUE(input->read(batch, {}).value());
  begin(*target);
  EXPECT_EQ(write(*target, batch).written, 1U);
  EXPECT_EQ(query("SELECT * FROM t"), "3|5");
}

TEST_F(PgNativeColumns, EmptyInputAndAQueryThenReadInBinaryToo) {
  query("CREATE TABLE s (id int PRIMARY KEY); CREATE TABLE t (id int, b boolean)");
  EXPECT_EQ(copy({"", "", "SELECT id, id > 0 AS b FROM s", {"id"}}, spec("t")).outcome.written, 0U);
  query("INSERT INTO s VALUES (1), (2)");
  const Copied copied = copy({"", "", "SELECT id, id > 1 AS b FROM s", {}}, spec("t"));
  EXPECT_EQ(copied.kinds, "nn");
  EXPECT_EQ(query("SELECT id, b FROM t ORDER BY id"), "1|f\n2|t");
}

}  // namespace
}  // namespace baton
