// What a replica does with a job under its lease.
#include "batch/owned_job.h"

#include "tests/doubles/memory_replicas.h"
#include "tests/unit/batch/batch_fixture.h"

namespace baton {
namespace {

using testing::HasSubstr;

class OwnedJobTest : public BatchTest {
 protected:
  OwnedJobTest() {
    plan_.name = "job";
    parts_.plan = &plan_;
    parts_.replica = "host-1";
    parts_.repository = &repository_;
    parts_.targets = {&target_};
    parts_.open_recorded = [](const std::string& identity) -> Result<std::unique_ptr<Database>> {
      return fail(ErrorKind::retry, identity + " is away");
    };
    parts_.record = &record_;
    parts_.executions = &executions_;
    parts_.replicas = &replicas_;
    parts_.make_steps = [] { return std::vector<std::unique_ptr<Step>>(); };
    parts_.lease = &lease_;
    parts_.clock = &clock_;
    parts_.listener = &listener_;
    lease_.trust_until(clock_.now() + Duration(20'000));
  }

  JobPlan plan_;
  MemoryRepositoryRecord record_{repository_store_, "repository-1"};
  MemoryReplicas replicas_{repository_store_, clock_};
  OwnedJobParts parts_;
};

// The file behind a connection was replaced since the fences were raised.
TEST_F(OwnedJobTest, P8DatabaseThatWasNotFencedThenNothingRunsAndTheOwnerIsBecomeAgain) {
  ownership_.fences.erase(target_store_.identity());
  const auto outcome = run_owned(parts_, ownership_, {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::lease_lost);
  EXPECT_THAT(outcome.error().message, HasSubstr("memory:target was not fenced"));
  EXPECT_TRUE(repository_store_.committed().executions.empty());

  const auto owned = own_job(parts_);
  ASSERT_TRUE(owned) << owned.error().message;
  EXPECT_TRUE(run_owned(parts_, owned->ownership, {}, {}));
}

TEST_F(OwnedJobTest, P8RepositoryThatWasNotFencedThenNothingRuns) {
  ownership_.fences.erase(repository_store_.identity());
  const auto outcome = run_owned(parts_, ownership_, {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::lease_lost);
}

}  // namespace
}  // namespace baton
