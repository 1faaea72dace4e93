#include "lease/lease_observer.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

constexpr Instant start{std::chrono::hours(5)};
constexpr Instant::duration tick{1};  // the clock's smallest step

LeaseRecord held(const std::string& key, const std::string& version, Duration duration = Duration(20'000)) {
  return {key, "other", duration, version, false, std::nullopt};
}

TEST(LeaseObserver, P2TheSameVersionSeenForLongerThanItsDurationIsExpired) {
  LeaseObserver observer;
  observer.observe(held("job", "v1"), start);
  EXPECT_FALSE(observer.expired(held("job", "v1"), start + Duration(20'000))) << "as long is not longer";
  EXPECT_TRUE(observer.expired(held("job", "v1"), start + Duration(20'000) + tick));
}

TEST(LeaseObserver, P2TheDurationIsTheOneWrittenInTheRecord) {
  LeaseObserver observer;
  observer.observe(held("job", "v1", Duration(90'000)), start);
  EXPECT_FALSE(observer.expired(held("job", "v1"), start + Duration(90'000)));
  EXPECT_TRUE(observer.expired(held("job", "v1"), start + Duration(90'001)));
}

TEST(LeaseObserver, P2DecideAtIsTheFirstInstantOfExpiry) {
  LeaseObserver observer;
  observer.observe(held("job", "v1"), start);
  const Instant decide_at = observer.decide_at("job").value();
  EXPECT_FALSE(observer.expired(held("job", "v1"), decide_at - tick));
  EXPECT_TRUE(observer.expired(held("job", "v1"), decide_at));
  EXPECT_FALSE(observer.decide_at("unknown"));
}

TEST(LeaseObserver, P2ANewVersionStartsAnew) {
  LeaseObserver observer;
  observer.observe(held("job", "v1"), start);
  observer.observe(held("job", "v2"), start + Duration(15'000));
  EXPECT_FALSE(observer.expired(held("job", "v2"), start + Duration(30'000)));
  EXPECT_TRUE(observer.expired(held("job", "v2"), start + Duration(35'001)));
}

TEST(LeaseObserver, P2SeeingTheSameVersionAgainDoesNotStartAnew) {
  LeaseObserver observer;
  observer.observe(held("job", "v1"), start);
  observer.observe(held("job", "v1"), start + Duration(19'000));
  EXPECT_TRUE(observer.expired(held("job", "v1"), start + Duration(20'001)));
}

TEST(LeaseObserver, AVersionThatWasNeverObservedIsNotExpired) {
  LeaseObserver observer;
  EXPECT_FALSE(observer.expired(held("job", "v1"), start + Duration(1'000'000)));
  observer.observe(held("job", "v1"), start);
  EXPECT_FALSE(observer.expired(held("job", "v2"), start + Duration(1'000'000)));
}

TEST(LeaseObserver, AReleasedRecordAndAForgottenKeyStartAnew) {
  LeaseObserver observer;
  observer.observe(held("job", "v1"), start);
  LeaseRecord released = held("job", "v1");
  released.released = true;
  observer.observe(released, start);
  EXPECT_EQ(observer.size(), 0U);
  observer.observe(held("job", "v1"), start);
  observer.forget("job");
  EXPECT_FALSE(observer.expired(held("job", "v1"), start + Duration(1'000'000)));
}

TEST(LeaseObserver, AnImpossibleDurationNeitherOverflowsNorExpires) {
  LeaseObserver observer;
  observer.observe(held("job", "v1", Duration::max()), start);
  EXPECT_FALSE(observer.expired(held("job", "v1"), start + std::chrono::hours(24 * 365)));
}

TEST(LeaseObserver, WhenFullTheKnownKeysAreStillDecided) {
  LeaseObserver observer(2);
  observer.observe(held("a", "v1"), start);
  observer.observe(held("b", "v1"), start);
  observer.observe(held("c", "v1"), start);
  EXPECT_EQ(observer.size(), 2U);
  EXPECT_TRUE(observer.expired(held("a", "v1"), start + Duration(20'001)));
  EXPECT_FALSE(observer.decide_at("c"));
  observer.forget("a");
  observer.observe(held("c", "v1"), start);
  EXPECT_TRUE(observer.decide_at("c"));
}

TEST(LeaseObserver, WhenFullKeysThatNoReadShowsAnyMoreMakeRoom) {
  LeaseObserver observer(2);
  observer.observe(held("gone", "v1"), start);
  observer.observe(held("there", "v1"), start);
  observer.observe(held("there", "v1"), start + Duration(20'000));
  observer.observe(held("new", "v1"), start + Duration(20'000));
  EXPECT_FALSE(observer.decide_at("new")) << "nothing is stale yet";
  observer.observe(held("new", "v1"), start + Duration(21'000));
  EXPECT_TRUE(observer.decide_at("new"));
  EXPECT_TRUE(observer.decide_at("there"));
  EXPECT_FALSE(observer.decide_at("gone"));
}

}  // namespace
}  // namespace baton
