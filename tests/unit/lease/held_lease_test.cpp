#include "lease/held_lease.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using Step = HeldLease::Step;
using State = HeldLease::State;
using Read = Result<std::optional<LeaseRecord>>;

constexpr Instant start{std::chrono::hours(5)};
const LeaseTimings timings{Duration(20'000), Duration(5'000), Duration(1'000)};  // margin 2 s

const Status ok;
const Status away = fail(ErrorKind::retry, "away");
const Status conflict = fail(ErrorKind::conflict, "not as expected");
const Status unknown = fail(ErrorKind::unknown_outcome, "no answer");

LeaseRecord record(const std::string& version, const std::string& owner = "me") {
  return {"job", owner, timings.lease, version, false, std::nullopt};
}
LeaseRecord released_record(const std::string& version) {
  LeaseRecord one = record(version);
  one.released = true;
  return one;
}
Instant at(std::int64_t milliseconds) { return start + Duration(milliseconds); }
HeldLease taken() { return {record("v1"), start, timings}; }

void renew(HeldLease& lease, const std::string& version, Instant sent_at, const Status& answer, Instant answered_at) {
  lease.begin_renewal(version, sent_at);
  lease.renewal_answered(answer, answered_at);
}

TEST(HeldLease, P3TrustCountsFromTheSend) {
  HeldLease lease = taken();
  EXPECT_EQ(lease.trusted_until(), at(18'000)) << "sent at + 20 s - 2 s";
  lease.begin_renewal("v2", at(5'000));
  EXPECT_EQ(lease.trusted_until(), at(18'000)) << "a renewal under way proves nothing";
  lease.renewal_answered(ok, at(9'000));
  EXPECT_EQ(lease.trusted_until(), at(23'000));
  EXPECT_EQ(lease.record().version, "v2");
}

TEST(HeldLease, P3PastTrustItIsOverAndSendsNothing) {
  HeldLease lease = taken();
  EXPECT_TRUE(lease.trusted(at(17'999)));
  EXPECT_FALSE(lease.trusted(at(18'000)));
  EXPECT_TRUE(lease.over(at(18'000)));
  EXPECT_EQ(lease.next(at(18'000)), Step::none);
}

TEST(HeldLease, ARenewalIsDueOneHeartbeatAfterTheLastWasSent) {
  HeldLease lease = taken();
  EXPECT_EQ(lease.next(at(4'999)), Step::none);
  EXPECT_EQ(lease.next_at(), at(5'000));
  EXPECT_EQ(lease.next(at(5'000)), Step::renew);
  renew(lease, "v2", at(5'000), ok, at(7'000));
  EXPECT_EQ(lease.next_at(), at(10'000));
}

TEST(HeldLease, TheRenewalNamesTheVersionHeldAndTheNewOne) {
  HeldLease lease = taken();
  const LeaseRenewal renewal = lease.begin_renewal("v2", at(5'000));
  EXPECT_EQ(renewal.key, "job");
  EXPECT_EQ(renewal.owner_name, "me");
  EXPECT_EQ(renewal.version, "v1");
  EXPECT_EQ(renewal.new_version, "v2");
  EXPECT_EQ(renewal.lease_duration, timings.lease);
}

TEST(HeldLease, P4OneCallAtATime) {
  HeldLease lease = taken();
  lease.begin_renewal("v2", at(5'000));
  EXPECT_EQ(lease.next(at(12'000)), Step::none);
  EXPECT_EQ(lease.next_at(), Instant::max());
  EXPECT_FALSE(lease.over(at(60'000))) << "the answer is still to come";
  lease.ask_release(at(6'000));
  EXPECT_EQ(lease.next(at(12'000)), Step::none);
}

TEST(HeldLease, P3AFailedRenewalIsRetriedAsLongAsTrustRemains) {
  HeldLease lease = taken();
  Instant now = at(5'000);
  int attempts = 0;
  while (!lease.over(now)) {
    if (lease.next(now) == Step::renew) {
      renew(lease, "v2", now, attempts % 2 == 0 ? away : Status(fail(ErrorKind::invalid, "forbidden")), now);
      ++attempts;
      ASSERT_GT(lease.next_at(), now) << "no attempt follows at once on one that failed at once";
    }
    now = lease.next_at();
    ASSERT_LE(now, at(18'000));
  }
  EXPECT_EQ(now, at(18'000)) << "never given up early";
  EXPECT_GE(attempts, 13);
  EXPECT_EQ(lease.state(), State::held) << "lost by time, not by proof";
}

TEST(HeldLease, P3EachAttemptTimesOutAfterAHeartbeatOrAThirdOfTheTrustLeft) {
  HeldLease lease = taken();
  EXPECT_EQ(lease.attempt_timeout(at(0)), Duration(5'000));
  EXPECT_EQ(lease.attempt_timeout(at(6'000)), Duration(4'000));
  EXPECT_EQ(lease.attempt_timeout(at(15'000)), Duration(1'000));
  EXPECT_EQ(lease.attempt_timeout(at(18'000)), Duration(1));
}

TEST(HeldLease, P3ASuccessAfterFailuresRestoresTrust) {
  HeldLease lease = taken();
  renew(lease, "v2", at(5'000), away, at(6'000));
  EXPECT_TRUE(lease.failing());
  const Instant again = lease.next_at();
  renew(lease, "v3", again, ok, again);
  EXPECT_FALSE(lease.failing());
  EXPECT_EQ(lease.trusted_until(), again + Duration(18'000));
  EXPECT_EQ(lease.record().version, "v3");
}

TEST(HeldLease, P4ALostAnswerIsReadBackAndARenewalFromTheVersionFoundProvesIt) {
  for (const Status& answer : {unknown, conflict}) {
    for (const std::string found : {"v1", "v2", "v9"}) {
      HeldLease lease = taken();
      renew(lease, "v2", at(5'000), answer, at(6'000));
      ASSERT_EQ(lease.next(at(6'000)), Step::read_back);
      lease.begin_read_back();
      lease.read_back_answered(Read(record(found)), at(6'500));
      EXPECT_EQ(lease.state(), State::held);
      EXPECT_EQ(lease.trusted_until(), at(18'000)) << "my name in a record proves nothing about time";
      EXPECT_EQ(lease.renewal_proven(), 0U);
      ASSERT_EQ(lease.next(at(6'500)), Step::renew);
      EXPECT_EQ(lease.begin_renewal("v10", at(6'500)).version, found);
      lease.renewal_answered(ok, at(6'600));
      EXPECT_EQ(lease.trusted_until(), at(24'500));
    }
  }
}

TEST(HeldLease, P4ARecordOfAnotherOwnerReleasedOrAbsentIsLostByProof) {
  const std::vector<std::optional<LeaseRecord>> proofs{record("v7", "other"), released_record("v1"), std::nullopt};
  for (const auto& proof : proofs) {
    HeldLease lease = taken();
    renew(lease, "v2", at(5'000), conflict, at(6'000));
    lease.begin_read_back();
    lease.read_back_answered(Read(proof), at(6'500));
    EXPECT_EQ(lease.state(), State::lost);
    EXPECT_FALSE(lease.trusted(at(6'500)));
    EXPECT_EQ(lease.trusted_until(), at(6'500));
    EXPECT_EQ(lease.next(at(7'000)), Step::none);
    EXPECT_FALSE(lease.reason().empty());
  }
}

TEST(HeldLease, P3AFailedReadBackIsRepeatedAndNoReasonToGiveUp) {
  HeldLease lease = taken();
  renew(lease, "v2", at(5'000), unknown, at(6'000));
  lease.begin_read_back();
  lease.read_back_answered(Read(fail(ErrorKind::retry, "away")), at(7'000));
  EXPECT_EQ(lease.state(), State::held);
  EXPECT_GT(lease.next_at(), at(7'000));
  EXPECT_EQ(lease.next(lease.next_at()), Step::read_back) << "which version is mine is still not known";
}

TEST(HeldLease, P4ARenewalThatArrivesLateIsFoundAgain) {
  HeldLease lease = taken();
  renew(lease, "v2", at(5'000), unknown, at(6'000));
  lease.begin_read_back();
  lease.read_back_answered(Read(record("v1")), at(6'500));
  renew(lease, "v3", at(6'500), conflict, at(6'600));  // v2 arrived in between
  ASSERT_EQ(lease.next(at(6'600)), Step::read_back);
  lease.begin_read_back();
  lease.read_back_answered(Read(record("v2")), at(6'700));
  EXPECT_EQ(lease.begin_renewal("v4", at(6'700)).version, "v2");
}

TEST(HeldLease, RenewalsAreNumberedSoThatALaterOneCanBeToldFromAnEarlier) {
  HeldLease lease = taken();
  lease.begin_renewal("v2", at(5'000));
  const std::uint64_t wanted = lease.renewals_sent() + 1;
  lease.ask_renewal(at(5'100));
  lease.renewal_answered(ok, at(5'200));
  EXPECT_LT(lease.renewal_proven(), wanted) << "it was sent before";
  EXPECT_EQ(lease.next(at(5'200)), Step::renew);
  renew(lease, "v3", at(5'200), ok, at(5'300));
  EXPECT_EQ(lease.renewal_proven(), wanted);
}

TEST(HeldLease, AnAskedRenewalIsDueAtOnce) {
  HeldLease lease = taken();
  lease.ask_renewal(at(100));
  EXPECT_EQ(lease.next(at(100)), Step::renew);
}

TEST(HeldLease, P7AReleaseIsDueAtOnceAndEndsItWhenItSucceeds) {
  HeldLease lease = taken();
  lease.ask_release(at(1'000));
  ASSERT_EQ(lease.next(at(1'000)), Step::release);
  lease.begin_release();
  EXPECT_EQ(lease.state(), State::held);
  EXPECT_FALSE(lease.trusted(at(1'000))) << "the release may arrive at any moment";
  EXPECT_EQ(lease.trusted_until(), at(1'000));
  lease.release_answered(ok, at(1'100));
  EXPECT_EQ(lease.state(), State::released);
  EXPECT_FALSE(lease.trusted(at(1'100)));
  EXPECT_EQ(lease.next(at(6'000)), Step::none);
}

TEST(HeldLease, P7RenewalsGoOnUntilTheReleaseIsDone) {
  HeldLease lease = taken();
  lease.ask_release(at(4'500));
  lease.begin_release();
  lease.release_answered(away, at(4'600));
  EXPECT_EQ(lease.next_at(), at(5'000)) << "the heartbeat comes before the next attempt";
  EXPECT_EQ(lease.next(at(5'000)), Step::renew);
  renew(lease, "v2", at(5'000), ok, at(5'010));
  EXPECT_EQ(lease.next(at(5'700)), Step::release);
  EXPECT_EQ(lease.release_deadline(), at(18'000)) << "tried until the trust of the moment when it was asked for";
}

TEST(HeldLease, P4AReleaseThatConflictsIsReadBackAndRepeatedFromTheVersionFound) {
  HeldLease lease = taken();
  lease.ask_release(at(1'000));
  lease.begin_release();
  lease.release_answered(conflict, at(1'100));
  ASSERT_EQ(lease.next(at(1'100)), Step::read_back);
  lease.begin_read_back();
  lease.read_back_answered(Read(record("v4")), at(1'200));
  ASSERT_EQ(lease.next(at(1'200)), Step::release);
  EXPECT_EQ(lease.record().version, "v4");
}

TEST(HeldLease, P4AfterAReleaseOfUnknownOutcomeReleasedOrAnothersOrAbsentMeansGone) {
  const std::vector<std::optional<LeaseRecord>> gone{released_record("v1"), record("v7", "other"), std::nullopt};
  for (const auto& found : gone) {
    HeldLease lease = taken();
    lease.ask_release(at(1'000));
    lease.begin_release();
    lease.release_answered(unknown, at(1'100));
    ASSERT_EQ(lease.next(at(1'100)), Step::read_back);
    lease.begin_read_back();
    lease.read_back_answered(Read(found), at(1'200));
    EXPECT_EQ(lease.state(), State::released);
  }
}

TEST(HeldLease, AReleaseThatIsAskedForWhileARenewalIsUnknownReadsFirst) {
  HeldLease lease = taken();
  lease.begin_renewal("v2", at(5'000));
  lease.ask_release(at(5'100));
  lease.renewal_answered(unknown, at(6'000));
  EXPECT_EQ(lease.next(at(6'000)), Step::read_back);
}

TEST(HeldLease, ALeaseThatIsGivenUpIsNotTrustedAndSaysWhy) {
  HeldLease lease = taken();
  lease.give_up(at(18'000), "time ran out");
  EXPECT_EQ(lease.state(), State::given_up);
  EXPECT_FALSE(lease.trusted(at(18'000)));
  EXPECT_EQ(lease.reason(), "time ran out");
}

TEST(HeldLease, P5ARenewalGoesAlongWithABatchOnlyIfItWouldBeDueSoonAnyway) {
  HeldLease lease = taken();
  EXPECT_TRUE(lease.renewable(at(3'000), at(5'500)));
  EXPECT_FALSE(lease.renewable(at(1'000), at(3'500)));
  lease.ask_release(at(3'000));
  EXPECT_FALSE(lease.renewable(at(3'000), at(5'500)));
}

}  // namespace
}  // namespace baton
