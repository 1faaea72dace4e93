// P21: why a job has no live owner.
#include "replica/ownership_reason.h"

#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using Kind = OwnershipReason::Kind;
using testing::HasSubstr;

ReplicaRow row(const std::string& id, std::int64_t tokens, WallTime beat) {
  ReplicaRow row;
  row.id = id;
  row.tokens = tokens;
  row.heartbeat = Duration(1'000);
  row.beat = beat;
  return row;
}

OwnershipFacts facts_of_four_jobs() {
  OwnershipFacts facts;
  facts.job = "a";
  facts.now = noon;
  facts.jobs = 4;
  facts.replicas = {row("live", 2, noon - milliseconds(500))};
  return facts;
}

LeaseRecord held_by(const std::string& owner) { return {"a", owner, Duration(3'000), "v", false, std::nullopt}; }

TEST(OwnershipReasonP21, LiveOwner) {
  OwnershipFacts facts = facts_of_four_jobs();
  facts.lease = held_by("live");
  EXPECT_EQ(ownership_reason(facts).kind, Kind::owned);
  EXPECT_EQ(ownership_reason(facts).owner, "live");
}

TEST(OwnershipReasonP21, OwnerThatIsNoReplica) {
  OwnershipFacts facts = facts_of_four_jobs();
  facts.lease = held_by("java");
  EXPECT_EQ(ownership_reason(facts).kind, Kind::foreign_owner);
  EXPECT_THAT(ownership_reason(facts).text, HasSubstr("java"));
}

TEST(OwnershipReasonP21, SilentOwnerUntilItsLeaseRunsOut) {
  OwnershipFacts facts = facts_of_four_jobs();
  facts.lease = held_by("dead");
  facts.replicas.push_back(row("dead", 2, noon - milliseconds(3'500)));
  EXPECT_EQ(ownership_reason(facts).kind, Kind::silent_owner);
  EXPECT_EQ(ownership_reason(facts).text, "held by a silent owner until about 12:00:01Z");
  facts.now = noon + milliseconds(500);
  EXPECT_EQ(ownership_reason(facts).kind, Kind::no_capacity) << "nothing more to wait for";
}

TEST(OwnershipReasonP21, FewerTokensThanJobs) {
  OwnershipFacts facts = facts_of_four_jobs();
  EXPECT_EQ(ownership_reason(facts).kind, Kind::no_capacity);
  EXPECT_EQ(ownership_reason(facts).text, "no capacity (4 jobs, 2 live tokens)");
  facts.foreign = 2;
  EXPECT_EQ(ownership_reason(facts).kind, Kind::not_tried);
}

TEST(OwnershipReasonP21, TokensOfReplicasWithAnotherConfigurationAreNoCapacity) {
  OwnershipFacts facts = facts_of_four_jobs();
  facts.replicas.push_back(row("old", 8, noon));
  facts.replicas.back().config_hash = "old";
  EXPECT_EQ(ownership_reason(facts).kind, Kind::not_tried) << "all count where no configuration is named";
  facts.config_hash = facts.replicas.front().config_hash = "new";
  EXPECT_EQ(ownership_reason(facts).text, "no capacity (4 jobs, 2 live tokens)");
}

TEST(OwnershipReasonP21, PausedAndFree) {
  OwnershipFacts facts = facts_of_four_jobs();
  JobControl control;
  control.pause = Pause{"ann", "", noon, std::nullopt};
  facts.control = &control;
  facts.lease = held_by("live");
  facts.lease->released = true;
  EXPECT_EQ(ownership_reason(facts).kind, Kind::paused_free);
}

TEST(OwnershipReasonP21, NoLiveReplica) {
  OwnershipFacts facts = facts_of_four_jobs();
  facts.now = noon + seconds(5);
  EXPECT_EQ(ownership_reason(facts).kind, Kind::no_live_replica);
}

TEST(OwnershipReasonP21, OwnerThatShutsDownStillOwns) {
  OwnershipFacts facts = facts_of_four_jobs();
  facts.lease = held_by("live");
  facts.replicas.front().leaving = true;
  EXPECT_FALSE(looks_live(facts.replicas.front(), noon));
  EXPECT_EQ(ownership_reason(facts).kind, Kind::owned);
  EXPECT_THAT(ownership_reason(facts).text, HasSubstr("shuts down"));
}

}  // namespace
}  // namespace baton
