// What bounds a run, and whether it makes progress.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::minutes;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct WatchedRun : testing::Test {
  WatchedRun() = default;

  // One job that runs now.
  void run(RunLimits limits, Duration every = Duration(3'600'000)) {
    ReplicaJob job = job_every("a", every);
    job.limits = limits;
    replica.emplace(settings_of(1, {job}));
    replica->own_all();
    replica->one<StartRun>();
    began = replica->now;
  }
  // Lets time pass; the run tells its progress when it is asked.
  void pass(Duration time) {
    const Instant until = replica->now + time;
    while (replica->core.next_at() <= until) {
      replica->pass(std::chrono::ceil<milliseconds>(replica->core.next_at() - replica->now));
      answer();
    }
    replica->pass(std::chrono::duration_cast<Duration>(until - replica->now));
  }
  void answer() {
    for (const AskProgress& ask : replica->take<AskProgress>()) {
      ++asked;
      replica->on(ProgressSeen{ask.job, began, progress ? progress : began});
      replica->answer_stores();
    }
    for (const NoteStall& note : replica->take<NoteStall>()) stalls.push_back(note.stalled);
  }
  RunOutcome failed() {
    return launched(unfinished_run(BatchStatus::failed, EndedBy::itself, replica->repository_now(), 1));
  }

  std::optional<ScriptedReplica> replica;
  std::optional<Instant> began;
  std::optional<Instant> progress;
  std::vector<bool> stalls;
  int asked = 0;
};

TEST_F(WatchedRun, WithoutLimitsThenNeverAskedAndNeverStopped) {
  run({});
  pass(minutes(60));
  EXPECT_EQ(asked, 0);
  EXPECT_THAT(replica->take<StopRun>(), IsEmpty());
}

TEST_F(WatchedRun, LongerThanItsTimeoutThenItIsStoppedAndHasFailed) {
  run({seconds(30), std::nullopt, StallAction::report});
  pass(milliseconds(29'999));
  EXPECT_THAT(replica->take<StopRun>(), IsEmpty());
  pass(milliseconds(1));
  const StopRun stop = replica->one<StopRun>();
  EXPECT_EQ(stop.cut->text(), "timed out: it ran for longer than 30s");
  EXPECT_THAT(replica->told(Tell::Level::warning),
              Contains("a: timed out: it ran for longer than 30s: its run is cancelled"));
  EXPECT_EQ(asked, 1);
}

// The time counts from its execution, not from the wait for sessions.
TEST_F(WatchedRun, WaitedForItsSessionsThenTheTimeoutCountsFromItsExecution) {
  run({seconds(30), std::nullopt, StallAction::report});
  began.reset();
  pass(seconds(44));
  began = replica->now;
  pass(milliseconds(29'999));
  EXPECT_THAT(replica->take<StopRun>(), IsEmpty());
  pass(milliseconds(1));
  EXPECT_EQ(replica->take<StopRun>().size(), 1U);
}

TEST_F(WatchedRun, ProgressInTimeThenNeverStalled) {
  run({std::nullopt, seconds(5), StallAction::release});
  for (int i = 0; i < 20; ++i) {
    progress = replica->now;
    pass(milliseconds(4'999));
  }
  EXPECT_THAT(stalls, Not(Contains(true)));
  EXPECT_THAT(replica->take<StopRun>(), IsEmpty());
}

TEST_F(WatchedRun, NoProgressAndReportThenNotedOnceAndOnceWhenItGoesOn) {
  run({std::nullopt, seconds(5), StallAction::report});
  pass(milliseconds(4'999));
  EXPECT_THAT(stalls, IsEmpty());
  pass(milliseconds(1));
  EXPECT_EQ(stalls, std::vector<bool>{true});
  pass(minutes(10));
  EXPECT_EQ(stalls, std::vector<bool>{true});
  EXPECT_THAT(replica->take<StopRun>(), IsEmpty());
  EXPECT_EQ(replica->core.phase("a"), JobPhase::running);
  progress = replica->now;
  pass(seconds(1));
  EXPECT_EQ(stalls, (std::vector<bool>{true, false}));
  pass(seconds(4));
  EXPECT_EQ(stalls, (std::vector<bool>{true, false, true}));
}

TEST_F(WatchedRun, NoProgressAndRestartThenItIsCancelledAndRunsAgainAfterThePause) {
  run({std::nullopt, seconds(5), StallAction::restart});
  pass(seconds(5));
  EXPECT_EQ(replica->one<StopRun>().cut->text(), "stalled: no progress for 5s");
  replica->on(RunEnded{"a", failed()});
  replica->answer_stores();
  pass(milliseconds(4'999));  // on_failure.backoff
  EXPECT_THAT(replica->take<StartRun>(), IsEmpty());
  pass(milliseconds(1));
  EXPECT_EQ(replica->one<StartRun>().order.reason, StartReason::restart);
  // A failure of another kind is no stall: it waits for its due time.
  replica->on(RunEnded{"a", failed()});
  replica->answer_stores();
  pass(seconds(60));
  EXPECT_THAT(replica->take<StartRun>(), IsEmpty());
  EXPECT_EQ(stalls, std::vector<bool>{true}) << "it has shown no progress";
}

// Each hangs 20 ms after its start: that is no more than the first one did.
TEST_F(WatchedRun, EachRunStallsThenOneAlertAndThePauseDoublesUpToFiveMinutes) {
  run({std::nullopt, seconds(5), StallAction::restart});
  std::vector<Duration> pauses;
  for (int stall = 0; stall < 10; ++stall) {
    progress = *began + milliseconds(20);
    pass(seconds(5) + milliseconds(20));
    ASSERT_EQ(replica->take<StopRun>().size(), 1U) << stall;
    replica->on(RunEnded{"a", failed()});
    replica->answer_stores();
    const Instant ended = replica->now;
    while (replica->take<StartRun>().empty()) pass(milliseconds(100));
    began = replica->now;
    pauses.push_back(std::chrono::duration_cast<Duration>(*began - ended));
  }
  EXPECT_EQ(stalls, std::vector<bool>{true});
  using namespace std::chrono_literals;
  EXPECT_EQ(pauses, (std::vector<Duration>{5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s, 300s, 300s}));
}

TEST_F(WatchedRun, StalledAndTheNextRunGetsFurtherOrSucceedsThenOverAndThePauseIsShortAgain) {
  run({std::nullopt, seconds(5), StallAction::restart});
  const auto stall_and_start = [&](Duration pause) {
    progress = *began;
    pass(seconds(5));
    ASSERT_EQ(replica->take<StopRun>().size(), 1U);
    replica->on(RunEnded{"a", failed()});
    replica->answer_stores();
    pass(pause);
    ASSERT_EQ(replica->take<StartRun>().size(), 1U);
    began = replica->now;
  };
  stall_and_start(seconds(5));
  for (int i = 0; i < 3; ++i) {
    progress = replica->now;
    pass(seconds(4));
  }
  EXPECT_EQ(stalls, (std::vector<bool>{true, false}));
  began = progress = replica->now;
  stall_and_start(seconds(5));
  EXPECT_EQ(stalls, (std::vector<bool>{true, false, true}));
  replica->on(RunEnded{"a", launched(completed(1, replica->repository_now()))});
  answer();
  EXPECT_EQ(stalls, (std::vector<bool>{true, false, true, false}));
}

// It does not know what another owner noted.
TEST_F(WatchedRun, FirstSuccessOfAnOwnerThenAnEarlierOwnersStallIsOver) {
  ReplicaJob job = job_every("a", minutes(60));
  job.limits.stall = seconds(5);
  replica.emplace(settings_of(1, {job}));
  replica->leases["a"] = {"a", "former", Duration(20'000), "v1", true, std::nullopt};
  replica->own_all();
  replica->one<StartRun>();
  replica->on(RunEnded{"a", launched(completed(1, replica->repository_now()))});
  answer();
  EXPECT_EQ(stalls, std::vector<bool>{false});
}

TEST_F(WatchedRun, NoProgressAndReleaseThenItIsCancelledAndTheLeaseIsGivenUp) {
  run({std::nullopt, seconds(5), StallAction::release});
  pass(seconds(5));
  EXPECT_EQ(replica->take<StopRun>().size(), 1U);
  replica->on(RunEnded{"a", failed()});
  replica->answer_stores();
  EXPECT_TRUE(replica->leases.at("a").released);
  EXPECT_THAT(replica->told(Tell::Level::warning), Contains(HasSubstr("left alone for")));
}

// Another replica must be able to have it, whatever hangs here.
TEST_F(WatchedRun, CancelledAndDoesNotStopThenItsLeaseIsNotRenewedAfterALeaseOfTime) {
  run({seconds(30), std::nullopt, StallAction::report});
  pass(seconds(30));
  pass(milliseconds(19'999));
  ASSERT_NE(replica->core.lease("a"), nullptr);
  EXPECT_THAT(replica->told(Tell::Level::error), IsEmpty());
  pass(milliseconds(1));
  EXPECT_THAT(replica->told(Tell::Level::error), Contains(HasSubstr("its run was cancelled and does not stop")));
  pass(seconds(20));
  EXPECT_EQ(replica->core.lease("a"), nullptr);
  EXPECT_EQ(replica->core.phase("a"), JobPhase::draining);
  EXPECT_EQ(replica->core.tokens_used(), 1);
}

TEST_F(WatchedRun, AnswerThatComesAfterTheRunThenNothingHappens) {
  run({seconds(30), seconds(5), StallAction::release});
  replica->pass(seconds(5));
  replica->one<AskProgress>();
  replica->on(RunEnded{"a", launched(completed(1, replica->repository_now()))});
  replica->on(ProgressSeen{"a", began, began});
  answer();
  EXPECT_THAT(stalls, Not(Contains(true)));
  EXPECT_THAT(replica->take<StopRun>(), IsEmpty());
  EXPECT_EQ(replica->core.phase("a"), JobPhase::idle);
}

}  // namespace
}  // namespace baton
