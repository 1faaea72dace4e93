// A replica that SIGSTOP holds past its lease while another one takes over, and that goes on after that (P3, P8, P12).
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

struct Frozen {
  std::string where;
  std::string point;
  int rows_before;
};

void PrintTo(const Frozen& frozen, std::ostream* out) { *out << frozen.point; }

class FrozenReplica : public ReplicaTest, public testing::WithParamInterface<Frozen> {};

TEST_P(FrozenReplica, CommitsNothingWhenItGoesOnAndIsHealthy) {
  workspace_.write("prices.csv", prices(200));
  configure({.jobs = load_job("prices", once_an_hour, 20) + sql_job("other", by_hand)});
  const Replica frozen = start_with_point(GetParam().point);
  ASSERT_TRUE(await([&] { return is_stopped(frozen); }));
  const Replica heir = start();
  ASSERT_TRUE(await_completed("prices", 1));
  EXPECT_EQ(loaded("prices"), loaded(200));
  ASSERT_TRUE(is_stopped(frozen));

  frozen->signal(SIGCONT);
  ASSERT_TRUE(frozen->await_error_text("prices: lost its lease"));
  ASSERT_TRUE(frozen->await_error_text("prices: its run in this process has ended"));
  end(heir);
  ASSERT_TRUE(await_held(frozen, 2)) << "it takes jobs again";
  ASSERT_EQ(run({"trigger", "other"}).exit_code, 0);
  ASSERT_TRUE(await_completed("other", 1));
  end(frozen);

  EXPECT_EQ(loaded("prices"), loaded(200)) << "nothing is doubled";
  EXPECT_EQ(runs("prices"), "FAILED|orphaned|schedule\nCOMPLETED|itself|carry_on") << "the run is counted once";
  EXPECT_EQ(repository("SELECT COMMIT_COUNT FROM BATCH_STEP_EXECUTION WHERE STEP_NAME = 'load' ORDER BY "
                       "STEP_EXECUTION_ID"),
            std::to_string(GetParam().rows_before / 20) + "\n" + std::to_string(10 - GetParam().rows_before / 20));
  EXPECT_EQ(open_executions(), "");
}

INSTANTIATE_TEST_SUITE_P(At, FrozenReplica,
                         testing::Values(Frozen{"TheFirstBatchRead", "before TableWriter::encode 1 stop", 0},
                                         Frozen{"BetweenChunks", "after Transaction::commit 4 stop", 80},
                                         Frozen{"JustBeforeBegin", "before Database::begin 4 stop", 60}),
                         [](const auto& one) { return one.param.where; });

// Nothing of its own work is to be refused where no job has changed hands.
TEST_F(ReplicaTest, FrozenPastItsLeaseAloneCarriesItsOwnRunOn) {
  workspace_.write("prices.csv", prices(200));
  configure({.jobs = load_job("prices", once_an_hour, 20)});
  const Replica alone = start_with_point("after Transaction::commit 4 stop");
  ASSERT_TRUE(await([&] { return is_stopped(alone); }));
  const std::string version = workspace_.query(locks_file_, "SELECT recordVersionNumber FROM baton_lease");
  // A second one that watches tells when the lease is over: it has no token to take it with.
  workspace_.write("watching.yaml", ReplicaConfig{.jobs = sql_job("other", by_hand)}.text());
  const Replica watching = start("watching.yaml");
  ASSERT_TRUE(watching->await_error_text("prices: closed what its former owner had left open"));
  alone->signal(SIGCONT);
  ASSERT_TRUE(await_completed("prices", 1));
  EXPECT_EQ(loaded("prices"), loaded(200));
  EXPECT_EQ(runs("prices"), "FAILED|orphaned|schedule\nCOMPLETED|itself|carry_on");
  EXPECT_NE(workspace_.query(locks_file_, "SELECT recordVersionNumber FROM baton_lease WHERE key = 'prices'"), version);
  end(watching);
  end(alone);
}

}  // namespace
}  // namespace baton
