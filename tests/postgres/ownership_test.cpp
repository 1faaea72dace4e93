// P9 on a real server: who owned a job before blocks nobody, and commits nothing.
#include "tests/postgres/owned_job.h"

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST_F(PgOwnership, P9StoppedOwnersOpenTransactionBlocksNoRaiseAndIsEndedWithinItsBound) {
  const auto old_session = new_session();
  auto old = begin(*old_session);
  write(old, 1);
  ok(database_.raise_fence("repository-1", "job", 1));
  const auto began = std::chrono::steady_clock::now();
  ok(database_.end_older_transactions(fence(2)));
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds(1)) << "it may end by itself until then";
  await_gone(old.connection().backend_pid());
  auto mine = begin(session_, 2);
  write(mine, 1);  // of the same key: it would wait for the old one
  ok(mine.commit());
  expect_kind(old.commit(), ErrorKind::retry);
  EXPECT_EQ(rows(), "1");
}

TEST_F(PgOwnership, P9OwnerInTheMiddleOfACopyIsEnded) {
  const auto old_session = new_session();
  auto old = begin(*old_session);
  ok(old.connection().copy_in("COPY target FROM STDIN"));
  ok(old.connection().copy_data(std::string_view("1\n2\n")));
  ok(database_.raise_fence("repository-1", "job", 1));
  ok(database_.end_older_transactions(fence(2)));
  await_gone(old.connection().backend_pid());
  EXPECT_FALSE(old.connection().copy_end());
  EXPECT_FALSE(old.commit());
  EXPECT_EQ(rows(), "");
}

TEST_F(PgOwnership, P9TransactionThatEndsByItselfIsOnlyWaitedFor) {
  const auto old_session = new_session();
  auto old = begin(*old_session);
  write(old, 1);
  const int pid = old.connection().backend_pid();
  ok(database_.raise_fence("repository-1", "job", 1));
  std::jthread ender([&] {
    await("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()");
    ok(old.commit());
  });
  ok(database_.end_older_transactions(fence(2)));
  ender.join();
  EXPECT_EQ(database_server_.query(fmt::format("SELECT count(*) FROM pg_stat_activity WHERE pid = {}", pid)), "1");
  EXPECT_EQ(rows(), "1") << "it checked before the raise and is older: no rule refuses it";
}

TEST_F(PgOwnership, P9WhoLocksAfterTheRaiseIsRefusedByTheCheck) {
  ok(database_.raise_fence("repository-1", "job", 1));
  const auto old_session = new_session();
  expect_kind(PgFencedTransaction::begin(*old_session, authority(1), Durability::full), ErrorKind::lease_lost);
  EXPECT_TRUE(PgFencedTransaction::begin(*old_session, authority(2), Durability::full));
}

TEST_F(PgOwnership, P9TransactionsOfOtherJobsAndOfOtherRepositoriesGoOn) {
  ok(database_.raise_fence("repository-1", "other", 0));
  ok(database_.raise_fence("repository-2", "job", 0));
  const auto first_session = new_session(), second_session = new_session();
  const auto first =
      PgFencedTransaction::begin(*first_session, {{"repository-1", "other", 1}, {&lease_, &clock_}}, Durability::full);
  const auto second =
      PgFencedTransaction::begin(*second_session, {{"repository-2", "job", 1}, {&lease_, &clock_}}, Durability::full);
  ASSERT_TRUE(first && second);
  ok(database_.raise_fence("repository-1", "job", 1));
  ok(database_.end_older_transactions(fence(2)));
  EXPECT_TRUE(first_session->connection().value()->query("SELECT 1"));
  EXPECT_TRUE(second_session->connection().value()->query("SELECT 1"));
}

TEST_F(PgOwnership, P9OnlyTheOwnerOfTheFenceEndsOthers) {
  const auto old_session = new_session();
  auto old = begin(*old_session);
  write(old, 1);
  expect_kind(database_.end_older_transactions(fence(2)), ErrorKind::lease_lost);
  expect_kind(database_.end_older_transactions({"repository-1", "never fenced", 1}), ErrorKind::lease_lost);
  ok(old.commit());
}

// Another replica takes over while this one waits: the listed transaction may be the new owner's own by then.
TEST_F(PgOwnership, P9FenceThatIsRaisedDuringTheWaitEndsNobody) {
  const auto old_session = new_session();
  auto old = begin(*old_session);
  write(old, 1);
  ok(database_.raise_fence("repository-1", "job", 1));
  std::jthread raiser([&] {
    await("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()");
    database_server_.query("UPDATE baton_fence SET fence = 3");
  });
  expect_kind(database_.end_older_transactions(fence(2)), ErrorKind::lease_lost);
  raiser.join();
  ok(old.commit());
}

TEST_F(PgOwnership, P9CheckSeesTheNewFenceWhateverTheDefaultsOfTheDatabase) {
  database_server_.query(
      fmt::format("ALTER DATABASE {0} SET default_transaction_isolation = 'serializable';"
                  "ALTER DATABASE {0} SET default_transaction_read_only = on",
                  database_server_.name()));
  const auto session = new_session();
  PgConnection* const connection = session->connection().value();
  // As a role's default that was set after the session began would be.
  ASSERT_TRUE(
      connection->script("SET default_transaction_isolation = 'serializable';"
                         "SET default_transaction_read_only = on"));
  {
    auto transaction = begin(*session);
    EXPECT_EQ(connection->query("SHOW transaction_isolation")->view(0, 0), "read committed");
    write(transaction, 1);
    ok(transaction.commit());
  }
  PgDatabase raiser(*session, "test");
  ok(raiser.raise_fence("repository-1", "job", 1));
  expect_kind(PgFencedTransaction::begin(*session, authority(1), Durability::full), ErrorKind::lease_lost);
}

// Who waits for the lock has its snapshot only when it gets it: somebody with an exclusive lock raises meanwhile.
TEST_F(PgOwnership, P9LockAndCheckAreTwoStatements) {
  const auto blocker = database_server_.connect();
  ASSERT_TRUE(blocker->query(fmt::format("SELECT pg_advisory_lock({})", job_lock_key("repository-1", "job"))));
  const auto old_session = new_session();
  ASSERT_TRUE(old_session->connection());
  std::jthread late([&] {
    expect_kind(PgFencedTransaction::begin(*old_session, authority(1), Durability::full), ErrorKind::lease_lost);
  });
  await("SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
  ok(database_.raise_fence("repository-1", "job", 1));
  ASSERT_TRUE(blocker->query("SELECT pg_advisory_unlock_all()"));
}

TEST_F(PgOwnership, P9FencedTransactionHoldsNoRowLockOnTheFence) {
  const auto old_session = new_session();
  auto old = begin(*old_session);
  write(old, 1);
  const auto other = database_server_.connect();
  const auto locked = other->query("SELECT fence FROM baton_fence FOR UPDATE NOWAIT");
  EXPECT_TRUE(locked) << locked.error().message;
}

TEST_F(PgOwnership, P9RoleThatMayNotEndTheOtherReportsPidRoleAndDatabase) {
  const std::string role = "r_" + database_server_.name();
  database_server_.query(
      fmt::format("CREATE ROLE {0} LOGIN PASSWORD 'p'; GRANT USAGE ON SCHEMA datasync TO {0}; "
                  "GRANT ALL ON ALL TABLES IN SCHEMA datasync TO {0}",
                  role));
  {
    const auto old_session = new_session();
    auto old = begin(*old_session);
    write(old, 1);
    ok(database_.raise_fence("repository-1", "job", 1));
    PgAddress address = database_server_.address();
    address.username = role;
    address.password = Redacted<std::string>("p");
    PgSession weak_session(pg_settings(address, "baton-test").value(), "datasync");
    PgDatabase weak(weak_session, "test");
    const auto ended = weak.end_older_transactions(fence(2));
    expect_kind(ended, ErrorKind::invalid);
    EXPECT_THAT(ended.error().message,
                AllOf(HasSubstr(fmt::format("pid {}", old.connection().backend_pid())), HasSubstr("\"postgres\""),
                      HasSubstr(database_server_.name()), HasSubstr("pg_signal_backend")));
    ok(old.commit());
    weak_session.drop();
  }
  database_server_.query(fmt::format("DROP OWNED BY {0}; DROP ROLE {0}", role));
}

// Whatever the owner does when its session is ended, it learns that it was ended.
TEST_F(PgOwnership, P9OwnerWhoseTransactionWasEndedKnowsThatItWasAndThatItIsOver) {
  const auto session = new_session();
  {
    auto waiting = begin(*session);
    terminate(waiting.connection().backend_pid());
    const auto next = waiting.connection().query("SELECT 1");
    expect_kind(next, ErrorKind::retry);
    EXPECT_TRUE(next.error().session_ended) << next.error().message;
  }
  {
    auto copying = begin(*session);
    ok(copying.connection().copy_in("COPY target FROM STDIN"));
    ok(copying.connection().copy_data(std::string_view("1\n")));
    terminate(copying.connection().backend_pid());
    Status sent;
    const std::string rows(1'000'000, '1');
    for (int piece = 0; piece < 100 && sent; ++piece) sent = copying.connection().copy_data(rows);
    if (sent) {
      const auto ended = copying.connection().copy_end();
      ASSERT_FALSE(ended);
      sent = fail(ended.error());
    }
    expect_kind(sent, ErrorKind::retry);
    EXPECT_TRUE(sent.error().session_ended) << sent.error().message;
  }
  {
    auto committing = begin(*session);
    write(committing, 1);
    terminate(committing.connection().backend_pid());
    const auto committed = committing.commit();
    ASSERT_FALSE(committed);
    EXPECT_TRUE(committed.error().session_ended) << committed.error().message;
  }
  // Nothing is left to be ended, so another session of this job is not waited for, nor ended.
  const auto sibling_session = new_session();
  const auto sibling = begin(*sibling_session);
  auto again = begin(*session);
  ok(again.commit());
  EXPECT_TRUE(sibling_session->connection().value()->query("SELECT 1"));
}

TEST_F(PgOwnership, P9LockKeyNeverChanges) {
  EXPECT_NE(job_lock_key("repository-1", "job"), job_lock_key("repository-1j", "ob"));
  EXPECT_EQ(job_lock_key("repository-1", "job"), -6051874239985475763);
}

}  // namespace
}  // namespace baton
