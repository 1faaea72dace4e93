// A process whose calls of the lease store never return, whatever their timeouts, loses its leases, says so, and takes
// nothing.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::minutes;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct HangingCalls : testing::Test {
  // Answers everything but calls of that kind: how many were made.
  template <class Call>
  int pass_without(Duration time) {
    int unanswered = 0;
    const Instant until = replica.now + time;
    replica.answers_alone = false;
    while (replica.now < until) {
      replica.pass(std::min(milliseconds(500), milliseconds(std::chrono::floor<milliseconds>(until - replica.now))));
      unanswered += static_cast<int>(replica.take<Call>().size());
      replica.answer_stores();
    }
    replica.answers_alone = true;
    return unanswered;
  }
  // Up to the next batch of renewals, which is not answered.
  RenewLeases renewal() {
    replica.answers_alone = false;
    for (std::vector<RenewLeases> sent;; sent = replica.take<RenewLeases>()) {
      if (!sent.empty()) return sent.front();
      replica.answer_stores();
      replica.pass(milliseconds(100));
    }
  }
  void answer(const RenewLeases& batch, const Status& answer) {
    LeasesRenewed renewed;
    for (const LeaseRenewal& one : batch.renewals) {
      renewed.keys.push_back(one.key);
      renewed.answers.push_back(answer);
      if (answer) replica.leases.at(one.key).version = one.new_version;
    }
    replica.on(renewed);
  }
  ReplicaPulse pulse() const { return replica.core.pulse(); }
  bool holds(const std::string& job) const { return replica.core.lease(job) != nullptr; }

  ScriptedReplica replica{settings_of(2, {job_every("a", minutes(60)), manual_job("b")})};
};

TEST_F(HangingCalls, ListingThatNeverReturnsThenNothingIsRenewedAndTheLeasesAreLost) {
  replica.own_all();
  replica.one<StartRun>();
  EXPECT_EQ(pass_without<ListLeases>(seconds(22)), 1);
  ASSERT_TRUE(holds("a"));
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty());
  pass_without<ListLeases>(seconds(5));
  EXPECT_THAT(replica.told(Tell::Level::error), Contains(HasSubstr("no lease is renewed any more")));
  EXPECT_THAT(replica.take<StopRun>(), SizeIs(1));
  pass_without<ListLeases>(seconds(20));
  EXPECT_FALSE(holds("a"));
}

TEST_F(HangingCalls, ListingThatReturnsAgainThenWhatIsStillTrustedIsRenewed) {
  replica.own_all();
  replica.one<StartRun>();
  pass_without<ListLeases>(seconds(26));
  ASSERT_TRUE(holds("a"));
  replica.on(LeasesListed{replica.listing()});
  replica.pass(minutes(2));
  EXPECT_TRUE(holds("a"));
}

TEST_F(HangingCalls, ListingThatNeverReturnsThenNotReadyAfterALeaseUntilItDoes) {
  replica.own_all();
  replica.answers_alone = false;
  replica.pass(seconds(5));
  ASSERT_EQ(replica.take<ListLeases>().size(), 1U);
  const Instant sent = replica.now;
  pass_without<ListLeases>(milliseconds(19'999));
  EXPECT_TRUE(pulse().ready());
  EXPECT_FALSE(pulse().hung_since);
  pass_without<ListLeases>(milliseconds(1));
  EXPECT_FALSE(pulse().leases_answer);
  EXPECT_FALSE(pulse().ready());
  EXPECT_EQ(pulse().hung_since, sent);
  pass_without<ListLeases>(minutes(10));
  EXPECT_EQ(pulse().hung_since, sent);
  replica.on(LeasesListed{replica.listing()});
  EXPECT_TRUE(pulse().ready());
  EXPECT_FALSE(pulse().hung_since);
}

// Its timeouts are far below a lease, so that whoever fails again and again does not hang.
TEST_F(HangingCalls, StoreThatIsAwayThenNotReadyAndNothingHangs) {
  replica.own_all();
  replica.answers_alone = false;
  for (int i = 0; i < 600; ++i) {
    replica.pass(milliseconds(500));
    if (!replica.take<ListLeases>().empty()) replica.on(LeasesListed{fail(ErrorKind::retry, "away")});
    for (const RenewLeases& batch : replica.take<RenewLeases>()) answer(batch, fail(ErrorKind::retry, "away"));
    EXPECT_FALSE(pulse().hung_since);
  }
  EXPECT_FALSE(pulse().leases_answer);
  EXPECT_FALSE(holds("a"));
}

TEST_F(HangingCalls, NothingIsStartedWhileItHangs) {
  replica.own_all({{"a", completed(1, noon - minutes(60) + milliseconds(25'500))}});
  pass_without<ListLeases>(seconds(26));
  ASSERT_TRUE(holds("a"));
  EXPECT_TRUE(pulse().hung_since);
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty()) << "it would be stopped at once";
  replica.on(LeasesListed{replica.listing()});
  EXPECT_THAT(replica.take<StartRun>(), SizeIs(1));
}

TEST_F(HangingCalls, RenewalsThatNeverReturnThenTheLeasesAreLostAndItIsNotReady) {
  replica.own_all();
  replica.one<StartRun>();
  const RenewLeases batch = renewal();
  EXPECT_THAT(batch.renewals, SizeIs(2));
  EXPECT_EQ(pass_without<RenewLeases>(milliseconds(19'999)), 0);
  EXPECT_TRUE(pulse().ready());
  EXPECT_THAT(replica.take<StopRun>(), SizeIs(1)) << "trust has ended";
  EXPECT_EQ(replica.core.view(replica.now).renewals.failed, 0U);
  pass_without<RenewLeases>(milliseconds(1));
  EXPECT_FALSE(pulse().leases_answer);
  EXPECT_EQ(pulse().hung_since, replica.now - seconds(20));
  EXPECT_FALSE(holds("a"));
  EXPECT_FALSE(holds("b"));
  EXPECT_EQ(replica.core.phase("a"), JobPhase::draining);
  EXPECT_EQ(replica.core.tokens_used(), 1);
  EXPECT_EQ(replica.core.view(replica.now).renewals.failed, 2U);
  EXPECT_EQ(replica.core.view(replica.now).jobs[0].counts.losses_running, 1U);
  EXPECT_EQ(replica.core.view(replica.now).jobs[1].counts.losses_idle, 1U);
  EXPECT_THAT(replica.told(Tell::Level::error), Contains(HasSubstr("no lease is renewed or taken any more")));
}

TEST_F(HangingCalls, RenewalsThatNeverReturnThenNothingIsTakenAndNoBeatTellsOthersThatItCould) {
  replica.held_by("other", "b", "v1", Duration(3'600'000));
  replica.own_all();
  replica.one<StartRun>();
  renewal();
  pass_without<RenewLeases>(seconds(20));
  const std::size_t beats = replica.beats.size();
  replica.released_by("other", "b");
  pass_without<RenewLeases>(minutes(5));
  EXPECT_TRUE(replica.leases.at("b").released);
  EXPECT_EQ(replica.core.phase("b"), JobPhase::waiting);
  EXPECT_EQ(replica.beats.size(), beats);
}

// From their timeout on: what is taken then could not be kept.
TEST_F(HangingCalls, RenewalsAreOverdueThenNothingIsTakenUntilTheyAreAnswered) {
  replica.held_by("other", "b", "v1", Duration(3'600'000));
  replica.own_all();
  ASSERT_FALSE(holds("b"));
  const RenewLeases batch = renewal();
  pass_without<RenewLeases>(milliseconds(5'001));
  replica.released_by("other", "b");
  pass_without<RenewLeases>(seconds(10));
  EXPECT_FALSE(holds("b"));
  answer(batch, {});
  EXPECT_TRUE(holds("a"));
  replica.pass(seconds(2));
  EXPECT_TRUE(holds("b"));
}

TEST_F(HangingCalls, RenewalsReturnAfterAllThenReadyAndItsLeasesAreTakenAgain) {
  replica.own_all();
  const RenewLeases batch = renewal();
  pass_without<RenewLeases>(minutes(2));
  ASSERT_FALSE(holds("a"));
  replica.take<StartRun>();
  answer(batch, {});
  EXPECT_FALSE(pulse().hung_since);
  EXPECT_TRUE(pulse().ready());
  EXPECT_FALSE(holds("a")) << "what was done long ago proves nothing";
  EXPECT_EQ(replica.core.view(replica.now).renewals.failed, 2U);
  replica.on(RunEnded{"a", fail(ErrorKind::retry, "stopped")});
  replica.pass(seconds(3));
  replica.own();
  EXPECT_TRUE(holds("a"));
  EXPECT_TRUE(holds("b"));
}

TEST_F(HangingCalls, RenewalsReturnWithAnErrorThenItCountsOnceAndTheStoreIsAwayUntilOneSucceeds) {
  replica.own_all();
  replica.one<StartRun>();
  const RenewLeases batch = renewal();
  pass_without<RenewLeases>(minutes(2));
  answer(batch, fail(ErrorKind::retry, "at last"));
  EXPECT_EQ(replica.core.view(replica.now).renewals.failed, 2U);
  EXPECT_FALSE(pulse().hung_since);
  EXPECT_FALSE(pulse().leases_answer);
  replica.on(RunEnded{"a", fail(ErrorKind::retry, "stopped")});
  replica.pass(seconds(10));
  EXPECT_TRUE(pulse().leases_answer);
}

}  // namespace
}  // namespace baton
