// Whose past a replica forgets: that of its own jobs, and of those that are nobody's any more.
#include "replica/jobs_to_prune.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class JobsToPrune : public testing::Test {
 protected:
  JobsToPrune() {
    facts_.replica = "me";
    facts_.configured = {"a", "b"};
    facts_.view.now = WallTime(std::chrono::hours(1));
    for (const std::string job : {"a", "b", "gone"}) facts_.view.jobs.emplace_back().job = job;
    live("me");
  }
  void live(const std::string& id, Duration silent = Duration(0)) {
    ReplicaRow row;
    row.id = id;
    row.heartbeat = Duration(1'000);
    row.beat = facts_.view.now - silent;
    facts_.view.replicas.push_back(row);
  }
  void lease(const std::string& job, const std::string& owner, bool released = false) {
    LeaseRecord record;
    record.key = job;
    record.owner_name = owner;
    record.released = released;
    facts_.leases.push_back(record);
  }

  PruneFacts facts_;
};

TEST_F(JobsToPrune, NothingHeldThenNothing) {
  lease("a", "me", true);
  lease("b", "other");
  EXPECT_THAT(jobs_to_prune(facts_), IsEmpty());
}

TEST_F(JobsToPrune, OwnJobThenThatOne) {
  lease("a", "other");
  lease("b", "me");
  EXPECT_THAT(jobs_to_prune(facts_), ElementsAre("b"));
}

TEST_F(JobsToPrune, FirstJobOwnedThenWhatIsInNoConfigurationAnyMoreToo) {
  lease("a", "me");
  EXPECT_THAT(jobs_to_prune(facts_), ElementsAre("a", "gone"));
  lease("gone", "me-before", true);
  EXPECT_THAT(jobs_to_prune(facts_), ElementsAre("a", "gone"));
}

// It is in another replica's configuration.
TEST_F(JobsToPrune, JobThatAnotherOneHoldsThenNot) {
  lease("a", "me");
  lease("gone", "other");
  EXPECT_THAT(jobs_to_prune(facts_), ElementsAre("a"));  // has no row: another program
  live("other");
  EXPECT_THAT(jobs_to_prune(facts_), ElementsAre("a"));
}

TEST_F(JobsToPrune, LeaseOfAReplicaThatDiedThenItIsNobodys) {
  lease("a", "me");
  lease("gone", "dead");
  live("dead", Duration(60'000));
  EXPECT_THAT(jobs_to_prune(facts_), ElementsAre("a", "gone"));
}

}  // namespace
}  // namespace baton
