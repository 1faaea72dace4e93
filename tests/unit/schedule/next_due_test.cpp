// P17: what is due, from a schedule and what is known of earlier runs.
#include "schedule/schedule.h"
#include "tests/unit/schedule/transition_zone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <chrono>
#include <set>

namespace baton {
namespace {

using testing_schedule::instant;
using namespace std::chrono_literals;

const WallTime noon = instant("2026-06-01 12:00:00");

Schedule fixed_delay(Duration delay) { return {FixedDelaySchedule{delay}, 0ms, 0ms}; }
Schedule fixed_rate(Duration rate) { return {FixedRateSchedule{rate}, 0ms, 0ms}; }
Schedule cron(const std::string& text) { return {CronSchedule{*Cron::parse(text), utc()}, 0ms, 0ms}; }

RunHistory seen(WallTime first_seen) {
  RunHistory history;
  history.first_seen = first_seen;
  return history;
}

RunHistory ran(WallTime phase, WallTime last_due, WallTime last_ended) {
  return {phase - 1h, phase, last_due, last_ended};
}

void expect_due(const std::optional<Due>& due, WallTime at, std::int64_t missed) {
  ASSERT_TRUE(due);
  EXPECT_EQ(due->due, at);
  EXPECT_EQ(due->start_at, at);
  EXPECT_EQ(due->missed, missed);
}

TEST(NextDue, ManualThenNever) { EXPECT_FALSE(next_due(Schedule{}, "j", seen(noon), noon + 1h)); }

TEST(NextDue, FixedDelayThenFromTheEndOfTheLastRunWhoeverMadeIt) {
  expect_due(next_due(fixed_delay(10s), "j", ran(noon, noon, noon + 5s), noon + 6s), noon + 15s, 0);
  RunHistory by_hand = seen(noon - 1h);
  by_hand.last_ended = noon;
  expect_due(next_due(fixed_delay(10s), "j", by_hand, noon + 1h), noon + 10s, 0);
}

TEST(NextDue, FixedDelayAndAnEndInTheFutureThenItCountsAsNow) {
  expect_due(next_due(fixed_delay(10s), "j", ran(noon, noon, noon + 1h), noon + 2s), noon + 12s, 0);
}

TEST(NextDue, FixedDelayOfAJobThatNeverRanThenFirstSeenAndInitialDelay) {
  Schedule schedule = fixed_delay(10s);
  schedule.initial_delay = 3s;
  expect_due(next_due(schedule, "j", seen(noon), noon + 1h), noon + 3s, 0);
  expect_due(next_due(schedule, "j", ran(noon, noon, noon + 5s), noon + 6s), noon + 15s, 0);
}

TEST(NextDue, FixedRateThenTheNextStepOfThePhase) {
  expect_due(next_due(fixed_rate(10s), "j", ran(noon, noon + 20s, noon + 22s), noon + 23s), noon + 30s, 0);
  expect_due(next_due(fixed_rate(10s), "j", ran(noon, noon + 20s, noon + 22s), noon + 30s), noon + 30s, 0);
}

TEST(NextDue, FixedRateAndMissedTimesThenTheLatestIsDueAndTheOthersAreCounted) {
  expect_due(next_due(fixed_rate(10s), "j", ran(noon, noon, noon + 34s), noon + 35s), noon + 30s, 2);
  expect_due(next_due(fixed_rate(1ms), "j", ran(noon, noon, noon), noon + 87'600h), noon + 87'600h, most_missed);
}

TEST(NextDue, FixedRateThatWasChangedThenItsPhaseIsKept) {
  expect_due(next_due(fixed_rate(7s), "j", ran(noon, noon + 20s, noon + 20s), noon + 20s), noon + 21s, 0);
  expect_due(next_due(fixed_rate(10s), "j", ran(noon, noon + 21s, noon + 21s), noon + 22s), noon + 30s, 0);
}

TEST(NextDue, FixedRateWithAPhaseAfterTheLastDueTimeThenTheFirstStepAfterThat) {
  expect_due(next_due(fixed_rate(10s), "j", ran(noon + 25s, noon, noon), noon), noon + 5s, 0);
}

TEST(NextDue, FixedRateOfAJobThatNeverRanThenFirstSeenAndInitialDelay) {
  Schedule schedule = fixed_rate(10s);
  schedule.initial_delay = 3s;
  expect_due(next_due(schedule, "j", seen(noon), noon), noon + 3s, 0);
  // Nobody had room for it: the first run keeps the phase, and only one is made up for.
  expect_due(next_due(schedule, "j", seen(noon), noon + 24s), noon + 23s, 2);
}

TEST(NextDue, FixedRateAfterTheClockWasSetBackThenNoTimeIsFiredTwice) {
  expect_due(next_due(fixed_rate(10s), "j", ran(noon, noon + 20s, noon + 21s), noon - 1h), noon + 30s, 0);
}

TEST(NextDue, CronThenTheNextTimeAfterTheLast) {
  expect_due(next_due(cron("0 0 4 * * *"), "j", ran(noon, noon, noon), noon), noon + 16h, 0);
  expect_due(next_due(cron("0 0 * * * *"), "j", ran(noon, noon, noon), noon + 59min), noon + 1h, 0);
  expect_due(next_due(cron("0 0 * * * *"), "j", ran(noon, noon, noon), noon + 60min), noon + 1h, 0);
}

TEST(NextDue, CronAndMissedTimesThenTheLatestIsDueAndTheOthersAreCounted) {
  expect_due(next_due(cron("0 0 * * * *"), "j", ran(noon, noon, noon), noon + 5h + 1s), noon + 5h, 4);
  expect_due(next_due(cron("0 0 0 1 1 *"), "j", ran(noon, noon, noon), noon + 24h * 900), instant("2028-01-01"), 1);
}

TEST(NextDue, CronEverySecondThenTheLatestSecondThatHasCome) {
  expect_due(next_due(cron("* * * * * *"), "j", ran(noon, noon, noon), noon + 5s), noon + 5s, 4);
  expect_due(next_due(cron("* * * * * *"), "j", ran(noon, noon, noon), noon + 5s - 1us), noon + 4s, 3);
}

TEST(NextDue, CronOfAJobThatNeverRanThenTheFirstTimeAtOrAfterTheInitialDelay) {
  Schedule schedule = cron("0 0 * * * *");
  expect_due(next_due(schedule, "j", seen(noon), noon), noon, 0);
  schedule.initial_delay = 1ms;
  expect_due(next_due(schedule, "j", seen(noon), noon), noon + 1h, 0);
}

TEST(NextDue, CronWithoutATimeLeftThenEmpty) {
  EXPECT_FALSE(next_due(cron("0 0 0 29 2 MON"), "j", ran(noon, noon, noon), noon) == std::nullopt);
  const auto never_again = Cron::parse("0 0 0 29 2 MON")->next(instant("2072-02-29 00:00:00"), *utc());
  EXPECT_EQ(never_again, WallTime(instant("2112-02-29")));
}

TEST(NextDue, TenYearsOfMissedSecondsThenQuick) {
  for (const char* text : {"* * * * * *", "* * 0-23 * * *", "* * * 1 1 *", "*/7 * * * * MON"}) {
    Schedule schedule = cron(text);
    schedule.jitter = 1h;
    const auto begin = std::chrono::steady_clock::now();
    const auto due = next_due(schedule, "j", ran(noon, noon, noon), noon + 87'600h);
    const auto took = std::chrono::steady_clock::now() - begin;
    ASSERT_TRUE(due) << text;
    EXPECT_EQ(due->missed, most_missed) << text;
    EXPECT_LT(took, 1s) << text;
    EXPECT_LE(due->start_at, noon + 87'600h) << text;
  }
}

TEST(NextDue, JitterThenTheSameForAJobAndATimeAndBelowItsBound) {
  Schedule schedule = fixed_rate(10s);
  schedule.jitter = 4s;
  std::set<WallTime::duration> parts;
  for (int run = 0; run < 1'000; ++run) {
    const RunHistory history = ran(noon, noon + run * 10s, noon);
    const auto due = next_due(schedule, "j", history, noon);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->due, noon + (run + 1) * 10s);
    const auto part = due->start_at - due->due;
    EXPECT_GE(part, 0s);
    EXPECT_LT(part, 4s);
    EXPECT_EQ(next_due(schedule, "j", history, noon + 1s)->start_at, due->start_at);
    parts.insert(part);
  }
  EXPECT_GT(parts.size(), 990U);
  EXPECT_LT(*parts.begin(), 100ms);
  EXPECT_GT(*parts.rbegin(), 3'900ms);
  const RunHistory history = ran(noon, noon, noon);
  EXPECT_NE(next_due(schedule, "a", history, noon)->start_at, next_due(schedule, "b", history, noon)->start_at);
}

TEST(NextDue, JitterHasNotPassedThenTheTimeBeforeIsStillTheOneToRun) {
  Schedule schedule = fixed_rate(10s);
  schedule.jitter = 9s;
  const RunHistory history = ran(noon, noon, noon);
  const auto second = next_due(schedule, "j", ran(noon, noon + 10s, noon), noon);
  ASSERT_GT(second->start_at, second->due) << "another name of the job gives it a part of the jitter";
  const auto before = next_due(schedule, "j", history, second->start_at - 1us);
  EXPECT_EQ(before->due, noon + 10s);
  const auto then = next_due(schedule, "j", history, second->start_at);
  EXPECT_EQ(then->due, noon + 20s);
  EXPECT_EQ(then->missed, 1);
}

Schedule random_schedule() {
  static const std::array<const char*, 6> crons{"* * * * * *", "*/5 * * * * *", "0 */7 1-22 * * *",
                                                "0 0 4 * * *", "3 0 */3 ? * *", "0 0 12 L * ?"};
  const auto kind = *rc::gen::inRange(0, 3);
  Schedule schedule = kind == 0   ? fixed_delay(Duration(*rc::gen::inRange(1, 100'000)))
                      : kind == 1 ? fixed_rate(Duration(*rc::gen::inRange(1, 100'000)))
                                  : cron(*rc::gen::elementOf(crons));
  schedule.jitter = Duration(*rc::gen::inRange(0, 20'000));
  return schedule;
}

// Whether the start of none of the due times that follow the last one has come.
bool is_latest(const Schedule& schedule, RunHistory history, WallTime now) {
  if (std::holds_alternative<FixedDelaySchedule>(schedule.when)) return true;
  const WallTime long_ago = noon - 1h;
  for (int following = 0; following < 20; ++following) {
    const auto due = next_due(schedule, "j", history, long_ago);
    if (due->start_at <= now) return false;
    if (due->due > now) return true;
    history.last_due = due->due;
  }
  return true;
}

TEST(NextDueProperty, RunAfterRunThenDueTimesRiseAndTheCountsAddUp) {
  EXPECT_TRUE(rc::check("each due time is fired once or counted as missed", [] {
    const Schedule schedule = random_schedule();
    const Schedule without_jitter{schedule.when, 0ms, 0ms};
    RC_LOG() << to_text(schedule) << "\n";
    RunHistory history = seen(noon);
    WallTime now = noon;
    for (int run = 0; run < 20; ++run) {
      now += Duration(*rc::gen::inRange(0, 200'000));
      auto due = next_due(schedule, "j", history, now);
      RC_ASSERT(due.has_value());
      if (due->start_at > now) {
        now = due->start_at;
        const auto then = next_due(schedule, "j", history, now);
        RC_ASSERT(then.has_value());
        RC_ASSERT(then->start_at <= now);
        due = then;
      }
      RC_ASSERT((!history.last_due || due->due > *history.last_due));
      RC_ASSERT(due->start_at >= due->due);
      std::int64_t passed = 0;  // counted one by one
      RunHistory walk = history;
      for (;; ++passed) {
        const auto one = next_due(without_jitter, "j", walk, noon - 1s);
        if (one->due == due->due || passed > due->missed) break;
        walk.last_due = one->due;
        walk.phase = walk.phase.value_or(one->due);
      }
      if (!std::holds_alternative<FixedDelaySchedule>(schedule.when)) RC_ASSERT(passed == due->missed);
      history.phase = history.phase.value_or(due->due);
      history.last_due = due->due;
      history.last_ended = now;
      RC_ASSERT(is_latest(schedule, history, now));
    }
  }));
}

TEST(ScheduleText, EveryKindThenAsInTheConfiguration) {
  EXPECT_EQ(to_text(Schedule{}), "manual");
  EXPECT_EQ(to_text(fixed_delay(5s)), "fixed_delay 5s");
  EXPECT_EQ(to_text(fixed_rate(1500ms)), "fixed_rate 1500ms");
  EXPECT_EQ(to_text(cron(" 0 0 4 *  * *")), "cron 0 0 4 * * * UTC");
}

}  // namespace
}  // namespace baton
