// P20: shares, offers, hand-overs.
#include "tests/unit/replica/scripted_replica.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::minutes;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<ReplicaJob> manual_jobs(int count) {
  std::vector<ReplicaJob> jobs;
  for (int i = 0; i < count; ++i) jobs.push_back(manual_job(fmt::format("job{}", i)));
  return jobs;
}

// I own all four jobs, and another replica with four tokens has come.
struct Giving : testing::Test {
  void come(Balance balance = Balance::fair) {
    ReplicaSettings settings = settings_of(4, manual_jobs(4));
    settings.balance = balance;
    replica = std::make_unique<ScriptedReplica>(settings);
    replica->own_all();
    replica->replica("other", 4);
  }
  void pass(Duration time) {
    for (Duration left = time; left > Duration(0); left -= seconds(1)) {
      replica->beat("other");
      for (auto& [key, record] : replica->leases) {
        if (record.owner_name == "other" && !record.released) record.version += "+";
      }
      replica->pass(std::min<Duration>(left, seconds(1)));
    }
  }
  // Passes at most `time` until there is an offer, and answers it.
  std::optional<WriteOffer> offered(Duration time) {
    for (Duration left = time; left > Duration(0); left -= seconds(1)) {
      const auto offers = replica->take<WriteOffer>();
      if (offers.size() == 1) {
        replica->control(offers.front().job).offer = offers.front().offer;
        replica->on(OfferWritten{offers.front().job, {}});
        replica->answer_stores();
        return offers.front();
      }
      EXPECT_THAT(offers, IsEmpty());
      pass(seconds(1));
      replica->own();
    }
    return std::nullopt;
  }
  void taken(const std::string& job) { replica->held_by("other", job, fmt::format("v{}", ++version)); }

  std::unique_ptr<ScriptedReplica> replica;
  int version = 0;
};

TEST_F(Giving, P20AnIdleJobIsOfferedThenReleasedAndTheReceiverNamed) {
  come();
  pass(seconds(2));
  const auto offers = replica->take<WriteOffer>();
  ASSERT_THAT(offers, SizeIs(1));
  EXPECT_EQ(offers.front().offer.to, "other");
  EXPECT_EQ(offers.front().offer.by, "me");
  EXPECT_EQ(offers.front().valid, seconds(3));
  EXPECT_FALSE(replica->leases.at(offers.front().job).released) << "the offer is written first";
  replica->on(OfferWritten{offers.front().job, {}});
  replica->answer_stores();
  EXPECT_TRUE(replica->leases.at(offers.front().job).released);
  EXPECT_THAT(replica->told(Tell::Level::info), Contains(HasSubstr("gave it to other")));
}

TEST_F(Giving, P20OneAtATimeUntilTheSharesAreFair) {
  come();
  for (int i = 0; i < 2; ++i) {
    const auto offer = offered(seconds(5));
    ASSERT_TRUE(offer);
    taken(offer->job);
    pass(seconds(2));
    EXPECT_THAT(replica->take<WriteOffer>(), IsEmpty()) << "it has taken it, but not become the owner yet";
    replica->control(offer->job).offer.reset();
  }
  EXPECT_FALSE(offered(minutes(2)));
  EXPECT_EQ(replica->core.tokens_used(), 2);
}

TEST_F(Giving, P20ReceiverThatLetsTheOfferPassGetsNoneForAMinuteThenTwo) {
  come();
  ASSERT_TRUE(offered(seconds(5)));
  const Instant first = replica->now;
  const auto second = offered(minutes(3));
  ASSERT_TRUE(second);
  EXPECT_GE(replica->now - first, seconds(62));
  EXPECT_LE(replica->now - first, seconds(70));
  const Instant then = replica->now;
  ASSERT_TRUE(offered(minutes(5)));
  EXPECT_GE(replica->now - then, seconds(122));
  EXPECT_LE(replica->now - then, seconds(130));
}

TEST_F(Giving, P20GiverTakesTheJobBackOnlyAfterTheReceiversTurn) {
  come();
  const auto offer = offered(seconds(5));
  ASSERT_TRUE(offer);
  pass(seconds(2));
  EXPECT_TRUE(replica->leases.at(offer->job).released);
  pass(seconds(4));
  EXPECT_FALSE(replica->leases.at(offer->job).released);
  EXPECT_EQ(replica->leases.at(offer->job).owner_name, "me");
}

TEST_F(Giving, P20ReceiverThatTakesItAndDoesNotBecomeTheOwnerBacksOff) {
  come();
  const auto offer = offered(seconds(5));
  ASSERT_TRUE(offer);
  taken(offer->job);
  pass(seconds(3));
  replica->leases.at(offer->job).released = true;  // the offer is not cleared
  const Instant failed = replica->now;
  ASSERT_TRUE(offered(minutes(3)));
  EXPECT_GE(replica->now - failed, seconds(60));
}

TEST_F(Giving, P20BackoffEndsWhenTheReceiverBecomesTheOwnerOfAnything) {
  come();
  const auto offer = offered(seconds(5));
  ASSERT_TRUE(offer);
  pass(seconds(5));  // passed
  ASSERT_EQ(replica->core.tokens_used(), 4);
  replica->own();
  replica->control(offer->job).offer.reset();
  replica->take<WriteOffer>();
  // It gets hold of another one elsewhere, and keeps it for longer than a lease.
  replica->released_by("x", "job0");
  ScriptedReplica& one = *replica;
  one.leases.at("job0").owner_name = "other";
  one.leases.at("job0").released = false;
  const Instant from = replica->now;
  for (int i = 0; i < 40 && replica->take<WriteOffer>().empty(); ++i) {
    taken("job0");
    pass(seconds(1));
  }
  EXPECT_GE(replica->now - from, seconds(20));
  EXPECT_LE(replica->now - from, seconds(40));
}

TEST_F(Giving, P20RunningJobIsNeverGiven) {
  ReplicaSettings settings = settings_of(2, {job_every("a", seconds(10)), job_every("b", seconds(10))});
  replica = std::make_unique<ScriptedReplica>(settings);
  replica->own_all();
  ASSERT_THAT(replica->take<StartRun>(), SizeIs(2));
  replica->replica("other", 2);
  EXPECT_FALSE(offered(seconds(30)));
  replica->on(RunEnded{"a", launched(completed(1, replica->repository_now()))});
  const auto offer = offered(seconds(5));
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->job, "a");
}

TEST_F(Giving, P20JobThatIsAboutToStartIsNotGiven) {
  ReplicaSettings settings = settings_of(2, {job_every("a", seconds(10)), job_every("b", seconds(10))});
  replica = std::make_unique<ScriptedReplica>(settings);
  replica->own_all({{"a", completed(1, noon - milliseconds(8'100))}, {"b", completed(1, noon - milliseconds(8'000))}});
  replica->pass(seconds(1));
  replica->replica("other", 2);
  replica->look_answered();
  EXPECT_THAT(replica->take<WriteOffer>(), IsEmpty());
}

TEST_F(Giving, P20FailedOfferKeepsTheJobAndItsRuns) {
  come();
  pass(seconds(2));
  const std::string job = replica->one<WriteOffer>().job;
  replica->on(OfferWritten{job, fail(ErrorKind::conflict, "another offer")});
  EXPECT_EQ(replica->core.phase(job), JobPhase::idle);
  pass(seconds(2));
  EXPECT_THAT(replica->take<WriteOffer>(), IsEmpty());
  EXPECT_TRUE(offered(seconds(5)));
}

TEST_F(Giving, P20GreedyGivesNothing) {
  come(Balance::greedy);
  EXPECT_FALSE(offered(minutes(2)));
}

TEST_F(Giving, P20ReplicaOfAnotherConfigurationGetsNoOffer) {
  come();
  replica->replica("other", 4).config_hash = "another";
  EXPECT_FALSE(offered(minutes(2)));
}

struct Receiving : testing::Test {
  // "other" owns as many jobs as is fair to me, but for what is free.
  Receiving() { replica.replica("other", 4); }

  void offer(const std::string& job, const std::string& to) {
    replica.control(job).offer = Offer{to, "other", replica.repository_now()};
  }
  void pass(Duration time) {
    for (Duration left = time; left > Duration(0); left -= seconds(1)) {
      replica.beat("other");
      for (auto& [key, record] : replica.leases) {
        if (record.owner_name == "other" && !record.released) record.version += "+";
      }
      replica.pass(std::min<Duration>(left, seconds(1)));
    }
  }
  bool mine(const std::string& job) {
    return replica.leases.contains(job) && replica.leases.at(job).owner_name == "me" &&
           !replica.leases.at(job).released;
  }

  ScriptedReplica replica{settings_of(4, manual_jobs(4))};
};

TEST_F(Receiving, P20UpToTheTargetAtOnceAboveItWhatHasBeenFreeForTwoRefreshes) {
  replica.on(TimePassed{});
  replica.answer_stores();
  EXPECT_EQ(replica.core.tokens_used(), 2) << "four jobs, two replicas";
  pass(milliseconds(1'900));
  EXPECT_EQ(replica.core.tokens_used(), 2);
  pass(seconds(1));
  EXPECT_EQ(replica.core.tokens_used(), 4);
}

TEST_F(Receiving, P20OfferedJobIsTakenAtOnceByItsReceiver) {
  for (const char* job : {"job0", "job1"}) replica.held_by("other", job);
  replica.own_all();
  ASSERT_EQ(replica.core.tokens_used(), 2);
  offer("job0", "me");
  pass(seconds(2));
  EXPECT_FALSE(mine("job0"));
  replica.leases.at("job0").released = true;
  pass(seconds(1));
  EXPECT_TRUE(mine("job0"));
}

TEST_F(Receiving, P20JobOfferedToAnotherIsLeftAloneForThreeRefreshes) {
  for (const char* job : {"job0", "job1", "job2", "job3"}) replica.held_by("other", job);
  replica.own_all();
  offer("job0", "third");
  replica.leases.at("job0").released = true;
  pass(milliseconds(3'500));
  EXPECT_FALSE(mine("job0"));
  pass(seconds(2));
  EXPECT_TRUE(mine("job0"));
}

TEST_F(Receiving, P20ReleaseIsNotTakenBeforeALookThatWouldShowTheOffer) {
  replica.held_by("other", "job0");
  for (const char* job : {"job1", "job2", "job3"}) replica.held_by("other", job);
  replica.own_all();
  replica.answers_alone = false;
  replica.pass(milliseconds(500));
  // The offer and the release come between two looks, and the listing comes first.
  offer("job0", "third");
  replica.leases.at("job0").released = true;
  replica.on(ChangesNoticed{true, false});
  replica.one<ListLeases>();
  replica.on(LeasesListed{replica.listing()});
  EXPECT_THAT(replica.take<TakeLease>(), IsEmpty());
  replica.answer_look();  // asked for at once
  EXPECT_THAT(replica.take<TakeLease>(), IsEmpty());
}

TEST_F(Receiving, P20DeadReplicasShareIsTakenAtOnceWhenItsLeaseExpires) {
  ScriptedReplica one(settings_of(4, manual_jobs(4)));
  one.replica("other", 4);
  one.beat("other");
  for (const char* job : {"job0", "job1"}) one.held_by("other", job, "v", seconds(7));
  one.own_all();
  ASSERT_EQ(one.core.tokens_used(), 2);
  one.pass(seconds(7));
  EXPECT_EQ(one.core.tokens_used(), 2);
  one.pass(milliseconds(1));
  EXPECT_EQ(one.core.tokens_used(), 4) << "its beat is young, but its leases are not renewed";
}

TEST_F(Receiving, P20GreedyTakesAllThatIsFree) {
  ReplicaSettings settings = settings_of(4, manual_jobs(4));
  settings.balance = Balance::greedy;
  ScriptedReplica greedy(settings);
  greedy.replica("other", 4);
  greedy.on(TimePassed{});
  greedy.answer_stores();
  EXPECT_EQ(greedy.core.tokens_used(), 4);
}

}  // namespace
}  // namespace baton
