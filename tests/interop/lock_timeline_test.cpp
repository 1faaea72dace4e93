// The judge of the migration test notices what it is there for.
#include "tests/interop/lock_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using std::chrono::nanoseconds;
using testing::ElementsAre;

class LockTimelineJudged : public testing::Test {
 protected:
  // Each look takes 2, beginning every 10.
  void seen(std::initializer_list<const char*> owners) {
    int begun = 0;
    for (const char* owner : owners) {
      LockSight sight{nanoseconds(begun), nanoseconds(begun + 2), {}};
      if (*owner != '\0') sight.owners["job"] = owner;
      timeline_.add(std::move(sight));
      begun += 10;
    }
  }
  bool may_have_held(const char* owner, int at) const { return timeline_.may_have_held("job", owner, nanoseconds(at)); }

  LockTimeline timeline_;
};

TEST_F(LockTimelineJudged, OwnersOneAfterTheOtherAndHowLongNobodyWasOne) {
  seen({"", "java", "java", "", "", "baton", "other"});
  EXPECT_THAT(timeline_.owners("job"), ElementsAre("java", "baton", "other"));
  const auto changes = timeline_.changes("job");
  ASSERT_EQ(changes.size(), 2U) << "the time before the first owner is none";
  EXPECT_EQ(changes[0].from, "java");
  EXPECT_EQ(changes[0].to, "baton");
  EXPECT_EQ(changes[0].last, nanoseconds(20));
  EXPECT_EQ(changes[0].first, nanoseconds(52));
  EXPECT_EQ(changes[0].nobody, nanoseconds(12));
  EXPECT_EQ(changes[1].nobody, nanoseconds(0));
}

TEST_F(LockTimelineJudged, CommitWhileAnotherHoldsTheLockIsNoHolders) {
  seen({"java", "java", "baton", "baton", ""});
  EXPECT_TRUE(may_have_held("java", 11));
  EXPECT_TRUE(may_have_held("java", 15)) << "the next look saw another one: it may have changed later";
  EXPECT_TRUE(may_have_held("baton", 15));
  EXPECT_FALSE(may_have_held("java", 25));
  EXPECT_FALSE(may_have_held("baton", 5));
  EXPECT_TRUE(may_have_held("baton", 35));
  EXPECT_FALSE(may_have_held("baton", 43)) << "nobody holds it";
}

}  // namespace
}  // namespace baton
