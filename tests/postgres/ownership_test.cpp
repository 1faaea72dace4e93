// P9 on a real server: who owned a job before blocks nobody, and commits nothing.
#include "tests/postgres/owned_job.h"

namespace baton {
namespace {

using testing::HasSubstr;

TEST_F(PgOwnership, P9StoppedOwnersOpenTransactionBlocksNoRaiseAndIsEnded) {
  const auto old_session = new_session();
  auto old = begin(*old_session);
  write(old, 1);
  const int old_pid = old.connection().backend_pid();
  const auto began = std::chrono::steady_clock::now();
  ok(database_.raise_fence("repository-1", "job", 1));
  ok(database_.end_older_transactions(fence(2)));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  await_gone(old_pid);
  auto mine = begin(session_, 2);
  write(mine, 1);  // the same key: it would wait for the old one
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

TEST_F(PgOwnership, P9WhoLocksAfterTheRaiseIsRefusedByTheCheck) {
  ok(database_.raise_fence("repository-1", "job", 1));
  const auto old_session = new_session();
  expect_kind(PgFencedTransaction::begin(*old_session, authority(1), Durability::full), ErrorKind::lease_lost);
  EXPECT_TRUE(PgFencedTransaction::begin(*old_session, authority(2), Durability::full));
}

TEST_F(PgOwnership, CommitMakesItDurableAndVisible) {
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

}  // namespace
}  // namespace baton
