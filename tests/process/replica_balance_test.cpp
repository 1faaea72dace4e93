// How jobs are spread over replicas that come and go (P19–P21).
#include "tests/process/replica_fixture.h"

#include <fmt/format.h>

namespace baton {
namespace {

class Balance : public ReplicaTest {
 protected:
  static std::string four_jobs() {
    std::string jobs;
    for (const char* name : {"one", "two", "three", "four"}) jobs += sql_job(name, by_hand);
    return jobs;
  }
};

TEST_F(Balance, TenReplicasStartedAtOnceOwnEachJobOnceAndRunIt) {
  constexpr int replicas = 10, tokens = 2;
  std::string jobs;
  for (int i = 0; i < replicas * tokens; ++i) jobs += sql_job(fmt::format("job{:02}", i), once_an_hour);
  // Ten processes that begin on one machine with other work may be silent for a while.
  configure({.tokens = tokens, .timings = "lease: 10s, heartbeat: 2s, refresh: 100ms", .jobs = jobs});
  std::vector<Replica> all;
  for (int i = 0; i < replicas; ++i) all.push_back(start());
  for (const Replica& replica : all) {
    ASSERT_TRUE(await([&] {
      EXPECT_LE(count_held(replica), tokens);
      return count_held(replica) == tokens || HasFailure();
    }));
  }
  ASSERT_TRUE(await([&] {
    return repository(
               "SELECT count(DISTINCT b.job) FROM baton_execution b JOIN BATCH_JOB_EXECUTION e ON "
               "e.JOB_EXECUTION_ID = b.job_execution_id WHERE e.STATUS = 'COMPLETED'") == "20";
  }));
  for (const Replica& replica : all) EXPECT_EQ(count_held(replica), tokens);
  EXPECT_EQ(repository("SELECT count(*), count(DISTINCT job) FROM baton_execution"), "20|20");
  EXPECT_EQ(repository("SELECT count(DISTINCT repository_id), count(DISTINCT lease_store) FROM baton_repository"),
            "1|1");
  for (const Replica& replica : all) replica->signal(SIGTERM);
  for (const Replica& replica : all) {
    const ProgramEnd end = replica->wait();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_THAT(end.errors, Not(HasSubstr("lost its lease")));
  }
  EXPECT_EQ(leases(), "");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_replica"), "0");
  EXPECT_EQ(open_executions(), "");
}

TEST_F(Balance, ASecondReplicaGetsItsShareByOffersAndNoRunIsInterrupted) {
  make_gate("gate");
  configure({.jobs = four_jobs() + shell_job("busy", once_an_hour, "cat gate")});
  const Replica first = start();
  const int gate = reach_gate("gate");
  ASSERT_TRUE(await_held(first, 5));
  const Replica second = start();
  ASSERT_TRUE(await_held(second, 2));
  EXPECT_EQ(count_held(first), 3);
  EXPECT_THAT(held_by(first), HasSubstr("busy"));
  EXPECT_TRUE(first->await_error_text("which owns fewer"));
  close(gate);
  ASSERT_TRUE(await_completed("busy", 1));
  EXPECT_EQ(runs("busy"), "COMPLETED|itself|schedule");

  end(second);
  ASSERT_TRUE(await_held(first, 5)) << "scaled down again";
  end(first);
}

TEST_F(Balance, MoreJobsThanTokensAreSaidAndEndWhenAReplicaComes) {
  configure({.tokens = 2, .jobs = four_jobs()});
  const Replica first = start();
  ASSERT_TRUE(first->await_error_text(
      "no capacity for 2 of 4 jobs: the live replicas have 2 tokens; those jobs wait: start another replica or raise "
      "replica.tokens"));
  EXPECT_EQ(count_held(first), 2);
  const std::string listing = run({"status"}).output;
  EXPECT_EQ(times(listing, "unowned: no capacity (4 jobs, 2 live tokens)"), 2U) << listing;

  const Replica second = start();
  ASSERT_TRUE(await_held(second, 2));
  ASSERT_TRUE(first->await_error_text("capacity for all 4 jobs again: the live replicas have 4 tokens"));
  EXPECT_THAT(run({"status"}).output, Not(HasSubstr("no capacity")));
  EXPECT_EQ(count_held(first), 2);
  end(second);
  end(first);
}

TEST_F(Balance, ADeadReplicasJobsWaitForTokensThatOthersDoNotHave) {
  configure({.tokens = 2, .jobs = four_jobs()});
  const Replica first = start(), second = start();
  ASSERT_TRUE(await_held(first, 2));
  ASSERT_TRUE(await_held(second, 2));
  second->signal(SIGKILL);
  second->wait();
  ASSERT_TRUE(first->await_error_text("no capacity for 2 of 4 jobs"));
  ASSERT_TRUE(await([&] { return times(run({"status"}).output, "no capacity (4 jobs, 2 live tokens)") == 2; }));
  EXPECT_EQ(count_held(first), 2) << "never above its tokens";
  const Replica third = start();
  ASSERT_TRUE(await_held(third, 2));
  end(third);
  end(first);
}

}  // namespace
}  // namespace baton
