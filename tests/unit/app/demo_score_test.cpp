#include "app/demo_score.h"

#include "app/demo.h"
#include "tests/unit/monitor/overview_situation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;
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

TEST(ScoreLines, WithoutAKillNothingIsSaidOfOne) {
  const auto lines =
      score_lines(demo_score({"a"}, {ran("a", Duration(1), BatchStatus::completed, "r1")}, std::nullopt, {}));
  EXPECT_THAT(lines, ElementsAre("job  completed", "a            1"));
}

TEST(MissingLines, NameEachJobThatDidNotCompleteAndWhy) {
  Situation at;
  for (const char* job : {"waits", "bad", "by_hand", "done", "slow", "early"}) {
    at.job(job, std::string(job) == "by_hand" ? Schedule() : fixed_delay(Duration(5'000)));
    if (job != std::string("waits")) at.lease(job, "host-1a2b3c4d");
  }
  at.replica("host-1a2b3c4d");
  at.run("bad", BatchStatus::failed).exit.description = "no such table\nx";
  at.run("slow", BatchStatus::started).replica = "host-1a2b3c4d";
  at.control("early");
  at.run("early", BatchStatus::completed, EndedBy::itself, Duration(2'000));
  DemoScore score = demo_score({"waits", "bad", "by_hand", "done", "slow"},
                               {ran("done", Duration(1), BatchStatus::completed, "r")}, std::nullopt, {});
  EXPECT_THAT(missing_lines(score, at.overview()),
              ElementsAre("bad did not complete: failed: no such table x",
                          "by_hand did not complete: manual: it waits for baton trigger",
                          HasSubstr("slow did not complete: running"),
                          "waits did not complete: no capacity (6 jobs, 2 live tokens)"));

  score = demo_score({"early"}, {ran("early", Duration(1), BatchStatus::completed, "r")}, begin + Duration(9), {});
  EXPECT_THAT(missing_lines(score, at.overview()),
              ElementsAre("early did not complete after the kill: its next start was in 3 s"));
}

TEST(DemoPlan, LeavesTimeForTheReplacementTheTakeOverAndRuns) {
  const LeaseTimings timings{Duration(20'000), Duration(5'000), Duration(1'000)};
  EXPECT_EQ(demo_plan(timings, Duration(60'000)).least_length, Duration(31'000));
  EXPECT_EQ(demo_plan(timings, Duration(60'000)).kill_at, Duration(24'000)) << "two fifths";
  EXPECT_EQ(demo_plan(timings, Duration(31'000)).kill_at, Duration(3'000)) << "earlier: the rest is needed";
}

}  // namespace
}  // namespace baton
