// P10, P17, P18, P23: what starts next, when and why, from values.
#include "replica/next_start.h"

#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

struct Situation {
  ReplicaJob job = job_every("a", seconds(10));
  JobControl control;
  std::optional<LastRun> last;
  WallTime now = noon;

  Situation() {
    control.job = "a";
    control.first_seen = noon - hours(1);
  }
  NextStart next() const { return next_start({job, control, last, now}); }
  void ask(RequestKind kind, bool even_paused = false) {
    JobRequest request;
    request.id = "q";
    request.kind = kind;
    request.even_paused = even_paused;
    control.request = request;
  }
  void pause(std::optional<WallTime> until = std::nullopt) {
    control.pause = Pause{"ann", "maintenance", noon - hours(1), until};
  }
};

TEST(NextStartP10, JobThatNeverRanIsDueWhenItWasFirstSeen) {
  const NextStart next = Situation().next();
  EXPECT_EQ(next.at, noon - hours(1));
  EXPECT_EQ(next.order.reason, StartReason::schedule);
  EXPECT_EQ(next.order.due, noon - hours(1));
}

TEST(NextStartP10, FinishedRunIsFollowedAtTheNextDueTime) {
  Situation its;
  its.last = completed(1, noon - seconds(4));
  EXPECT_EQ(its.next().at, noon + seconds(6));
  EXPECT_EQ(in_words(its.next(), noon), "next run at 12:00:06Z");
}

TEST(NextStartP10, ManualJobWaitsForARequest) {
  Situation its;
  its.job = manual_job("a");
  EXPECT_FALSE(its.next().at);
  EXPECT_THAT(its.next().why_not, HasSubstr("baton trigger"));
  its.ask(RequestKind::run);
  EXPECT_LE(its.next().at, noon);
}

TEST(NextStartP18, PendingRequestStartsNowAsItsKindSays) {
  for (const RequestKind kind : {RequestKind::run, RequestKind::restart, RequestKind::abandon}) {
    Situation its;
    its.last = unfinished_run(BatchStatus::stopped, EndedBy::person, noon - seconds(1));
    its.ask(kind);
    EXPECT_LE(its.next().at, noon);
    EXPECT_EQ(its.next().order.kind, kind);
    EXPECT_EQ(its.next().order.reason, StartReason::request);
    EXPECT_EQ(its.next().order.request, "q");
  }
}

TEST(NextStartP23, PausedJobStartsNothingUntilThePauseEnds) {
  Situation its;
  its.pause();
  EXPECT_FALSE(its.next().at);
  EXPECT_FALSE(its.next().look_again_at);
  EXPECT_THAT(its.next().why_not, HasSubstr("ann"));
  its.pause(noon + minutes(1));
  EXPECT_EQ(its.next().look_again_at, noon + minutes(1));
  its.last = unfinished_run(BatchStatus::failed, EndedBy::orphaned, noon);
  EXPECT_FALSE(its.next().at) << "a run that was left behind waits too";
}

TEST(NextStartP23, PausedJobRunsForARequestThatSaysSo) {
  Situation its;
  its.pause();
  its.ask(RequestKind::run);
  EXPECT_FALSE(its.next().at);
  its.ask(RequestKind::run, true);
  EXPECT_LE(its.next().at, noon);
}

TEST(NextStartP23, TimesMissedDuringAPauseAreOneRun) {
  Situation its;
  its.job.schedule.when = FixedRateSchedule{minutes(1)};
  its.control.phase = its.control.last_due = noon - minutes(10);
  its.last = completed(1, noon - minutes(10));
  its.pause(noon - seconds(1));
  const NextStart next = its.next();
  EXPECT_EQ(next.at, noon);
  EXPECT_EQ(next.order.missed, 9);
}

TEST(NextStartP10, RunLeftByShutdownOrByItsProcessIsCarriedOnNow) {
  Situation its;
  for (const LastRun& last : {unfinished_run(BatchStatus::stopped, EndedBy::shutdown, noon),
                              unfinished_run(BatchStatus::failed, EndedBy::orphaned, noon),
                              unfinished_run(BatchStatus::starting, EndedBy::itself, noon)}) {
    its.last = last;
    EXPECT_LE(its.next().at, noon) << name(last.status);
    EXPECT_EQ(its.next().order.reason, StartReason::carry_on);
  }
}

TEST(NextStartP10, FailedRunIsRestartedWithABackoffAsOftenAsAllowed) {
  Situation its;
  its.job.schedule.when = FixedDelaySchedule{hours(1)};
  its.job.restarts = 2;
  its.last = unfinished_run(BatchStatus::failed, EndedBy::itself, noon, 1);
  EXPECT_EQ(its.next().at, noon + seconds(5));
  EXPECT_EQ(its.next().order.reason, StartReason::restart);
  its.last->failures = 2;
  EXPECT_EQ(its.next().at, noon + seconds(10));
  its.last->failures = 3;
  EXPECT_EQ(its.next().at, noon + hours(1));
  EXPECT_EQ(its.next().order.reason, StartReason::schedule);
}

TEST(NextStartP17, EndInTheFutureCountsAsNow) {
  Situation its;
  its.job.restarts = 1;
  its.last = unfinished_run(BatchStatus::failed, EndedBy::itself, noon + hours(2), 1);
  EXPECT_EQ(its.next().at, noon + seconds(5));
  its.last = completed(1, noon + hours(2));
  EXPECT_EQ(its.next().at, noon + seconds(10));
}

TEST(NextStartP10, RunStoppedByAPersonGoesOnAtTheNextDueTime) {
  Situation its;
  its.last = unfinished_run(BatchStatus::stopped, EndedBy::person, noon);
  EXPECT_EQ(its.next().at, noon + seconds(10));
  EXPECT_EQ(its.next().order.reason, StartReason::schedule);
  EXPECT_EQ(its.next().order.due, noon + seconds(10));
  its.job = manual_job("a");
  EXPECT_FALSE(its.next().at);
  EXPECT_THAT(its.next().why_not, HasSubstr("baton restart"));
}

TEST(NextStartP10, RunThatKillsItsProcessIsHeldBackUntilAPersonDecides) {
  Situation its;
  its.last = unfinished_run(BatchStatus::failed, EndedBy::orphaned, noon);
  its.last->orphans_without_progress = 3;
  EXPECT_FALSE(its.next().at);
  EXPECT_TRUE(its.next().stuck);
  EXPECT_THAT(its.next().why_not, HasSubstr("restart or abandon it"));
  its.ask(RequestKind::abandon);
  EXPECT_LE(its.next().at, noon);
  EXPECT_EQ(its.next().order.kind, RequestKind::abandon);
}

TEST(NextStartP18, PersonsStopOfARunThatHadFailedIsNotUndoneByItsRestarts) {
  Situation its;
  its.job.restarts = 3;
  its.last = unfinished_run(BatchStatus::failed, EndedBy::person, noon);
  EXPECT_EQ(its.next().at, noon + seconds(10));
  EXPECT_EQ(its.next().order.reason, StartReason::schedule);
}

TEST(NextStartP18, FailuresBeforeAPersonsStopDoNotCount) {
  InstanceState instance;
  JobExecution execution;
  execution.status = BatchStatus::failed;
  execution.reason = StartReason::restart;
  instance.executions = {execution, execution, execution};
  EXPECT_EQ(last_run_of(instance).failures, 3);
  instance.executions[1].ended_by = EndedBy::person;
  EXPECT_EQ(last_run_of(instance).failures, 1);
  instance.executions[0].ended_by = EndedBy::person;
  EXPECT_EQ(last_run_of(instance).failures, 0);
}

}  // namespace
}  // namespace baton
