// `baton demo`: replicas as processes, one of which is killed and replaced.
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

class DemoOfReplicas : public ReplicaTest {
 protected:
  static std::string four_jobs() {
    std::string jobs;
    for (const char* name : {"one", "two", "three", "four"}) jobs += sql_job(name, "{ fixed_delay: 200ms }");
    return jobs;
  }
};

TEST_F(DemoOfReplicas, WithALengthKillsOneByItselfAndEndsWellOnceEachJobHasCompletedAgain) {
  configure({.tokens = 2, .jobs = four_jobs()});
  const ProgramEnd end = run({"demo", "--for", "12s"});
  EXPECT_EQ(end.exit_code, 0) << end.output << end.errors;
  EXPECT_THAT(end.output, HasSubstr("is killed (SIGKILL): nothing is released"));
  EXPECT_THAT(end.output, HasSubstr("no capacity (4 jobs, 2 live tokens)"));
  EXPECT_THAT(end.output, HasSubstr("replica 3 starts"));
  EXPECT_THAT(end.output, HasSubstr("Each job completed before the kill and after it."));
  EXPECT_EQ(leases(), "") << "the others are ended, not killed";
  EXPECT_EQ(open_executions(), "");
}

TEST_F(DemoOfReplicas, WithALengthTooShortForATakeOverIsWrongUsageWithTheLeastOne) {
  configure({.tokens = 2, .jobs = four_jobs()});
  const ProgramEnd end = run({"demo", "--for", "11s"});
  EXPECT_EQ(end.exit_code, 2) << end.output;
  EXPECT_THAT(end.errors, HasSubstr("at least 11100ms"));
}

TEST_F(DemoOfReplicas, WithAStoreThatCannotBeOpenedSaysSoAtOnce) {
  configure({.stores = "repository: { url: \"sqlite:missing/baton.db\" }\n", .jobs = four_jobs()});
  const ProgramEnd end = run({"demo", "--for", "12s"});
  EXPECT_THAT(end.exit_code, testing::AnyOf(75, 78)) << end.output;
  EXPECT_THAT(end.errors, HasSubstr("missing/baton.db"));
  EXPECT_THAT(end.output, testing::Not(HasSubstr("replica 1 starts")));
}

TEST_F(DemoOfReplicas, WithTooFewTokensSaysWhichJobsWaitAndEndsAtASignal) {
  configure({.tokens = 1, .jobs = four_jobs()});
  ProgramRequest request;
  request.argv = {"sh", "-c", "exec \"$0\" demo >&2", BATON_BINARY_DIR "/baton"};
  request.folder = workspace_.path();
  Program demo(request);
  ASSERT_TRUE(demo.await_error_text("no capacity (4 jobs, 2 live tokens)"));
  demo.signal(SIGTERM);
  const ProgramEnd end = demo.wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(leases(), "");
}

}  // namespace
}  // namespace baton
