// On time, late, stalled, failing, never ran, paused: to the microsecond, for each kind of schedule.
#include "monitor/job_health.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const WallTime noon{std::chrono::sys_days{std::chrono::year(2026) / 11 / 22} + 12h};
constexpr auto tick = std::chrono::microseconds(1);

Schedule every(Duration delay) { return {FixedDelaySchedule{delay}, 0ms, 0ms}; }
Schedule at_rate(Duration rate) { return {FixedRateSchedule{rate}, 0ms, 0ms}; }
Schedule at_minutes() { return {CronSchedule{*Cron::parse("0 * * * * *"), utc()}, 0ms, 0ms}; }

// One job, and what is known of it. It was seen first an hour before noon.
class Job {
 public:
  explicit Job(Schedule schedule) : settings{"j", std::move(schedule), 0, 5s, {}, 2s} {
    control.job = "j";
    control.first_seen = noon - 1h;
  }

  // One more execution of its only run, the newest.
  JobExecution& execution(BatchStatus status, std::optional<WallTime> ended, EndedBy by = EndedBy::itself) {
    JobExecution one;
    one.id = 1 + static_cast<std::int64_t>(run.executions.size());
    one.status = status;
    one.ended = ended;
    one.ended_by = by;
    one.reason = StartReason::schedule;
    run.id = 1;
    run.executions.insert(run.executions.begin(), one);
    return run.executions.front();
  }

  // The schedule made a run that was due then and has succeeded.
  Job& ran(WallTime due, WallTime ended) {
    control.last_due = due;
    if (!control.phase) control.phase = due;
    execution(BatchStatus::completed, ended);
    return *this;
  }

  JobHealth at(WallTime now) const {
    HealthFacts facts{settings, known ? &control : nullptr, run.executions.empty() ? nullptr : &run, running, stalled};
    facts.now = now;
    facts.held_until = held_until;
    return judge_health(facts);
  }

  ReplicaJob settings;
  JobControl control;
  InstanceState run;
  bool known = true;
  bool running = false;
  bool stalled = false;
  std::optional<WallTime> held_until;
};

// It is late from the first instant after its grace, and says before that when that will be.
void expect_late_after(const Job& job, WallTime expected, HealthState before = HealthState::on_time,
                       HealthState after = HealthState::late) {
  const WallTime last = expected + job.settings.grace;
  EXPECT_EQ(job.at(last).state, before);
  EXPECT_FALSE(job.at(last).overdue);
  EXPECT_EQ(job.at(last).expected, expected);
  EXPECT_EQ(job.at(last).changes_at, last + tick);
  EXPECT_EQ(job.at(last + tick).state, after);
  EXPECT_TRUE(job.at(last + tick).overdue);
  EXPECT_FALSE(job.at(last + tick).changes_at);
  EXPECT_EQ(job.at(expected + 1h).lateness, 1h);
  EXPECT_EQ(job.at(expected - tick).lateness, 0s);
}

TEST(JobHealth, FixedDelayThenLateFromTheEndOfTheLastRunAndTheDelay) {
  expect_late_after(Job(every(10s)).ran(noon, noon + 3s), noon + 13s);
}

TEST(JobHealth, FixedRateThenLateFromTheFirstTimeWithoutARun) {
  // Not from the latest one, which is never older than the rate.
  expect_late_after(Job(at_rate(1s)).ran(noon, noon), noon + 1s);
  EXPECT_THAT(Job(at_rate(1s)).ran(noon, noon).at(noon + 61s).reason, "late by 1m: due at 12:00:01Z (fixed_rate 1s)");
}

TEST(JobHealth, CronThenLateFromTheFirstTimeWithoutARun) {
  expect_late_after(Job(at_minutes()).ran(noon, noon + 1s), noon + 60s);
}

TEST(JobHealth, JitterThenLateFromItsOwnStart) {
  Job job(at_rate(60s));
  job.settings.schedule.jitter = 30s;
  job.ran(noon, noon);
  const WallTime start = oldest_due(job.settings.schedule, "j", {noon - 1h, noon, noon, noon}, noon)->start_at;
  EXPECT_GT(start, noon + 60s);
  expect_late_after(job, start);
}

TEST(JobHealth, ManualThenNeverLate) {
  Job job{Schedule{}};
  EXPECT_EQ(job.at(noon + 1000h).state, HealthState::never_ran);
  EXPECT_FALSE(job.at(noon + 1000h).overdue);
  job.execution(BatchStatus::completed, noon);
  EXPECT_EQ(job.at(noon + 1000h).state, HealthState::on_time);
  EXPECT_FALSE(job.at(noon + 1000h).expected);
}

TEST(JobHealth, NeverRanThenItSaysSoBeforeAndAfterItIsLate) {
  const WallTime seen = noon - 1h;
  for (const Schedule& schedule : {every(10s), at_rate(10s), at_minutes()}) {
    expect_late_after(Job(schedule), seen, HealthState::never_ran, HealthState::never_ran);
  }
  Job later(every(10s));
  later.settings.schedule.initial_delay = 5min;
  expect_late_after(later, seen + 5min, HealthState::never_ran, HealthState::never_ran);
  EXPECT_EQ(later.at(seen).reason, "never ran: its first start is due at 11:05:00Z");
  EXPECT_EQ(later.at(noon).reason, "never ran, and is late by 55m: due at 11:05:00Z (fixed_delay 10s)");
}

TEST(JobHealth, JobThatNoReplicaHasSeenThenNeverRanAndNotLate) {
  Job job(every(1s));
  job.known = false;
  EXPECT_EQ(job.at(noon + 1h).state, HealthState::never_ran);
  EXPECT_FALSE(job.at(noon + 1h).overdue);
  EXPECT_EQ(job.at(noon + 1h).reason, "never ran: no replica has seen it yet");
}

TEST(JobHealth, RunningThenOnTimeUntilItsNextTimeComes) {
  Job delayed(every(10s));
  delayed.control.last_due = noon;
  delayed.execution(BatchStatus::started, std::nullopt);
  delayed.running = true;
  EXPECT_EQ(delayed.at(noon + 10h).state, HealthState::on_time);
  Job rated(at_rate(10s));
  rated.control.phase = rated.control.last_due = noon;
  rated.execution(BatchStatus::started, std::nullopt);
  rated.running = true;
  expect_late_after(rated, noon + 10s);
  EXPECT_THAT(rated.at(noon + 1h).reason, HasSubstr("and its last run still runs"));
}

TEST(JobHealth, RunningThenItBeganLateOrInTimeToTheMicrosecond) {
  Job rated(at_rate(10s));
  rated.control.phase = rated.control.last_due = noon;
  JobExecution& run = rated.execution(BatchStatus::started, std::nullopt);
  const auto began_late = [&] { return rated.at(noon + 5s).began_late; };
  rated.running = true;
  run.started = noon + 2s;
  EXPECT_FALSE(began_late());
  run.started = noon + 2s + tick;
  EXPECT_TRUE(began_late());
  rated.settings.schedule.jitter = 1s;
  EXPECT_FALSE(began_late());
  run.missed = 1;
  EXPECT_TRUE(began_late());
  run.reason = StartReason::request;
  EXPECT_FALSE(began_late()) << "a person chose that time";
  run.reason = StartReason::schedule;
  rated.settings.schedule = every(10s);
  EXPECT_FALSE(began_late());
  rated.settings.schedule = at_rate(10s);
  rated.running = false;
  EXPECT_FALSE(began_late());
}

TEST(JobHealth, StalledThenThatComesBeforeLateAndFailing) {
  Job job(at_rate(10s));
  job.settings.limits.stall = 7s;
  job.control.phase = job.control.last_due = noon;
  job.execution(BatchStatus::failed, noon + 1s);
  job.execution(BatchStatus::started, std::nullopt);
  job.running = job.stalled = true;
  EXPECT_EQ(job.at(noon + 1h).state, HealthState::stalled);
  EXPECT_EQ(job.at(noon + 1h).reason, "no progress for 7s");
  EXPECT_TRUE(job.at(noon + 1h).overdue);
  job.running = false;
  EXPECT_EQ(job.at(noon + 1h).state, HealthState::failing);
}

TEST(JobHealth, FailingThenCountedInARow) {
  Job job(at_rate(10s));
  job.control.phase = job.control.last_due = noon;
  job.execution(BatchStatus::failed, noon + 1s).exit.description = "no such table";
  EXPECT_EQ(job.at(noon + 5s).state, HealthState::failing);
  EXPECT_EQ(job.at(noon + 5s).reason, "failed: no such table");
  job.execution(BatchStatus::failed, noon + 2s, EndedBy::orphaned);
  job.execution(BatchStatus::stopped, noon + 3s, EndedBy::shutdown);
  job.execution(BatchStatus::failed, noon + 4s).exit.description = "still none";
  EXPECT_EQ(job.at(noon + 5s).failures, 2);
  EXPECT_EQ(job.at(noon + 5s).reason, "failed 2 times in a row: still none");
  job.execution(BatchStatus::completed, noon + 5s);
  EXPECT_EQ(job.at(noon + 5s).failures, 0);
  EXPECT_EQ(job.at(noon + 5s).state, HealthState::on_time);
}

// Its process died: who takes it over carries it on, and nothing has failed.
TEST(JobHealth, OrphanedThenNotFailing) {
  Job job(at_rate(10s));
  job.control.phase = job.control.last_due = noon;
  job.execution(BatchStatus::failed, noon + 1s, EndedBy::orphaned);
  EXPECT_EQ(job.at(noon + 1s).failures, 0);
  expect_late_after(job, noon + 1s);
}

TEST(JobHealth, RestartThenLateFromItsBackOff) {
  Job job(every(1h));
  job.settings.restarts = 2;
  job.control.last_due = noon;
  job.execution(BatchStatus::failed, noon);
  EXPECT_EQ(job.at(noon).expected, noon + 5s);
  EXPECT_FALSE(job.at(noon + 7s).overdue);
  EXPECT_TRUE(job.at(noon + 7s + tick).overdue);
}

// A job with a thousand restarts that fails each time is silent otherwise.
TEST(JobHealth, RestartsThatFailAgainAndAgainThenLateFromTheFirstTimeWithoutARun) {
  Job job(at_rate(10s));
  job.settings.restarts = 1'000;
  job.control.phase = job.control.last_due = noon;
  job.execution(BatchStatus::failed, noon + 1s);
  EXPECT_EQ(job.at(noon + 1s).expected, noon + 6s);
  for (int restart = 1; restart < 5; ++restart) {
    job.execution(BatchStatus::failed, noon + 1s + restart * 8s).reason = StartReason::restart;
  }
  EXPECT_EQ(job.at(noon + 33s).expected, noon + 10s);
  EXPECT_TRUE(job.at(noon + 33s).overdue);
}

TEST(JobHealth, RequestThenLateFromWhenItWasAsked) {
  Job job{Schedule{}};
  job.execution(BatchStatus::completed, noon);
  job.control.request = JobRequest{"r", RequestKind::run, "me", noon + 5s, {}, false, std::nullopt};
  expect_late_after(job, noon + 5s);
}

// Nothing has run yet: that somebody asks for it is no all-clear.
TEST(JobHealth, RequestForAJobThatIsLateThenItStaysLateFromItsDueTime) {
  for (const Schedule& schedule : {every(10s), at_rate(10s), at_minutes()}) {
    Job job(schedule);
    job.ran(noon, noon);
    const WallTime due = *job.at(noon + 5min).expected;
    ASSERT_TRUE(job.at(noon + 5min).overdue);
    job.control.request = JobRequest{"r", RequestKind::run, "me", noon + 5min, {}, false, std::nullopt};
    EXPECT_EQ(job.at(noon + 5min).expected, due);
    EXPECT_TRUE(job.at(noon + 5min).overdue);
    EXPECT_EQ(job.at(noon + 5min + 1s).lateness, noon + 5min + 1s - due);
  }
  Job restarts(at_rate(10s));
  restarts.settings.restarts = 1'000;
  restarts.control.phase = restarts.control.last_due = noon;
  restarts.execution(BatchStatus::failed, noon + 1min);
  restarts.control.request = JobRequest{"r", RequestKind::run, "me", noon + 2min, {}, false, std::nullopt};
  EXPECT_EQ(restarts.at(noon + 2min).expected, noon + 10s);
}

TEST(JobHealth, RequestBeforeItsDueTimeThenLateFromWhenItWasAsked) {
  Job job(every(1h));
  job.ran(noon, noon);
  job.control.request = JobRequest{"r", RequestKind::run, "me", noon + 5s, {}, false, std::nullopt};
  expect_late_after(job, noon + 5s);
}

// Neither was late: what a person has put right is late only from then.
TEST(JobHealth, RequestForAJobThatIsPausedOrHeldBackThenLateFromWhenItWasAsked) {
  const JobRequest request{"r", RequestKind::run, "me", noon + 5min, {}, true, std::nullopt};
  Job paused(at_rate(10s));
  paused.ran(noon, noon);
  paused.control.pause = Pause{"ann", "audit", noon, std::nullopt};
  paused.control.request = request;
  EXPECT_EQ(paused.at(noon + 5min).expected, noon + 5min);
  Job held(at_rate(10s));
  held.control.phase = held.control.last_due = noon;
  for (int i = 0; i < 3; ++i) held.execution(BatchStatus::failed, noon + 1s, EndedBy::orphaned);
  ASSERT_FALSE(held.at(noon + 5min).expected);
  held.control.request = request;
  EXPECT_EQ(held.at(noon + 5min).expected, noon + 5min);
}

// A shutdown stops it, or its process dies, when its next time has passed.
TEST(JobHealth, RunThatIsLateAndStoppedThenItStaysLateFromItsDueTime) {
  Job job(at_rate(10s));
  job.control.phase = job.control.last_due = noon;
  job.execution(BatchStatus::started, std::nullopt);
  job.running = true;
  ASSERT_EQ(job.at(noon + 1min).expected, noon + 10s);
  job.running = false;
  EXPECT_EQ(job.at(noon + 1min).expected, noon + 10s) << "nobody has closed it yet";
  job.run.executions.clear();
  job.execution(BatchStatus::stopped, noon + 1min, EndedBy::shutdown);
  EXPECT_EQ(job.at(noon + 1min).expected, noon + 10s);
  EXPECT_TRUE(job.at(noon + 1min).overdue);
  Job delayed(every(10s));
  delayed.control.last_due = noon;
  delayed.execution(BatchStatus::stopped, noon + 1min, EndedBy::shutdown);
  EXPECT_EQ(delayed.at(noon + 1min).expected, noon + 1min);
}

TEST(JobHealth, PausedThenNeitherLateNorMissedAndLateOnlyFromItsEnd) {
  Job job(at_rate(10s));
  job.ran(noon, noon);
  job.control.pause = Pause{"ann", "audit", noon, std::nullopt};
  EXPECT_EQ(job.at(noon + 10h).state, HealthState::paused);
  EXPECT_EQ(job.at(noon + 10h).reason, "paused by ann");
  EXPECT_FALSE(job.at(noon + 10h).overdue);
  job.control.pause->until = noon + 9h;
  expect_late_after(job, noon + 9h);
  job.control.pause.reset();
  job.held_until = noon + 10h;
  expect_late_after(job, noon + 10h);
}

}  // namespace
}  // namespace baton
