// The witness of the contention test notices what it is there for.
#include "tests/interop/hold_judge.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using std::chrono::nanoseconds;

class HoldJudged : public testing::Test {
 protected:
  bool says(const char* what, const char* hold, int deadline, int now) {
    return judge_.accepts({what, "lock", hold, nanoseconds(deadline)}, nanoseconds(now));
  }

  HoldJudge judge_;
};

TEST_F(HoldJudged, HoldersOneAfterTheOtherAreNoOverlap) {
  EXPECT_TRUE(says("enter", "java1-1/1", 100, 10));
  EXPECT_TRUE(says("leave", "java1-1/1", 100, 20));
  EXPECT_TRUE(says("enter", "baton-1/1", 100, 30));
  EXPECT_TRUE(says("commit", "baton-1/1", 200, 110)) << "it was renewed";
  EXPECT_TRUE(says("enter", "java1-1/2", 400, 200)) << "the one before died; its time is over";
  EXPECT_TRUE(judge_.overlaps().empty());
  EXPECT_EQ(judge_.holds().at("java1"), 2U);
  EXPECT_EQ(judge_.changes_of_side(), 2U);
}

TEST_F(HoldJudged, P12CommitPastItsDeadlineIsRefusedAndNoOverlap) {
  EXPECT_TRUE(says("enter", "java1-1/1", 100, 10));
  EXPECT_TRUE(says("enter", "baton-1/1", 300, 150));
  EXPECT_FALSE(says("commit", "java1-1/1", 100, 160));
  EXPECT_FALSE(says("commit", "java1-1/1", 160, 160)) << "trusted before that moment, not at it";
  EXPECT_TRUE(judge_.overlaps().empty());
  EXPECT_EQ(judge_.refused(), 2U);
}

TEST_F(HoldJudged, SecondHolderWhileTheFirstTrustsItsLockIsAnOverlap) {
  says("enter", "java1-1/1", 100, 10);
  says("enter", "baton-1/1", 300, 50);
  EXPECT_EQ(judge_.overlaps().size(), 1U);
}

TEST_F(HoldJudged, CommitOfAHolderThatHasASuccessorIsAnOverlap) {
  says("enter", "java1-1/1", 100, 10);
  says("leave", "java1-1/1", 100, 20);
  says("enter", "baton-1/1", 300, 50);
  says("leave", "baton-1/1", 300, 60);
  EXPECT_TRUE(judge_.overlaps().empty());
  says("commit", "java1-1/1", 100, 70);
  EXPECT_EQ(judge_.overlaps().size(), 1U);
}

}  // namespace
}  // namespace baton
