// P8, P10, P18, P23: runs of owned jobs, and what their ends mean.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Running : testing::Test {
  void ask(const std::string& id, RequestKind kind = RequestKind::run) {
    JobRequest request;
    request.id = id;
    request.kind = kind;
    replica.control("a").request = request;
  }
  // An execution of instance 7 that the repository shows as open.
  void open(BatchStatus status) { replica.view.open = {OpenExecution{"a", 70, 7, status, 1}}; }
  LastRun done() { return completed(1, replica.repository_now()); }

  ScriptedReplica replica{settings_of(1, {job_every("a", seconds(10))})};
};

struct Refused : Running {
  Refused() {
    replica.own_all();
    replica.one<StartRun>();
  }
  // Becomes the owner when asked to, until the run is tried again; how often.
  int await_start() {
    int owned = 0;
    const Instant end = replica.now + minutes(6);
    while (replica.core.phase("a") != JobPhase::running && replica.now < end) {
      replica.pass(milliseconds(100));
      for (const BecomeOwner& become : replica.take<BecomeOwner>()) {
        ++owned;
        replica.on(OwnershipReached{become.job, std::optional<LastRun>()});
      }
      replica.answer_stores();
    }
    order_ = replica.one<StartRun>().order;
    return owned;
  }
  std::vector<std::string> could_not_run(Tell::Level level) {
    std::vector<std::string> texts = replica.told(level);
    std::erase_if(texts, [](const std::string& text) { return text.find("could not run") == std::string::npos; });
    return texts;
  }

  RunOrder order_;
};

// The look that led to the take may be older than the last run of the owner before.
TEST_F(Running, P17JobThatHadAnotherOwnerStartsOnlyOnALookThatIsNewerThanTheOwnership) {
  replica.released_by("other", "a");
  replica.on(TimePassed{});
  replica.answer_stores();
  replica.pass(milliseconds(100));
  replica.on(OwnershipReached{"a", std::optional<LastRun>()});
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.control("a").last_due = noon + milliseconds(100);
  replica.answer_stores();
  for (const StartRun& start : replica.take<StartRun>()) EXPECT_NE(start.order.due, noon);
}

// Else it would be counted from a later moment each time that it is asked for, and never come.
TEST_F(Running, P17EndTimeInTheFutureCountsAsTheMomentWhenItWasFirstSeen) {
  replica.own_all({{"a", completed(1, noon + minutes(10))}});
  replica.pass(milliseconds(9'900));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.pass(milliseconds(200));
  replica.one<StartRun>();
}

TEST_F(Running, P10UnfinishedRunOfAnEarlierOwnerIsCarriedOnAtOnce) {
  replica.own_all({{"a", unfinished_run(BatchStatus::failed, EndedBy::orphaned, noon)}});
  const RunOrder order = replica.one<StartRun>().order;
  EXPECT_EQ(order.reason, StartReason::carry_on);
  EXPECT_FALSE(order.due);
}

TEST_F(Running, P10FailedRunIsRestartedAfterItsBackoffAndThatIsTold) {
  ReplicaSettings settings = settings_of(1, {job_every("a", minutes(60))});
  settings.jobs.front().restarts = 1;
  ScriptedReplica one(settings);
  one.own_all();
  one.one<StartRun>();
  RunOutcome outcome = launched(unfinished_run(BatchStatus::failed, EndedBy::itself, one.repository_now(), 1));
  outcome.message = "no such column";
  one.on(RunEnded{"a", outcome});
  EXPECT_THAT(one.told(Tell::Level::warning),
              ElementsAre("a: execution 1 failed: no such column; restarts at 12:00:05Z"));
  one.pass(milliseconds(4'999));
  EXPECT_THAT(one.take<StartRun>(), IsEmpty());
  one.pass(milliseconds(1));
  EXPECT_EQ(one.one<StartRun>().order.reason, StartReason::restart);
}

TEST_F(Running, P17AnswerToALookTakesLongThenTheJobStillStartsAtItsTime) {
  replica.own_all({{"a", done()}});
  replica.pass(milliseconds(8'500));
  replica.answers_alone = false;
  replica.pass(milliseconds(500));
  replica.one<LookAtRepository>();
  replica.view.now = replica.repository_now();
  const Instant read_at = replica.now;
  replica.pass(milliseconds(300));
  replica.on(RepositoryLooked{replica.view, read_at});
  replica.pass(milliseconds(699));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.pass(milliseconds(1));
  EXPECT_EQ(replica.one<StartRun>().order.due, noon + seconds(10));
}

TEST_F(Running, P18RequestStartsARunAndIsNotAnsweredTwiceThoughAnOldLookShowsIt) {
  replica.own_all({{"a", done()}});
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  ask("q");
  replica.pass(seconds(1));
  EXPECT_EQ(replica.one<StartRun>().order.request, "q");
  RunOutcome outcome = launched(done());
  outcome.request = "q";
  replica.answers_alone = false;
  replica.pass(seconds(1));
  replica.one<LookAtRepository>();
  replica.on(RunEnded{"a", outcome});
  replica.look_answered();  // sent before the run ended
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.control("a").request.reset();
  replica.answers_alone = true;
  replica.answer_stores();
  replica.pass(seconds(2));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  ask("q2");
  replica.pass(seconds(1));
  EXPECT_EQ(replica.one<StartRun>().order.request, "q2");
}

TEST_F(Running, P18StopRequestForTheRunningInstanceStopsIt) {
  replica.own_all();
  replica.one<StartRun>();
  open(BatchStatus::started);
  replica.pass(seconds(1));
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty());
  replica.control("a").stop_instance = 6;
  replica.pass(seconds(1));
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty()) << "another instance";
  replica.control("a").stop_instance = 7;
  replica.pass(seconds(1));
  EXPECT_EQ(replica.one<StopRun>().job, "a");
  replica.pass(seconds(5));
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty()) << "once is enough";
}

TEST_F(Running, P18ExecutionThatIsStoppingStopsTheRun) {
  replica.own_all();
  replica.one<StartRun>();
  open(BatchStatus::stopping);
  replica.pass(seconds(1));
  replica.one<StopRun>();
}

TEST_F(Running, P18LookThatIsOlderThanTheRunDoesNotStopIt) {
  replica.own_all({{"a", completed(1, noon)}});
  replica.pass(milliseconds(8'900));
  replica.answers_alone = false;
  replica.pass(milliseconds(500));
  replica.one<LookAtRepository>();
  open(BatchStatus::stopping);  // the run before
  replica.pass(milliseconds(600));
  replica.one<StartRun>();
  replica.look_answered();
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty());
}

TEST_F(Running, P23PauseDoesNotStopARunButStartsNoOther) {
  replica.own_all();
  replica.one<StartRun>();
  replica.control("a").pause = Pause{"ann", "", noon, std::nullopt};
  replica.pass(seconds(2));
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty());
  replica.on(RunEnded{"a", launched(done())});
  replica.pass(seconds(60));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  EXPECT_EQ(replica.core.phase("a"), JobPhase::idle) << "it keeps owner and token";
  replica.control("a").pause.reset();
  replica.pass(seconds(1));
  EXPECT_THAT(replica.take<StartRun>(), SizeIs(1)) << "a time was missed";
}

TEST_F(Running, P23PauseThatEndsByItselfIsFollowedByTheRunInThatInstant) {
  replica.control("a").pause = Pause{"ann", "", noon, noon + milliseconds(30'500)};
  replica.own_all();
  replica.pass(milliseconds(30'499));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.pass(milliseconds(1));
  replica.one<StartRun>();
}

TEST_F(Running, P10LaunchThatThePausePreventedIsTriedAgainOnlyOnANewLook) {
  replica.own_all();
  replica.one<StartRun>();
  replica.answers_alone = false;
  RunOutcome outcome;
  outcome.message = "paused by ann";
  replica.on(RunEnded{"a", outcome});
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty()) << "it would spin";
  replica.answers_alone = true;
  replica.control("a").pause = Pause{"ann", "", noon, std::nullopt};
  replica.pass(seconds(5));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.control("a").pause.reset();
  replica.pass(seconds(1));
  replica.one<StartRun>();
}

TEST_F(Running, P17DueTimeOfMyOwnRunCountsThoughNoLookShowsItYet) {
  ReplicaSettings settings = settings_of(1, {job_every("a", seconds(10))});
  settings.jobs.front().schedule.when = FixedRateSchedule{seconds(10)};
  ScriptedReplica one(settings);
  one.own_all();
  EXPECT_EQ(one.one<StartRun>().order.due, noon);
  one.on(RunEnded{"a", launched(completed(1, noon))});
  EXPECT_THAT(one.take<StartRun>(), IsEmpty());
  one.pass(seconds(10));  // the looks still show neither phase nor last due time
  EXPECT_EQ(one.one<StartRun>().order.due, noon + seconds(10));
}

TEST_F(Refused, P8RefusedFenceIsRaisedAgainOnceWhileTheLeaseRenews) {
  replica.on(RunEnded{"a", fail(ErrorKind::lease_lost, "fence 5, not 4")});
  EXPECT_EQ(replica.one<BecomeOwner>().job, "a");
  EXPECT_THAT(replica.take<ReleaseLease>(), IsEmpty());
  replica.on(OwnershipReached{"a", std::optional<LastRun>()});
  replica.answer_stores();
  replica.one<StartRun>();
  replica.take<Tell>();
  replica.pass(seconds(5));
  replica.on(RunEnded{"a", fail(ErrorKind::lease_lost, "fence 6, not 5")});
  EXPECT_THAT(replica.take<BecomeOwner>(), IsEmpty());
  EXPECT_THAT(replica.told(Tell::Level::error), ElementsAre(HasSubstr("refused twice")));
  replica.answer_stores();
  EXPECT_TRUE(replica.leases.at("a").released);
  replica.pass(milliseconds(400));
  EXPECT_EQ(replica.core.phase("a"), JobPhase::waiting) << "in back-off";
}

TEST_F(Refused, P8RefusalAfterMoreThanALeaseIsAFirstOne) {
  replica.on(RunEnded{"a", fail(ErrorKind::lease_lost, "fence 5, not 4")});
  replica.own();
  replica.answer_stores();
  replica.one<StartRun>();
  replica.pass(seconds(20));
  replica.on(RunEnded{"a", fail(ErrorKind::lease_lost, "fence 6, not 5")});
  replica.one<BecomeOwner>();
}

// P15: what the run left open is closed by becoming the owner again.
TEST_F(Refused, P15RunThatFailedToRunIsTriedAgainWithABackoffAsANewOwner) {
  std::vector<Duration> pauses;
  for (int i = 0; i < 9; ++i) {
    replica.on(RunEnded{"a", fail(ErrorKind::retry, "no connection")});
    EXPECT_EQ(replica.core.phase("a"), JobPhase::becoming);
    const Instant from = replica.now;
    EXPECT_EQ(await_start(), 1);
    pauses.push_back(std::chrono::duration_cast<Duration>(replica.now - from));
  }
  EXPECT_LE(pauses.front(), milliseconds(1'100));
  EXPECT_GE(pauses.front(), milliseconds(500));
  EXPECT_GE(pauses.back(), seconds(30));
  EXPECT_LE(pauses.back(), seconds(61));
  EXPECT_THAT(could_not_run(Tell::Level::warning), SizeIs(1)) << "said once";
}

// A file that is missing for a while, a disk that is full: the time that was due is not lost.
TEST_F(Refused, P17InvalidRunIsTriedAgainForTheSameDueTimeWithABackoffUpTo5Minutes) {
  Duration pause{0};
  for (int i = 0; i < 12; ++i) {
    replica.on(RunEnded{"a", fail(ErrorKind::invalid, "no such folder")});
    const Instant from = replica.now;
    await_start();
    EXPECT_EQ(order_.due, noon);
    pause = std::chrono::duration_cast<Duration>(replica.now - from);
  }
  EXPECT_GE(pause, seconds(150));
  EXPECT_LE(pause, seconds(301));
  EXPECT_THAT(could_not_run(Tell::Level::error), ElementsAre(HasSubstr("no such folder")));
}

TEST_F(Refused, P18RequestWhoseRunFailedToRunStaysPending) {
  replica.on(RunEnded{"a", fail(ErrorKind::invalid, "no such table")});
  ask("q");
  for (int i = 0; i < 8; ++i) {
    await_start();
    EXPECT_EQ(order_.request, "q");
    replica.on(RunEnded{"a", fail(ErrorKind::invalid, "no such table")});
  }
  const Instant from = replica.now;
  replica.pass(seconds(2));
  EXPECT_THAT(replica.take<BecomeOwner>(), IsEmpty());
  ask("q2");
  await_start();
  EXPECT_EQ(order_.request, "q2") << "a newer one is tried at once";
  EXPECT_LE(replica.now, from + seconds(4));
}

struct Becoming : Running {
  Becoming() {
    replica.on(TimePassed{});
    replica.answer_stores();
    become = replica.one<BecomeOwner>();
  }
  BecomeOwner become;
};

TEST_F(Becoming, P8CallThatNeverReturnsDoesNotHoldTheLeaseForEver) {
  EXPECT_EQ(become.deadline, replica.start + seconds(20));
  replica.pass(seconds(19));
  EXPECT_TRUE(replica.core.lease("a")->trusted(replica.now));
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty());
  replica.pass(seconds(1));
  EXPECT_EQ(replica.one<StopRun>().job, "a");
  EXPECT_THAT(replica.told(Tell::Level::error), ElementsAre(HasSubstr("becoming its owner takes longer")));
  replica.pass(seconds(20));
  EXPECT_EQ(replica.core.phase("a"), JobPhase::draining);
  replica.on(OwnershipReached{"a", fail(ErrorKind::retry, "stopped")});
  EXPECT_EQ(replica.core.tokens_used(), 0);
}

TEST_F(Becoming, P8FailsWhileARenewalIsUnansweredThenTheLeaseIsNotUsedForAnotherTry) {
  replica.answers_alone = false;
  replica.pass(milliseconds(18'500));
  const RenewLeases renewal = replica.take<RenewLeases>().front();
  replica.on(OwnershipReached{"a", fail(ErrorKind::retry, "the target is away")});
  replica.take<BecomeOwner>();
  replica.on(LeasesRenewed{{"a"}, {Status()}});
  EXPECT_THAT(replica.take<BecomeOwner>(), IsEmpty());
  EXPECT_NE(replica.core.phase("a"), JobPhase::becoming);
}

TEST_F(Becoming, P16JobThatIsLeftAloneAfterAnErrorIsClosedThoughATokenIsFree) {
  open(BatchStatus::started);
  std::vector<CloseNobodys> closed;
  replica.on(OwnershipReached{"a", fail(ErrorKind::invalid, "the target is away")});
  for (int i = 0; i < 1'000 && closed.empty(); ++i) {
    replica.pass(milliseconds(100));
    for (const BecomeOwner& again : replica.take<BecomeOwner>()) {
      replica.on(OwnershipReached{again.job, fail(ErrorKind::invalid, "the target is away")});
    }
    replica.answer_stores();
    closed = replica.take<CloseNobodys>();
  }
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_EQ(replica.core.tokens_used(), 0);
  replica.on(NobodysClosed{"a", fail(ErrorKind::retry, "no answer")});
  replica.answer_stores();
  EXPECT_TRUE(replica.leases.at("a").released);
}

TEST_F(Running, P10JobThatIsHeldBackIsToldOnce) {
  LastRun last = unfinished_run(BatchStatus::failed, EndedBy::orphaned, noon);
  last.orphans_without_progress = 3;
  replica.own_all({{"a", last}});
  replica.pass(seconds(30));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  EXPECT_THAT(replica.told(Tell::Level::error), ElementsAre(HasSubstr("restart or abandon it")));
  ask("q", RequestKind::restart);
  replica.pass(seconds(1));
  EXPECT_EQ(replica.one<StartRun>().order.kind, RequestKind::restart);
}

TEST_F(Running, OwnershipIsToldWithWhatIsNext) {
  replica.own_all({{"a", completed(1, noon - seconds(4))}});
  EXPECT_THAT(replica.told(Tell::Level::info), Contains("a: owner; next run at 12:00:06Z"));
}

}  // namespace
}  // namespace baton
