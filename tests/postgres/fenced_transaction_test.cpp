// P12 on a real server: the guard, and COMMITs whose answer is lost.
#include "tests/doubles/tcp_proxy.h"
#include "tests/postgres/owned_job.h"

namespace baton {
namespace {

using testing::HasSubstr;

TEST_F(PgOwnership, P12CommitStaysAndARollbackLeavesNothing) {
  {
    auto transaction = begin(session_);
    write(transaction, 1);
    ok(transaction.commit());
  }
  {
    auto undone = begin(session_);
    write(undone, 2);
  }
  EXPECT_EQ(rows(), "1");
}

// The local clock stands still, so that only the server can tell.
TEST_F(PgOwnership, P12TransactionPastItsDeadlineDoesNotCommitThoughTheFenceIsUnchanged) {
  lease_.trust_until(clock_.now() + Duration(20));
  auto late = begin(session_);
  write(late, 1);
  await(fmt::format("SELECT clock_timestamp() > timestamptz 'epoch' + {} * interval '1 microsecond'",
                    (late.server_time() + Duration(20)).time_since_epoch().count()));
  const auto committed = late.commit();
  expect_kind(committed, ErrorKind::lease_lost);
  EXPECT_EQ(rows(), "");
  EXPECT_EQ(fence_recorded(), "1");
}

TEST_F(PgOwnership, P12RenewalsDuringTheChunkMoveTheDeadline) {
  lease_.trust_until(clock_.now() + Duration(20));
  auto slow = begin(session_);
  write(slow, 1);
  await(fmt::format("SELECT clock_timestamp() > timestamptz 'epoch' + {} * interval '1 microsecond'",
                    (slow.server_time() + Duration(20)).time_since_epoch().count()));
  lease_.trust_until(clock_.now() + Duration(3'600'000));
  ok(slow.commit());
  EXPECT_EQ(rows(), "1");
}

TEST_F(PgOwnership, P12LocalGuardRefusesBeforeAnythingIsSent) {
  lease_.trust_until(clock_.now() + Duration(3'600'000));
  auto late = begin(session_);
  write(late, 1);
  clock_.advance(Duration(3'600'000));
  expect_kind(late.commit(), ErrorKind::lease_lost);
}

// What is lost is trusted until the beginning of time; the sanitizer sees what is subtracted from that.
TEST_F(PgOwnership, P12LeaseThatIsLostDuringTheChunkThenNoCommit) {
  lease_.trust_until(clock_.now() + Duration(3'600'000));
  auto late = begin(session_);
  write(late, 1);
  lease_.trust_until(Instant::min());
  expect_kind(late.commit(), ErrorKind::lease_lost);
  EXPECT_EQ(rows(), "");
}

// An error of the user's that has the guard's SQLSTATE.
TEST_F(PgOwnership, P12ErrorOfAConstraintIsNotTakenForTheGuards) {
  database_server_.query(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 'x'::int; RETURN NEW; END $$;"
      "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON target DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION refuse()");
  lease_.trust_until(clock_.now() + Duration(3'600'000));
  auto transaction = begin(session_);
  write(transaction, 1);
  const auto committed = transaction.commit();
  expect_kind(committed, ErrorKind::invalid);
  EXPECT_THAT(committed.error().message, HasSubstr("\"x\""));
  EXPECT_EQ(rows(), "");
}

TEST_F(PgOwnership, P12TransactionThatFailedIsNotCommitted) {
  auto failed = begin(session_);
  write(failed, 1);
  EXPECT_FALSE(failed.connection().query("SELECT * FROM nothing"));
  EXPECT_FALSE(failed.commit());
  EXPECT_EQ(rows(), "");
}

TEST_F(PgOwnership, P13DurabilityIsTheTransactions) {
  {
    auto full = begin(session_, 1, Durability::full);
    EXPECT_EQ(full.connection().query("SHOW synchronous_commit")->view(0, 0), "on");
  }
  auto relaxed = begin(session_, 1, Durability::relaxed);
  EXPECT_EQ(relaxed.connection().query("SHOW synchronous_commit")->view(0, 0), "off");
}

TEST_F(PgOwnership, SessionGoesOnAfterEachEndOfATransaction) {
  const int pid = session_.connection().value()->backend_pid();
  { auto undone = begin(session_); }
  {
    auto failed = begin(session_);
    EXPECT_FALSE(failed.connection().query("SELECT * FROM nothing"));
  }
  expect_kind(PgFencedTransaction::begin(session_, authority(7), Durability::full), ErrorKind::lease_lost);
  auto transaction = begin(session_);
  ok(transaction.commit());
  EXPECT_EQ(session_.connection().value()->backend_pid(), pid);
}

TEST_F(PgOwnership, SessionThatWasLostIsMadeAgainButNotWithinATransaction) {
  terminate(session_.connection().value()->backend_pid());
  EXPECT_TRUE(session_.connection()) << "idle when it was lost";
  auto transaction = begin(session_);
  terminate(transaction.connection().backend_pid());
  EXPECT_FALSE(transaction.connection().query("SELECT 1"));
  expect_kind(session_.connection(), ErrorKind::retry);
}

// Through a proxy that breaks the connection at COMMIT.
class PgLostCommit : public PgOwnership {
 protected:
  PgSettings through_proxy() const {
    PgAddress address = database_server_.address();
    address.url = Redacted<std::string>(proxy_.through(database_server_.url()));
    return pg_settings(address, "baton-test").value();
  }
  // What is recorded, read by the session whose COMMIT was lost.
  std::string read_back() {
    const auto connection = lost_session_.connection();
    EXPECT_TRUE(connection) << connection.error().message;
    return connection.value()->query("SELECT count(*) FROM target")->text(0, 0);
  }

  TcpProxy proxy_{database_server_.url()};
  PgSession lost_session_{through_proxy(), "datasync"};
};

TEST_F(PgLostCommit, P12AnswerThatIsLostIsAnUnknownOutcomeAndReadBackAsDone) {
  auto transaction = begin(lost_session_);
  write(transaction, 1);
  proxy_.cut_after("COMMIT");
  expect_kind(transaction.commit(), ErrorKind::unknown_outcome);
  EXPECT_EQ(read_back(), "1");
}

TEST_F(PgLostCommit, P12CommitThatIsLostIsAnUnknownOutcomeAndReadBackAsNotDone) {
  auto transaction = begin(lost_session_);
  write(transaction, 1);
  proxy_.cut_before("COMMIT");
  expect_kind(transaction.commit(), ErrorKind::unknown_outcome);
  EXPECT_EQ(read_back(), "0");
}

// The server does not hear that the client has gone: the transaction stays, and its COMMIT could still come.
TEST_F(PgLostCommit, P9WhatALostConnectionLeftOpenIsEndedBeforeAnythingIsReadBack) {
  const auto watcher = database_server_.connect();
  auto transaction = begin(lost_session_);
  write(transaction, 1);
  const int pid = transaction.connection().backend_pid();
  proxy_.black_hole();
  transaction.connection().set_timeout(Duration(50));
  expect_kind(transaction.connection().query("SELECT 1"), ErrorKind::retry);
  { const PgFencedTransaction over = std::move(transaction); }
  proxy_.pass();
  EXPECT_EQ(read_back(), "0");
  await_gone(pid);
  auto again = begin(lost_session_);
  write(again, 1);  // of the same key: it would wait for the lost one
  ok(again.commit());
}

TEST_F(PgLostCommit, P9LostTransactionOfAnOlderFenceIsNobodysBusinessAnyMore) {
  auto transaction = begin(lost_session_);
  write(transaction, 1);
  proxy_.cut_before("COMMIT");
  expect_kind(transaction.commit(), ErrorKind::unknown_outcome);
  ok(database_.raise_fence("repository-1", "job", 1));
  EXPECT_EQ(read_back(), "0");
  expect_kind(PgFencedTransaction::begin(lost_session_, authority(1), Durability::full), ErrorKind::lease_lost);
}

TEST_F(PgLostCommit, P8RaiseWhoseAnswerIsLostIsAnUnknownOutcome) {
  PgDatabase lost(lost_session_, "test");
  EXPECT_EQ(lost.read_fence("repository-1", "job").value(), 1);
  proxy_.cut_after("UPDATE");
  expect_kind(lost.raise_fence("repository-1", "job", 1), ErrorKind::unknown_outcome);
  EXPECT_EQ(lost.read_fence("repository-1", "job").value(), 2);
}

}  // namespace
}  // namespace baton
