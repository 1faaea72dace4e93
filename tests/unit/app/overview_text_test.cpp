#include "app/overview_text.h"

#include "app/text_width.h"
#include "tests/unit/monitor/overview_situation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>

namespace baton {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Two replicas with two tokens each, four jobs; the second replica was killed while it ran c.
Situation one_killed() {
  Situation at;
  for (const char* job : {"a", "b", "c", "d"}) {
    at.job(job, fixed_delay(Duration(5'000)));
    at.control(job);
  }
  at.replica("host-1a2b3c4d");
  at.replica("host-5e6f7a8b", Duration(60'000));
  at.lease("a", "host-1a2b3c4d");
  at.lease("b", "host-1a2b3c4d");
  at.lease("c", "host-5e6f7a8b");
  at.lease("d", "host-5e6f7a8b");
  at.facts.expired = {"c", "d"};
  StepCounts counts;
  counts.read = 12'000;
  counts.write = 11'000;
  JobExecution& run = at.run("a", BatchStatus::started, EndedBy::itself, Duration(12'000));
  run.replica = "host-1a2b3c4d";
  run.steps.push_back(running_step("load", counts));
  JobExecution& done = at.run("b", BatchStatus::completed, EndedBy::itself, Duration(2'000));
  counts.read_skip = 3;
  done.steps.push_back(running_step("load", counts));
  at.run("c", BatchStatus::started).replica = "host-5e6f7a8b";
  return at;
}

TEST(OverviewLines, TellWhoOwnsWhatWhatRunsWhyOthersDoNotAndWhatIsNext) {
  const Situation at = one_killed();
  EXPECT_THAT(
      overview_lines(at.overview(), at.now, false),
      ElementsAre(
          "1 live replica with 2 tokens; 4 jobs: 1 running, 1 idle, 2 unowned", "",
          "replica  pid   owns    runs  state   beat       configuration",
          "r-1a2b   4711  2 of 2  1     live    1 s ago    as here",
          "r-5e6f   4711  0 of 2  0     silent  1 min ago  as here", "",
          "job  owner   state                                                   next                     last run",
          "d    -       late 2 h; unowned: no capacity (4 jobs, 2 live tokens)  once owned               never ran",
          "c    -       unowned: no capacity (4 jobs, 2 live tokens)            once owned (carried on)  -",
          "a    r-1a2b  running load for 12 s: 12000 read, 11000 written        after this run           -",
          "b    r-1a2b  idle                                                    in 3 s                   COMPLETED 2 s "
          "ago in 0.34 s: 12003 read, 11000 written, 3 rejected"));
}

TEST(OverviewLines, OnANarrowScreenTheStateIsCutSoThatTheLastRunBeginsOnIt) {
  Situation at = one_killed();
  at.facts.view.jobs[1].pause = Pause{"anna", std::string(60, 'x'), at.now, std::nullopt};
  const auto lines = overview_lines(at.overview(), at.now, false, 80);
  const auto heading = std::find_if(lines.begin(), lines.end(), [](const auto& one) { return one.starts_with("job"); });
  ASSERT_NE(heading, lines.end());
  EXPECT_LE(heading->find("last run"), 60U);
  EXPECT_THAT(*(heading + 2), HasSubstr("paused by anna:"));
  EXPECT_THAT(cut_line(*(heading + 2), 80), HasSubstr("COMPLETED 2 s ago"));
  EXPECT_THAT(*(heading + 1), HasSubstr("late 2 h; unowned"));
}

TEST(OverviewLines, AMessageInTheLastRunIsCutToASensibleWidth) {
  Situation at;
  at.job("a");
  at.run("a", BatchStatus::failed).exit.description = std::string(500, 'x');
  EXPECT_THAT(overview_lines(at.overview(), at.now, false).back(), AllOf(HasSubstr("xxx"), testing::EndsWith("x…")));
  EXPECT_LT(overview_lines(at.overview(), at.now, false).back().size(), 200U);
}

TEST(OverviewLines, ReplicasThatDiedLongAgoAndOwnNothingAreOnlyCounted) {
  Situation at;
  at.job("a");
  at.replica("host-1a2b3c4d", Duration(300'000));
  at.replica("host-5e6f7a8b", Duration(300'000));
  EXPECT_EQ(overview_lines(at.overview(), at.now, false)[2], "2 replicas without a beat for more than 2 min");
  at.replica("host-99999999");
  const auto lines = overview_lines(at.overview(), at.now, false);
  EXPECT_THAT(lines[3], HasSubstr("r-9999"));
  EXPECT_EQ(lines[4], "2 replicas without a beat for more than 2 min");
}

TEST(OverviewLines, ColoursChangeNothingButColours) {
  const Situation at = one_killed();
  const auto plain = overview_lines(at.overview(), at.now, false);
  auto coloured = overview_lines(at.overview(), at.now, true);
  EXPECT_NE(plain, coloured);
  for (std::string& line : coloured) {
    for (std::size_t at_escape = line.find('\x1b'); at_escape != std::string::npos; at_escape = line.find('\x1b')) {
      line.erase(at_escape, line.find('m', at_escape) + 1 - at_escape);
    }
  }
  EXPECT_EQ(plain, coloured);
}

TEST(OverviewLines, WithoutARepositoryTheySayThatNothingRanAndShowNoReplicas) {
  Situation at;
  at.job("a");
  at.facts.repository_there = false;
  const auto lines = overview_lines(at.overview(), at.now, false);
  EXPECT_EQ(lines[0], "no live replica; 1 job: 1 unowned");
  EXPECT_EQ(lines[1], "nothing has run yet: there is no job repository");
  EXPECT_THAT(lines.back(), HasSubstr("never ran"));
  EXPECT_EQ(lines.size(), 5U);
}

TEST(OverviewLines, AStoreThatIsAwayIsSaidWithTheTimeOfWhatIsShown) {
  Situation at;
  at.job("a");
  Overview overview = at.overview();
  overview.away = "baton.db: locked\nby 7";
  const auto lines = overview_lines(overview, at.now + Duration(5'000), false);
  EXPECT_EQ(lines[1], "cannot be read now: baton.db: locked by 7; this is as of 12:00:00Z");
}

TEST(OverviewLines, BeforeAnythingWasReadOnlyTheReasonIsSaid) {
  Overview overview;
  overview.away = "locked";
  EXPECT_THAT(overview_lines(overview, WallTime{}, false), ElementsAre("cannot be read now: locked"));
}

TEST(OverviewLines, ARollingUpdateIsSaid) {
  Situation at;
  at.job("a");
  at.replica("host-1a2b3c4d").config_hash = "h2";
  const auto lines = overview_lines(at.overview(), at.now, false);
  EXPECT_THAT(lines[1], HasSubstr("rolling update"));
  EXPECT_THAT(lines[4], HasSubstr("another"));
}

TEST(OverviewLines, TextFromOutsideHoldsNoControlCharacters) {
  Situation at;
  at.job("a");
  at.control("a").pause = Pause{"\x1b[31manna", "x\ny", at.now, std::nullopt};
  at.run("a", BatchStatus::failed).exit.description = "wrong\r\n\x1b[2J";
  for (const std::string& line : overview_lines(at.overview(), at.now, false)) {
    EXPECT_TRUE(std::none_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }))
        << line;
  }
}

TEST(OverviewLines, AnOfferNamesTheReceiver) {
  Situation at;
  at.job("a");
  at.replica("host-1a2b3c4d");
  at.lease("a", "host-1a2b3c4d");
  at.control("a").offer = Offer{"host-5e6f7a8b", "host-1a2b3c4d", at.now};
  EXPECT_THAT(overview_lines(at.overview(), at.now, false).back(), HasSubstr("idle; offered to r-5e6f"));
}

TEST(OverviewLines, ALeaseOfAnUnknownJobIsShownWithoutAnAlert) {
  Situation at;
  at.job("a");
  at.lease("removed", "java");
  const auto lines = overview_lines(at.overview(), at.now, false);
  EXPECT_EQ(lines[0], "no live replica; 1 job: 1 unowned");
  EXPECT_THAT(lines.back(), testing::StartsWith("removed  java (no replica)  not in this configuration"));
}

}  // namespace
}  // namespace baton
