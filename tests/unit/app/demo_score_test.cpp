#include "app/demo_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::HasSubstr;

const WallTime begin(std::chrono::hours(500'000));

JobExecution ran(const std::string& job, Duration at, BatchStatus status, const std::string& replica) {
  JobExecution execution;
  execution.job = job;
  execution.created = begin + at;
  execution.status = status;
  execution.replica = replica;
  return execution;
}

TEST(DemoScore, ARunLaunchedBeforeTheKillCountsBeforeItWhenItCompleted) {
  const DemoScore score = demo_score(
      {"a", "b"},
      {ran("a", Duration(1'000), BatchStatus::completed, "r1"), ran("b", Duration(1'000), BatchStatus::failed, "r1"),
       ran("a", Duration(9'000), BatchStatus::completed, "r2")},
      begin + Duration(5'000), {"a"});
  EXPECT_EQ(score.jobs.at("a").before, 1);
  EXPECT_EQ(score.jobs.at("a").after, 1);
  EXPECT_EQ(score.jobs.at("b").before, 0);
  EXPECT_FALSE(score.all_before());
  EXPECT_FALSE(score.all_after());
}

TEST(DemoScore, TheFirstLaunchAfterTheKillTellsWhoCarriesOnAndAfterHowLong) {
  const DemoScore score = demo_score({"a"},
                                     {ran("a", Duration(12'000), BatchStatus::completed, "r3"),
                                      ran("a", Duration(9'000), BatchStatus::completed, "r2"),
                                      ran("a", Duration(1'000), BatchStatus::completed, "r1")},
                                     begin + Duration(5'000), {"a"});
  EXPECT_EQ(score.jobs.at("a").carried_on, "r2");
  EXPECT_EQ(score.jobs.at("a").gap, Duration(4'000));
  EXPECT_TRUE(score.all_before());
  EXPECT_TRUE(score.all_after());
  EXPECT_THAT(score_lines(score).back(), HasSubstr("4.0 s later by r2 (it was the killed one's)"));
}

TEST(DemoScore, AnUnfinishedRunAfterTheKillIsNoCompletion) {
  const DemoScore score =
      demo_score({"a"}, {ran("a", Duration(6'000), BatchStatus::started, "r2")}, begin + Duration(5'000), {});
  EXPECT_EQ(score.jobs.at("a").after, 0);
  EXPECT_FALSE(score.all_after());
}

TEST(DemoScore, OtherJobsOfTheRepositoryAreNotCounted) {
  const DemoScore score = demo_score({"a"}, {ran("z", Duration(1), BatchStatus::completed, "r1")}, std::nullopt, {});
  EXPECT_EQ(score.jobs.size(), 1U);
  EXPECT_FALSE(score.all_before());
}

}  // namespace
}  // namespace baton
