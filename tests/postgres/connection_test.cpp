#include "postgres/connection.h"
#include "tests/doubles/postgres_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Duration patience(20'000);

PgSettings changed(const TemporaryDatabase& database, const std::string& user, const std::string& password,
                   const std::string& name) {
  PgAddress address = database.address();
  std::string url = database.url();
  url = url.substr(0, url.rfind('/') + 1) + name;
  address.url = Redacted<std::string>(url);
  address.username = user;
  address.password = Redacted<std::string>(password);
  return pg_settings(address, "baton").value();
}

TEST(PgConnectionOpen, WrongPasswordUserOrDatabaseIsInvalidAndNamesTheNextStep) {
  const TemporaryDatabase database;
  const auto wrong_password =
      PgConnection::open(changed(database, "postgres", "s3cret-wrong", database.name()), patience);
  ASSERT_FALSE(wrong_password);
  EXPECT_EQ(wrong_password.error().kind, ErrorKind::invalid);
  EXPECT_THAT(wrong_password.error().message, HasSubstr("check username and password"));
  EXPECT_THAT(wrong_password.error().message, Not(HasSubstr("s3cret")));
  PgAddress address = database.address();
  address.url = Redacted<std::string>(database.url() + "_missing");
  const auto wrong_database = PgConnection::open(pg_settings(address, "baton").value(), patience);
  ASSERT_FALSE(wrong_database);
  EXPECT_EQ(wrong_database.error().kind, ErrorKind::invalid);
  EXPECT_THAT(wrong_database.error().message, HasSubstr("create the database"));
}

TEST(PgConnectionOpen, NoServerIsRetry) {
  const auto settings =
      pg_settings({Redacted<std::string>("postgresql://u:p@127.0.0.1:1/d"), {}, {}, {}, "shown"}, "baton");
  const auto connection = PgConnection::open(*settings, patience);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, ErrorKind::retry) << connection.error().message;
}

TEST(PgConnectionQuery, ParametersAndResultsAreText) {
  const TemporaryDatabase database;
  const auto connection = database.connect();
  const auto result = connection->query("SELECT $1::int + 1, $2::text, $3::text IS NULL",
                                        PgParameters::of(41, "it's", std::optional<std::string>()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->integer(0, 0), 42);
  EXPECT_EQ(result->view(0, 1), "it's");
  EXPECT_TRUE(result->boolean(0, 2));
}

TEST(PgConnectionQuery, AnErrorHasItsKindAndTheConnectionGoesOn) {
  const TemporaryDatabase database;
  const auto connection = database.connect();
  const auto missing = connection->query("SELECT * FROM nothing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::invalid);
  EXPECT_EQ(connection->failure().sqlstate, "42P01");
  EXPECT_FALSE(connection->lost());
  EXPECT_TRUE(connection->query("SELECT 1"));
}

TEST(PgConnectionQuery, ASessionThatIsEndedIsLostAndTheOutcomeOfACommitUnknown) {
  const TemporaryDatabase database;
  const auto connection = database.connect();
  const std::string end = "SELECT pg_terminate_backend(pg_backend_pid())";
  const auto lost = connection->query(end, {}, PgEffect::commits);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::unknown_outcome) << lost.error().message;
  EXPECT_TRUE(connection->lost());
  const auto after = connection->query("SELECT 1");
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().kind, ErrorKind::retry);
}

TEST(PgConnectionQuery, NoAnswerInTimeLosesTheConnection) {
  const TemporaryDatabase database;
  const auto connection = database.connect();
  connection->set_timeout(Duration(50));
  const auto late = connection->query("SELECT pg_sleep(100)");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::retry);
  EXPECT_TRUE(connection->lost());
}

TEST(PgConnectionQuery, InterruptEndsTheStatementOfAnotherThread) {
  const TemporaryDatabase database;
  const auto connection = database.connect();
  const auto watcher = database.connect();
  std::jthread interrupter([&] {
    const std::string busy = fmt::format(
        "SELECT 1 FROM pg_stat_activity WHERE pid = {} AND state = 'active' AND query LIKE "
        "'%pg_sleep%'",
        connection->backend_pid());
    while (watcher->query(busy)->rows() == 0) std::this_thread::yield();
    connection->interrupt();
  });
  const auto ended = connection->query("SELECT pg_sleep(100)");
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::retry);
  EXPECT_FALSE(connection->lost());
}

TEST(PgConnectionScript, StatementsInOneMessageSeeWhatWasCommittedBeforeEach) {
  const TemporaryDatabase database;
  const auto connection = database.connect();
  const auto results =
      connection->script("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT sum(a) FROM t");
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_EQ(results->size(), 3U);
  EXPECT_EQ(results->at(1).changed(), 2);
  EXPECT_EQ(results->at(2).integer(0, 0), 3);
}

TEST(PgConnectionCopy, RowsGoInAndOut) {
  const TemporaryDatabase database;
  const auto connection = database.connect();
  ASSERT_TRUE(connection->script("CREATE TABLE t (a int, b text)"));
  ASSERT_TRUE(connection->copy_in("COPY t FROM STDIN"));
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += fmt::format("{}\trow {}\n", i, i);
  ASSERT_TRUE(connection->copy_data(text));
  const auto ended = connection->copy_end();
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended->front().changed(), 200'000);
  ASSERT_TRUE(connection->copy_out("COPY (SELECT * FROM t WHERE a < 2 ORDER BY a) TO STDOUT"));
  EXPECT_EQ(connection->copy_row().value(), "0\trow 0\n");
  EXPECT_EQ(connection->copy_row().value(), "1\trow 1\n");
  EXPECT_FALSE(connection->copy_row().value());
  EXPECT_TRUE(connection->query("SELECT 1"));
}

TEST(PgConnectionCopy, ARefusedRowNamesItsLine) {
  const TemporaryDatabase database;
  const auto connection = database.connect();
  ASSERT_TRUE(connection->script("CREATE TABLE t (a int CHECK (a > 0))"));
  ASSERT_TRUE(connection->copy_in("COPY t FROM STDIN"));
  ASSERT_TRUE(connection->copy_data(std::string_view("1\n0\n")));
  const auto refused = connection->copy_end();
  ASSERT_FALSE(refused);
  EXPECT_EQ(connection->failure().sqlstate, "23514");
  EXPECT_THAT(connection->failure().context, HasSubstr("line 2"));
  EXPECT_TRUE(connection->query("SELECT 1"));
}

}  // namespace
}  // namespace baton
