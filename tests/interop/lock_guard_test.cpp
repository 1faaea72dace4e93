// P12's guard where nothing else can help: Java bumps no fence, so only the deadline keeps an owner from committing
// whose lock Java holds by now; and only the server can tell that of a COMMIT which was long under way.
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/tcp_proxy.h"
#include "tests/doubles/workspace.h"
#include "tests/interop/lock_peer.h"
#include "tests/interop/locked_loads_config.h"

#include <gtest/gtest.h>
#include <csignal>
#include <memory>

namespace baton {
namespace {

const LeaseTimings timings{Duration(1'500), Duration(400), Duration(100)};
constexpr Duration patience(60'000);

class LockGuard : public testing::TestWithParam<LockSide> {
 protected:
  // Rows are written only where the gate is open.
  LockGuard() {
    workspace_.write("numbers.csv", "id\n1\n2\n3\n");
    database_.query(R"(
CREATE TABLE public.load (id integer);
CREATE FUNCTION public.gate() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END';
CREATE TRIGGER gate BEFORE INSERT ON public.load EXECUTE FUNCTION public.gate())");
    workspace_.write("baton.yaml", locked_loads_config(table_, timings, database_.url(),
                                                       proxy_.through(database_.url()), {"load"}, 100));
  }

  void start_up_to_the_gate() {
    const ProgramEnd migrated = workspace_.run({"migrate"});
    ASSERT_EQ(migrated.exit_code, 0) << migrated.errors;
    ASSERT_TRUE(gate_->query("SELECT pg_advisory_lock(7)"));
    baton_ = std::make_unique<Program>(workspace_.request({"run"}));
    ASSERT_TRUE(await([&] {  // other locks are waited for, too, while it starts
      return database_.query(
                 "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND objid = 7") == "1";
    }));
  }
  void open_the_gate() const { ASSERT_TRUE(gate_->query("SELECT pg_advisory_unlock(7)")); }

  void expect_whole() const {
    EXPECT_TRUE(await([&] {
      return database_.query("SELECT count(*) FROM datasync.batch_job_execution WHERE status = 'COMPLETED'") == "1";
    }));
    EXPECT_EQ(rows(), "3");
    baton_->signal(SIGTERM);
    EXPECT_EQ(baton_->wait().exit_code, 0);
  }

  std::string rows() const { return database_.query("SELECT count(*) FROM public.load"); }
  bool await_none(const std::string& states) const {
    return await([&] {
      return database_.query(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "pid <> pg_backend_pid() AND state IN (" +
                 states + ")") == "0";
    });
  }

  const LockTable table_ = new_lock_table();
  TemporaryDatabase database_;
  TcpProxy proxy_{database_.url()};
  Workspace workspace_{BATON_BINARY_DIR "/baton"};
  const std::unique_ptr<PgConnection> gate_ = database_.connect();
  LockPeer java_{GetParam(), table_, timings};
  std::unique_ptr<Program> baton_;
};

TEST_P(LockGuard, P12CommitIsLongUnderWayAndJavaTakesTheLockThenNothingIsCommitted) {
  start_up_to_the_gate();
  proxy_.hold_before("COMMIT");
  open_the_gate();
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  baton_->signal(SIGSTOP);
  ASSERT_TRUE(java_.acquire("load", patience));
  proxy_.let_go();
  ASSERT_TRUE(await_none("'active', 'idle in transaction'"));
  EXPECT_EQ(rows(), "0");
  EXPECT_EQ(java_.locks()["load"]["owner"], java_.owner());
  java_.release("load");
  baton_->signal(SIGCONT);
  expect_whole();
}

TEST_P(LockGuard, P12BatonIsPausedAmidAChunkAndJavaTakesTheLockThenNothingIsCommitted) {
  start_up_to_the_gate();
  baton_->signal(SIGSTOP);
  ASSERT_TRUE(java_.acquire("load", patience));
  open_the_gate();
  baton_->signal(SIGCONT);
  ASSERT_TRUE(baton_->await_error_text("its run in this process has ended"));
  EXPECT_EQ(rows(), "0");
  EXPECT_EQ(java_.locks()["load"]["owner"], java_.owner());
  java_.release("load");
  expect_whole();
}

INSTANTIATE_TEST_SUITE_P(LockClients, LockGuard, testing::Values(LockSide::java1, LockSide::java2),
                         [](const auto& one) { return lock_side_name(one.param); });

}  // namespace
}  // namespace baton
