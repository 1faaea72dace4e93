// A monitor whose rounds are further apart than a lease lasts, and than anything must last before it is trouble: it
// looks in between, at the very instants at which that can change what it finds.
#include "lease/lease_observer.h"
#include "monitor/global_monitor.h"
#include "monitor/look_times.h"
#include "tests/unit/monitor/overview_situation.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant::duration tick{1};  // the clock's smallest step

constexpr Instant start{1h};

// A round each minute; lease 20 s, heartbeat 5 s, refresh 1 s, grace 2 s. One replica owns two jobs by hand.
struct Deployment {
  Deployment() {
    at.job("a").job("b");
    at.replica("host-1", 0ms);
    at.lease("a", "host-1");
    at.lease("b", "host-1");
  }

  // Until it dies, the replica beats and renews every 5 s.
  void pass_until(Instant then) {
    at.facts.view.now += then - now;
    now = then;
    const auto renewals = (std::min(now, death) - start) / 5s;
    at.facts.view.replicas[0].beat = at.now + renewals * 5s;
    for (LeaseRecord& lease : at.facts.leases) lease.version = "v" + std::to_string(renewals);
  }
  std::vector<std::string> look() {
    at.facts.expired.clear();
    for (const LeaseRecord& lease : at.facts.leases) {
      observer.observe(lease, now);
      if (observer.expired(lease, now)) at.facts.expired.insert(lease.key);
    }
    MonitorFacts facts;
    facts.round = times.is_round();
    std::vector<std::string> found;
    for (const FoundTrouble& one : monitor.look(at.facts, facts, now)) {
      found.push_back(std::string(name(one.trouble)) + " " + one.subject);
    }
    times.looked(monitor.changes_at(), now);
    ++looks;
    return found;
  }
  // Whenever a look is due, until something is found.
  std::vector<std::string> watch_until(Instant end) {
    while (times.next() <= end) {
      pass_until(times.next());
      if (auto found = look(); !found.empty()) return found;
    }
    return {};
  }
  // After so long since the first round the replica dies; since that round, when is its death found?
  Instant::duration found_when_it_dies_after(Duration life) {
    death = start + life;
    EXPECT_THAT(watch_until(start + 1h), ElementsAre("unowned a", "unowned b", "replica_silent host-1"));
    return now - start;
  }

  Situation at;
  Instant now = start;
  Instant death = Instant::max();
  LeaseObserver observer;
  LookTimes times{60s, start};
  GlobalMonitor monitor{{"monitoring-1", 2s}};
  int looks = 0;
};

class RareLooks : public testing::Test, protected Deployment {};

// The lease runs out 20 s after the round that saw it last; grace and three refreshes are 5 s.
TEST_F(RareLooks, ReplicaDiesJustAfterARoundThenFoundALeaseAndThePatienceLater) {
  EXPECT_EQ(found_when_it_dies_after(0s), 25s + tick);
}

// The look in between saw the last renewal, and the next round that it was the last.
TEST_F(RareLooks, ReplicaDiesBeforeTheLookInBetweenThenFoundThePatienceAfterTheNextRound) {
  EXPECT_EQ(found_when_it_dies_after(10s), 65s);
}

TEST_F(RareLooks, ReplicaDiesAfterTheLookInBetweenThenFoundALeaseAndThePatienceAfterTheNextRound) {
  EXPECT_EQ(found_when_it_dies_after(30s), 85s + tick);
}

TEST_F(RareLooks, ReplicaDiesJustBeforeTheNextRoundThenFoundALeaseAndThePatienceAfterIt) {
  EXPECT_EQ(found_when_it_dies_after(59s), 85s + tick);
}

TEST_F(RareLooks, ReplicaDiesAtAnyTimeThenFoundWithinItsBound) {
  for (Duration life(0); life < 120s; life += 500ms) {
    ASSERT_LE(Deployment().found_when_it_dies_after(life), life + 20s + 2s + 3 * 1s + 60s) << life.count();
  }
}

TEST_F(RareLooks, LockIsReleasedThenFoundThePatienceAfterTheLookThatSawIt) {
  EXPECT_THAT(watch_until(start + 60s), IsEmpty());
  at.facts.leases[0].released = true;
  EXPECT_THAT(watch_until(start + 1h), ElementsAre("unowned a"));
  EXPECT_EQ(now, start + 60s + 20s + tick + 5s);
}

TEST_F(RareLooks, TooFewTokensThenFoundAfterGraceAndThreeHeartbeatsFromTheLookThatSawIt) {
  at.facts.view.replicas[0].tokens = 1;
  at.facts.leases[1].released = true;
  EXPECT_THAT(watch_until(start + 1h), ElementsAre("unowned b"));
  EXPECT_EQ(now, start + 5s);
  EXPECT_THAT(watch_until(start + 1h), ElementsAre("no_capacity ", "unowned b"));
  EXPECT_EQ(now, start + 2s + 3 * 5s);
}

TEST_F(RareLooks, ConfigurationsDifferThenFoundWhenThatHasLasted) {
  at.replica("host-2").config_hash = "h2";
  at.facts.view.replicas[1].beat = at.now + 1h;
  EXPECT_THAT(watch_until(start + 1h), ElementsAre("configurations_differ "));
  EXPECT_EQ(now, start + 15min);
}

TEST_F(RareLooks, ExecutionThatNobodyRunsThenFoundAfterGraceAndThreeRefreshes) {
  at.facts.view.open = {{"gone", 70, 7, BatchStatus::started, 3}};
  EXPECT_THAT(watch_until(start + 1h), ElementsAre("nobodys_execution gone"));
  EXPECT_EQ(now, start + 5s);
}

// Its row looks live for longer than its locks last.
TEST_F(RareLooks, LocksOfALiveReplicaRunOutThenSilentFromTheMomentThatItsRowIs) {
  at.facts.view.replicas[0].heartbeat = 9s;
  death = start;
  EXPECT_THAT(watch_until(start + 1h), ElementsAre("unowned a", "unowned b"));
  EXPECT_EQ(now, start + 25s + tick);
  EXPECT_THAT(watch_until(start + 1h), testing::Contains("unowned a"));
  EXPECT_EQ(now, start + 27s);
  EXPECT_THAT(watch_until(start + 1h), testing::Contains("replica_silent host-1"));
  EXPECT_EQ(now, start + 32s);
}

TEST_F(RareLooks, ManyLocksAreLostOneAfterTheOtherThenNeverMoreThanALookEachSecond) {
  for (int i = 0; i < 200; ++i) at.lease("x" + std::to_string(i), "java").lease_duration = Duration(5'000 + 7 * i);
  for (int i = 0; i < 200; ++i) at.job("x" + std::to_string(i));
  death = start;
  Instant last = start - 1h;
  for (int i = 0; i < 60; ++i) {
    pass_until(times.next());
    const bool round = times.is_round();
    look();
    ASSERT_TRUE(round || now - last >= 1s) << i;
    last = now;
  }
}

}  // namespace
}  // namespace baton
