// The small parts of a replica, each by itself: clock, live replicas, shares, back-offs, outages, timers.
#include "replica/agenda.h"
#include "replica/fair_share.h"
#include "replica/handover.h"
#include "replica/live_replicas.h"
#include "replica/outage.h"
#include "replica/repository_clock.h"
#include "replica/time_words.h"
#include "replica/timings_in_words.h"
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Instant start{std::chrono::hours(1)};

TEST(RepositoryClockP17, TimeGoesOnFromTheLastReading) {
  RepositoryClock clock;
  EXPECT_FALSE(clock.known());
  clock.answered(noon, start);
  EXPECT_EQ(clock.now(start + seconds(3)), noon + seconds(3));
  EXPECT_EQ(clock.when(noon + seconds(3)), start + seconds(3));
  clock.answered(noon - minutes(1), start + seconds(3));  // it was set back
  EXPECT_EQ(clock.when(noon), start + seconds(63));
  EXPECT_EQ(clock.when(WallTime::max()), Instant::max());
  EXPECT_EQ(clock.when(WallTime::min()), Instant::min());
}

ReplicaRow row(const std::string& id, std::int64_t counter, WallTime beat) {
  ReplicaRow row;
  row.id = id;
  row.counter = counter;
  row.heartbeat = Duration(5'000);
  row.beat = beat;
  return row;
}

TEST(LiveReplicasP19, YoungBeatLivesAtFirstSightAndOldOneNot) {
  LiveReplicas live("me");
  live.observe({row("young", 1, noon - seconds(14)), row("old", 1, noon - seconds(15)), row("me", 1, noon)}, noon,
               start);
  EXPECT_TRUE(live.live("young", start));
  EXPECT_FALSE(live.live("old", start));
  EXPECT_TRUE(live.has_row("old"));
  EXPECT_FALSE(live.live("young", start + seconds(1))) << "three heartbeats after its beat";
  ASSERT_EQ(live.others(start).size(), 1U);
  EXPECT_EQ(live.others(start).front()->id, "young");
}

TEST(LiveReplicasP19, ChangeOfTheCounterIsLifeForThreeHeartbeats) {
  LiveReplicas live("me");
  live.observe({row("a", 1, noon - minutes(5))}, noon, start);
  live.observe({row("a", 2, noon - minutes(5))}, noon, start + seconds(1));  // its wall clock says nothing
  EXPECT_TRUE(live.live("a", start + seconds(15)));
  EXPECT_FALSE(live.live("a", start + seconds(16)));
  live.observe({row("a", 2, noon + minutes(5))}, noon, start + seconds(17));
  EXPECT_FALSE(live.live("a", start + seconds(17)));
}

TEST(LiveReplicasP19, LeavingOneIsNotLiveAndIAlwaysAm) {
  LiveReplicas live("me");
  ReplicaRow leaving = row("a", 1, noon);
  leaving.leaving = true;
  live.observe({leaving}, noon, start);
  EXPECT_FALSE(live.live("a", start));
  EXPECT_TRUE(live.live("me", start + minutes(60)));
}

TEST(LiveReplicasP19, OneWhoseLeaseRanOutIsDeadUntilItsCounterChanges) {
  LiveReplicas live("me");
  live.observe({row("a", 1, noon)}, noon, start);
  live.presume_dead("a");
  live.observe({row("a", 1, noon)}, noon, start);
  EXPECT_FALSE(live.live("a", start));
  live.observe({row("a", 2, noon)}, noon, start);
  EXPECT_TRUE(live.live("a", start));
}

TEST(FairShareP20, TargetIsTheShareRoundedUpAndAtMostTheTokens) {
  EXPECT_EQ(fair_target(4, 0, 2, 9), 2);
  EXPECT_EQ(fair_target(5, 0, 2, 9), 3);
  EXPECT_EQ(fair_target(5, 2, 2, 9), 2);
  EXPECT_EQ(fair_target(5, 0, 2, 1), 1);
  EXPECT_EQ(fair_target(5, 5, 2, 9), 0);
  EXPECT_EQ(fair_target(0, 1, 0, 9), 0);
}

TEST(FairShareP20, OfferGoesToTheNeediestBelowItsTargetWithADifferenceOfTwo) {
  SeededRandom random(1);
  EXPECT_EQ(whom_to_offer(4, 2, {{"a", 2, 3, false}, {"b", 1, 3, false}}, random), "b");
  EXPECT_EQ(whom_to_offer(4, 2, {{"a", 3, 4, false}}, random), std::nullopt) << "a difference of one";
  EXPECT_EQ(whom_to_offer(4, 2, {{"a", 1, 1, false}}, random), std::nullopt) << "at its target";
  EXPECT_EQ(whom_to_offer(4, 2, {{"a", 0, 2, true}}, random), std::nullopt) << "in back-off";
  EXPECT_EQ(whom_to_offer(2, 2, {{"a", 0, 2, false}}, random), std::nullopt) << "I am not above my target";
}

TEST(ReceiverBackoffP20, DoublesFromOneMinuteToFifteen) {
  ReceiverBackoffs backoffs(Duration(20'000));
  Instant now = start;
  for (const int expected : {1, 2, 4, 8, 15, 15}) {
    backoffs.failed("a", {}, now);
    EXPECT_TRUE(backoffs.in_backoff("a", now + minutes(expected) - milliseconds(1)));
    EXPECT_FALSE(backoffs.in_backoff("a", now + minutes(expected)));
    now += minutes(expected);
  }
  EXPECT_FALSE(backoffs.in_backoff("b", now));
}

TEST(ReceiverBackoffP20, EndsWhenItHasHeldANewLeaseForLongerThanALease) {
  ReceiverBackoffs backoffs(Duration(20'000));
  backoffs.failed("a", {"old"}, start);
  backoffs.observe({{"a", {"old"}}}, start);
  backoffs.observe({{"a", {"old"}}}, start + seconds(30));
  EXPECT_TRUE(backoffs.in_backoff("a", start + seconds(30))) << "it owned that before";
  backoffs.observe({{"a", {"old", "new"}}}, start + seconds(31));
  backoffs.observe({{"a", {"old", "new"}}}, start + seconds(51));
  EXPECT_TRUE(backoffs.in_backoff("a", start + seconds(51)));
  backoffs.observe({{"a", {"new"}}}, start + seconds(52));
  EXPECT_FALSE(backoffs.in_backoff("a", start + seconds(52)));
}

TEST(ReceiverBackoffP20, LeaseThatItLetGoAgainDoesNotCount) {
  ReceiverBackoffs backoffs(Duration(20'000));
  backoffs.failed("a", {}, start);
  backoffs.observe({{"a", {"new"}}}, start);
  backoffs.observe({}, start + seconds(10));
  backoffs.observe({{"a", {"new"}}}, start + seconds(20));
  backoffs.observe({{"a", {"new"}}}, start + seconds(30));
  EXPECT_TRUE(backoffs.in_backoff("a", start + seconds(30)));
}

TEST(BackoffTest, DoublesUpToItsMostAndIsShortenedByAtMostAHalf) {
  SeededRandom random(3);
  Backoff backoff(Duration(1'000), Duration(300'000));
  Duration whole(1'000);
  for (int i = 0; i < 12; ++i) {
    const Duration wait = backoff.next(random);
    EXPECT_LE(wait, whole);
    EXPECT_GE(wait, whole / 2);
    whole = std::min(whole * 2, Duration(300'000));
  }
  backoff.reset();
  EXPECT_LE(backoff.next(random), Duration(1'000));
}

TEST(OutageTest, IsSaidOnceAndItsEndOnce) {
  Outage outage;
  EXPECT_FALSE(outage.succeeded("list"));
  EXPECT_TRUE(outage.failed("list"));
  EXPECT_FALSE(outage.failed("renew"));
  EXPECT_FALSE(outage.succeeded("list")) << "renewals still fail";
  EXPECT_TRUE(outage.succeeded("renew"));
}

TEST(AgendaTest, FirstIsTheEarliestWhateverWasSetBefore) {
  Agenda<Instant> agenda;
  agenda.set(1, start + seconds(5));
  agenda.set(2, start + seconds(3));
  agenda.set(2, start + seconds(7));
  EXPECT_EQ(agenda.first().second, 1);
  agenda.erase(1);
  EXPECT_EQ(agenda.first(), std::pair(Instant(start + seconds(7)), 2));
  agenda.erase(2);
  EXPECT_TRUE(agenda.empty());
}

TEST(TimeInWords, ShowsTheDateOnlyWhenItIsFarAway) {
  EXPECT_EQ(time_in_words(noon + seconds(5), noon), "12:00:05Z");
  EXPECT_EQ(time_in_words(noon + milliseconds(4'200), noon), "12:00:05Z");
  EXPECT_EQ(time_in_words(noon + std::chrono::hours(13), noon), "2026-03-02 01:00:00Z");
}

TEST(TimingsInWordsP3P6, SaysTakeOverReleaseAndOutages) {
  const std::vector<std::string> words = timings_in_words(LeaseTimings{});
  EXPECT_THAT(words, Contains(HasSubstr("at the latest after 21s (lease 20s + refresh 1s)")));
  EXPECT_THAT(words, Contains(HasSubstr("released job is taken within 1s")));
  EXPECT_THAT(words, Contains(HasSubstr("trusted for 18s")));
  EXPECT_THAT(words, Contains(HasSubstr("lease store of up to 13s")));
}

}  // namespace
}  // namespace baton
