// SIGTERM to a replica (P7, P10, P22).
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

class LeavingReplica : public ReplicaTest {
 protected:
  // So long that nothing here comes about by its end.
  static constexpr const char* long_lease = "lease: 60s, heartbeat: 300ms, refresh: 100ms";

  double seconds_between_runs() const {
    return std::stod(
        repository("SELECT (julianday(b.START_TIME) - julianday(a.END_TIME)) * 86400 FROM BATCH_JOB_EXECUTION a, "
                   "BATCH_JOB_EXECUTION b WHERE a.JOB_EXECUTION_ID = 1 AND b.JOB_EXECUTION_ID = 2"));
  }
};

TEST_F(LeavingReplica, StopsAtTheNextChunkAndHandsItsRunOverAtOnce) {
  workspace_.write("prices.csv", prices(200));
  configure({.timings = long_lease, .jobs = load_job("prices", once_an_hour, 20)});
  make_gate("gate");
  const Replica leaving = start_with_point("after Transaction::commit 5 wait gate");
  const int gate = reach_gate("gate");
  const Replica heir = start();
  ASSERT_TRUE(await([&] { return !id_of(heir).empty(); }));
  leaving->signal(SIGTERM);
  // Its row says so after the run was told to stop.
  ASSERT_TRUE(await([&] { return repository("SELECT count(*) FROM baton_replica WHERE leaving") == "1"; }));
  close(gate);
  const ProgramEnd left = leaving->wait();

  EXPECT_EQ(left.exit_code, 0) << left.errors;
  EXPECT_EQ(id_of(leaving), "") << "its row is gone";
  ASSERT_TRUE(await_completed("prices", 1));
  EXPECT_EQ(runs("prices"), "STOPPED|shutdown|schedule\nCOMPLETED|itself|carry_on");
  EXPECT_EQ(loaded("prices"), loaded(200));
  EXPECT_EQ(repository("SELECT COMMIT_COUNT FROM BATCH_STEP_EXECUTION ORDER BY STEP_EXECUTION_ID"), "5\n5");
  EXPECT_LT(seconds_between_runs(), std::chrono::duration<double>(3 * refresh_time + latency_allowance).count());
  end(heir);
  EXPECT_EQ(leases(), "");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_replica"), "0");
}

TEST_F(LeavingReplica, AtTheSecondSignalLeavesAtOnceAndItsLeaseProtectsTheJob) {
  configure({.jobs = shell_job("deaf", once_an_hour, "trap \"\" TERM; cat gate")});
  make_gate("gate");
  const Replica leaving = start();
  const int gate = reach_gate("gate");
  leaving->signal(SIGTERM);
  ASSERT_TRUE(leaving->await_error_text("shutting down"));
  const Replica heir = start();
  ASSERT_TRUE(await([&] { return !id_of(heir).empty(); }));
  EXPECT_EQ(runs("deaf"), "STARTED|NULL|schedule");
  leaving->signal(SIGTERM);
  EXPECT_EQ(leaving->wait().exit_code, 75);
  close(gate);
  EXPECT_THAT(leases(), testing::StartsWith("deaf|")) << "nothing is released";
  ASSERT_TRUE(heir->await_error_text("deaf: took its lease"));
  pass_gate("gate");
  ASSERT_TRUE(await_completed("deaf", 1));
  EXPECT_EQ(runs("deaf"), "FAILED|orphaned|schedule\nCOMPLETED|itself|carry_on");
  end(heir);
}

TEST_F(LeavingReplica, WithoutAJobOrWithIdleOnesOnlyEndsAtOnce) {
  configure({.timings = long_lease, .jobs = sql_job("one", by_hand) + sql_job("two", by_hand)});
  const Replica replica = start();
  ASSERT_TRUE(await_held(replica, 2));
  replica->signal(SIGINT);
  EXPECT_EQ(replica->wait().exit_code, 0);
  EXPECT_EQ(leases(), "");
  const Replica first = start();
  ASSERT_TRUE(await_held(first, 2));
  end(first);
}

}  // namespace
}  // namespace baton
