// P14: a user's text is cut where PostgreSQL cuts it, and transaction control is found wherever it stands.
#include "postgres/sql_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(std::string_view sql) {
  std::vector<std::string> found;
  for (const SqlStatement& one : split_statements(sql)) found.emplace_back(one.text);
  return found;
}

bool controls(std::string_view sql) {
  const auto statements = split_statements(sql);
  EXPECT_EQ(statements.size(), 1U) << sql;
  return is_transaction_control(statements.at(0));
}

TEST(SqlText, SemicolonsCutStatementsAndEmptyOnesAreLeftOut) {
  EXPECT_THAT(texts("SELECT 1; ;\n-- only a comment\n;SELECT 2 ;"), ElementsAre("SELECT 1", "SELECT 2"));
  EXPECT_THAT(texts(" /* nothing */ ; -- x"), IsEmpty());
  EXPECT_THAT(texts(""), IsEmpty());
}

TEST(SqlText, SemicolonsInQuotesCommentsAndDollarQuotesCutNothing) {
  for (const char* const sql :
       {"SELECT 'a;b'", "SELECT 'it''s; b'", "SELECT E'it\\'s; b'", "SELECT e'a''\\';b'", "SELECT \"a;\"\"b\" FROM t",
        "SELECT $$a;b$$", "SELECT $x$a;$$;b$x$, 1", "SELECT 1 /* a; /* b; */ c; */ + 1", "SELECT 1 -- a;b\n + 1",
        "SELECT U&'a;\\0041'", "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM u; DELETE FROM v)"}) {
    EXPECT_THAT(texts(sql), ElementsAre(sql));
  }
}

TEST(SqlText, BackslashEndsNoOrdinaryText) {
  EXPECT_THAT(texts("SELECT '\\'; SELECT 2"), ElementsAre("SELECT '\\'", "SELECT 2"));
}

TEST(SqlText, ParametersAndNamesWithDollarsAreNoDollarQuotes) {
  EXPECT_THAT(texts("SELECT $1; SELECT a$b$ FROM t; SELECT 3$b$"),
              ElementsAre("SELECT $1", "SELECT a$b$ FROM t", "SELECT 3$b$"));
}

TEST(SqlText, BodyOfAFunctionInStandardSqlIsOneStatement) {
  const std::string function =
      "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT CASE a WHEN 1 THEN 2 END; SELECT 3; END";
  EXPECT_THAT(texts(function + "; SELECT 1"), ElementsAre(function, "SELECT 1"));
}

TEST(SqlText, TextThatIsNotEndedGoesOnToTheEnd) {
  EXPECT_THAT(texts("SELECT 'a; b"), ElementsAre("SELECT 'a; b"));
  EXPECT_THAT(texts("SELECT $x$a; b"), ElementsAre("SELECT $x$a; b"));
  EXPECT_THAT(texts("SELECT 1 /* a; b"), ElementsAre("SELECT 1"));
  EXPECT_THAT(texts("SELECT E'a\\"), ElementsAre("SELECT E'a\\"));
}

TEST(SqlText, P14TransactionControlIsFoundBehindCommentsAndInAnyCase) {
  for (const char* const sql :
       {"BEGIN", "begin work", "START TRANSACTION READ ONLY", "Commit", "END", "ROLLBACK TO a", "ABORT", "SAVEPOINT a",
        "RELEASE a", "PREPARE TRANSACTION 'x'", "COMMIT PREPARED 'x'", "/* a /* b */ */ COMMIT", "-- a\nCOMMIT",
        "COMMIT/**/AND CHAIN", "SET TRANSACTION READ ONLY", "SET LOCAL TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET SESSION transaction_read_only = on",
        "set transaction_isolation to serializable"}) {
    EXPECT_TRUE(controls(sql)) << sql;
  }
}

TEST(SqlText, P14WhatOnlyLooksLikeTransactionControlIsNone) {
  for (const char* const sql :
       {"SELECT 'COMMIT'", "PREPARE a AS SELECT 1", "SET search_path = a", "DO $$ BEGIN COMMIT; END $$",
        "INSERT INTO \"commit\" VALUES (1)", "LISTEN a", "SET LOCAL lock_timeout = 1", "CALL release()"}) {
    EXPECT_FALSE(controls(sql)) << sql;
  }
}

TEST(SqlText, P14CopyOfTheClientIsFound) {
  const auto is_client = [](std::string_view sql) { return is_client_copy(split_statements(sql).at(0)); };
  EXPECT_TRUE(is_client("COPY t FROM STDIN"));
  EXPECT_TRUE(is_client("copy (SELECT 1) to stdout (FORMAT csv)"));
  EXPECT_FALSE(is_client("COPY t FROM '/srv/stdin'"));
  EXPECT_FALSE(is_client("COPY t TO PROGRAM 'cat'"));
  EXPECT_FALSE(is_client("SELECT stdin FROM t"));
}

TEST(SqlText, StatementsKnowWhereTheyBeginInTheText) {
  const std::string sql = "SELECT 1;\n  SELECT 2";
  EXPECT_EQ(place_in(sql, split_statements(sql).at(1).offset), "line 2, column 3");
  EXPECT_EQ(place_in("äö x", 5), "line 1, column 4");
}

}  // namespace
}  // namespace baton
