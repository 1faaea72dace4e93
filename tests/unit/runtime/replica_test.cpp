// The replica's shell on real threads: who waits for whom. What it decides is tested in tests/unit/replica, and on
// virtual clocks in tests/simulation. The lease is long, so that a slow machine loses none; renewals are frequent, so
// that the tests are short.
#include "runtime/replica.h"

#include "runtime/system_clock.h"
#include "tests/doubles/breakable_lease_store.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/memory_replicas.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/tally.h"

#include <gtest/gtest.h>
#include <atomic>
#include <latch>
#include <map>

namespace baton {
namespace {

// Replicas that a test can hold up.
class ForwardingReplicas final : public Replicas {
 public:
  ForwardingReplicas(Replicas& inner, const std::function<Status()>& before_look)
      : inner_(inner), before_look_(before_look) {}

  Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) override { return inner_.beat(mine, jobs); }
  Result<RepositoryView> look() override {
    if (before_look_) BATON_CHECK(before_look_());
    return inner_.look();
  }
  Status offer(const std::string& job, const Offer& offer, Duration valid) override {
    return inner_.offer(job, offer, valid);
  }
  Status clear_offer(const std::string& job) override { return inner_.clear_offer(job); }
  Status answer_request(const Authority& authority, const std::string& id, const std::string& text) override {
    return inner_.answer_request(authority, id, text);
  }
  Status leave(const std::string& replica) override { return inner_.leave(replica); }

 private:
  Replicas& inner_;
  const std::function<Status()>& before_look_;
};

// The thread that decides asks for randomness: a test can hang it there.
class HangingRandom final : public Random {
 public:
  explicit HangingRandom(Random& inner) : inner_(inner) {}

  std::uint64_t bits() override {
    if (hang_) {
      hangs_.add();
      end_.wait();
    }
    return inner_.bits();
  }
  void hang() {
    hang_ = true;
    hangs_.await(1);
  }
  void end() {
    hang_ = false;
    end_.count_down();
  }

 private:
  Random& inner_;
  std::atomic<bool> hang_ = false;
  Tally hangs_;
  std::latch end_{1};
};

class ReplicaShellTest : public testing::Test, protected JobWork {
 protected:
  ReplicaShellTest() {
    settings_.id = "me";
    settings_.tokens = 2;
    settings_.timings = {Duration(20'000), Duration(100), Duration(50)};
    settings_.config_hash = "hash";
    settings_.jobs.push_back({"job", {FixedDelaySchedule{Duration(3'600'000)}, Duration(0), Duration(0)}});
    leases_.before(LeaseCall::renew, [this] { renewals_.add(); });
  }
  ~ReplicaShellTest() override { stop(); }

  Result<OwnedJob> own(const std::string& job, LeaseHold& lease, std::stop_token stop) override {
    owning_.add();
    if (on_own_stoppable_) BATON_CHECK(on_own_stoppable_(stop));
    if (on_own_) BATON_CHECK(on_own_(lease));
    OwnedJob owned;
    owned.ownership.job = job;
    return owned;
  }
  Result<RunOutcome> run(const std::string& /*job*/, LeaseHold& lease, const Ownership& ownership,
                         const RunOrder& /*order*/, std::stop_token stop) override {
    EXPECT_EQ(ownership.job, "job");
    running_.add();
    if (on_run_) on_run_(lease, stop);
    RunOutcome outcome;
    outcome.last = LastRun{1, 1, BatchStatus::completed, EndedBy::itself, false, clock_.wall_now()};
    return outcome;
  }
  Status close_nobodys(const std::string& /*job*/, LeaseHold& /*lease*/, std::stop_token /*stop*/) override {
    return {};
  }

  void start() {
    parts_.leases = &leases_;
    parts_.open_replicas = [this]() -> Result<std::unique_ptr<Replicas>> {
      opened_.add();
      return std::make_unique<ForwardingReplicas>(replicas_, before_look_);
    };
    parts_.work = this;
    parts_.clock = &clock_;
    if (parts_.random == nullptr) parts_.random = &random_;
    parts_.tell = [this](const Tell& line) {
      if (line.text.find(": owner") != std::string::npos) owners_.add();
      if (before_tell_) before_tell_(line);
    };
    thread_ = std::jthread([this](std::stop_token stop) { run_replica(settings_, parts_, std::move(stop)); });
  }
  void stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  void three_idle_jobs() {
    settings_.tokens = 3;
    settings_.jobs.clear();
    for (const char* job : {"a", "b", "c"}) {
      settings_.jobs.push_back({job, {FixedDelaySchedule{Duration(3'600'000)}, Duration(3'600'000), Duration(0)}});
    }
  }
  std::optional<LeaseRecord> lease() { return memory_.read("job", Duration(1'000)).value(); }

  SystemClock clock_;
  SeededRandom random_{3};
  ReplicaSettings settings_;
  MemoryLeaseStore memory_{random_};
  BreakableLeaseStore leases_{memory_};
  MemoryStore store_{"memory:repository"};
  MemoryReplicas replicas_{store_, clock_};
  std::function<Status(LeaseHold&)> on_own_;
  std::function<Status(const std::stop_token&)> on_own_stoppable_;
  std::function<void(LeaseHold&, const std::stop_token&)> on_run_;
  std::function<Status()> before_look_;
  std::function<void(const Tell&)> before_tell_;
  Tally renewals_;
  Tally owning_;
  Tally owners_;  // as told
  Tally running_;
  Tally opened_;
  ReplicaParts parts_;
  std::jthread thread_;
};

TEST_F(ReplicaShellTest, TakesAJobRunsItAndReleasesItAtTheEnd) {
  start();
  running_.await(1);
  ASSERT_TRUE(lease());
  EXPECT_EQ(lease()->owner_name, "me");
  EXPECT_FALSE(lease()->released);
  stop();
  EXPECT_TRUE(lease()->released);
  EXPECT_TRUE(replicas_.look()->replicas.empty());
}

TEST_F(ReplicaShellTest, ManyAreFreeThenTheStoreIsAskedForThemTogether) {
  three_idle_jobs();
  start();
  owning_.await(3);
  EXPECT_EQ(leases_.most_takes(), 3U);
}

TEST_F(ReplicaShellTest, P22ManyAreIdleAtShutdownThenTheyAreReleasedTogether) {
  three_idle_jobs();
  start();
  owners_.await(3);
  stop();
  EXPECT_EQ(leases_.most_releases(), 3U);
  const auto records = memory_.list(Duration(1'000));
  for (const LeaseRecord& record : *records) EXPECT_TRUE(record.released) << record.key;
}

TEST_F(ReplicaShellTest, P22WorkEndsWhileTheStoreIsBusyThenItsLeasesAreReleasedTogether) {
  three_idle_jobs();
  std::atomic<int> owned = 0;
  on_own_stoppable_ = [&](const std::stop_token& stop) -> Status {
    Tally stopped;
    const std::stop_callback on_stop(stop, [&] { stopped.add(); });
    if (owned++ > 0) stopped.await(1);
    return {};
  };
  Tally releases;
  std::latch all_ended(1);
  leases_.before(LeaseCall::release, [&] {
    releases.add();
    all_ended.wait();
  });
  start();
  owning_.await(3);
  owners_.await(1);
  thread_.request_stop();
  releases.await(1);
  owners_.await(3);
  all_ended.count_down();
  stop();
  EXPECT_EQ(leases_.most_releases(), 2U);
  EXPECT_EQ(leases_.count(LeaseCall::release), 3);
}

TEST_F(ReplicaShellTest, P6AReleaseIsNoticedAtOnceAndNobodyListensAtTheEnd) {
  settings_.timings.refresh = Duration(3'600'000);
  const LeaseRecord others{"job", "other", Duration(3'600'000), "v1", false, std::nullopt};
  ASSERT_TRUE(memory_.take(others, std::nullopt, Duration(1'000)));
  std::function<void(const ChangesNoticed&)> changed;
  std::atomic<bool> listens = false;
  parts_.listen = [&](std::function<void(const ChangesNoticed&)> tell) {
    changed = std::move(tell);
    listens = true;
    return std::shared_ptr<void>(nullptr, [&](void*) { listens = false; });
  };
  Tally listed;
  Tally looked;
  leases_.before(LeaseCall::list, [&] { listed.add(); });
  before_look_ = [&]() -> Status {
    looked.add();
    return {};
  };
  start();
  listed.await(1);
  looked.await(1);
  ASSERT_TRUE(listens);
  ASSERT_TRUE(memory_.release("job", "other", "v1", Duration(1'000)));
  changed({true, true});
  running_.await(1);
  stop();
  EXPECT_FALSE(listens);
}

TEST_F(ReplicaShellTest, ARunThatLastsHoldsUpNoRenewal) {
  std::latch end(1);
  on_run_ = [&](LeaseHold&, const std::stop_token&) { end.wait(); };
  start();
  running_.await(1);
  renewals_.await_more(5);
  end.count_down();
  stop();
}

TEST_F(ReplicaShellTest, ARepositoryThatHangsHoldsUpNoRenewal) {
  std::latch end(1);
  std::atomic<bool> hang = false;
  before_look_ = [&]() -> Status {
    if (hang) end.wait();
    return {};
  };
  start();
  running_.await(1);
  hang = true;
  renewals_.await_more(5);
  end.count_down();
  stop();
}

TEST_F(ReplicaShellTest, ALogThatHangsHoldsUpNoRenewal) {
  std::latch end(1);
  before_tell_ = [&](const Tell&) { end.wait(); };
  start();
  running_.await(1);
  renewals_.await_more(5);
  end.count_down();
  stop();
}

TEST_F(ReplicaShellTest, P7_ALeaseIsReleasedOnlyAfterItsRunHasEnded) {
  std::atomic<bool> released_before_the_end = false;
  on_run_ = [&](LeaseHold&, const std::stop_token& stop) {
    Tally stopped;
    const std::stop_callback on_stop(stop, [&] { stopped.add(); });
    stopped.await(1);
    const auto before = renewals_.count();
    renewals_.await(before + 2);  // it is renewed still (P7)
    released_before_the_end = lease()->released;
  };
  start();
  running_.await(1);
  stop();
  EXPECT_FALSE(released_before_the_end);
  EXPECT_TRUE(lease()->released);
}

TEST_F(ReplicaShellTest, P8_RenewNowIsProvenByARenewalSentAfterIt) {
  std::atomic<bool> proven = false;
  std::atomic<int> sent = 0;
  on_own_ = [&](LeaseHold& hold) -> Status {
    const std::string before = lease()->version;
    const int renewals = renewals_.count();
    BATON_CHECK(hold.renew_now());
    sent = renewals_.count() - renewals;
    proven = lease()->version != before && hold.trusted_until() > clock_.now();
    return {};
  };
  start();
  running_.await(1);
  EXPECT_TRUE(proven);
  EXPECT_GE(sent, 1);
  stop();
}

TEST_F(ReplicaShellTest, ALostLeaseStopsTheRunAndItsHoldSaysSo) {
  std::atomic<int> kind = -1;
  Tally ended;
  on_run_ = [&](LeaseHold& hold, const std::stop_token& stop) {
    if (kind != -1) return;
    Tally stopped;
    const std::stop_callback on_stop(stop, [&] { stopped.add(); });
    LeaseRecord thief = *lease();
    thief.owner_name = "thief";
    thief.version = "stolen";
    EXPECT_TRUE(memory_.take(thief, lease(), Duration(1'000)));
    stopped.await(1);
    EXPECT_LE(hold.trusted_until(), clock_.now());
    const Status renewed = hold.renew_now();
    kind = renewed ? -2 : static_cast<int>(renewed.error().kind);
    ended.add();
  };
  start();
  ended.await(1);
  EXPECT_EQ(kind, static_cast<int>(ErrorKind::lease_lost));
  stop();
}

TEST_F(ReplicaShellTest, AnExceptionInAJobsThreadIsAnErrorOfThatJobOnly) {
  std::atomic<int> thrown = 0;
  on_own_ = [&](LeaseHold&) -> Status {
    if (thrown++ == 0) throw std::runtime_error("no such fence");
    return {};
  };
  on_run_ = [&](LeaseHold&, const std::stop_token&) {
    if (thrown++ == 2) throw 7;
  };
  Tally told;
  before_tell_ = [&](const Tell& line) {
    if (line.text.find("no such fence") != std::string::npos) told.add();
  };
  start();
  running_.await(2);
  told.await(1);
  stop();
}

TEST_F(ReplicaShellTest, P22_AShutdownInterruptsBecomingTheOwner) {
  on_own_stoppable_ = [&](const std::stop_token& stop) -> Status {
    Tally stopped;
    const std::stop_callback on_stop(stop, [&] { stopped.add(); });
    stopped.await(1);
    return fail(ErrorKind::retry, "stopped");
  };
  start();
  owning_.await(1);
  stop();
  EXPECT_TRUE(lease()->released);
}

TEST_F(ReplicaShellTest, NothingHappensForLongThenItsPulseTicksAllTheSame) {
  ReplicaWatch watch;
  parts_.watch = &watch;
  settings_.timings = {Duration(7'200'000), Duration(3'600'000), Duration(3'600'000)};
  start();
  running_.await(1);
  const Instant before = clock_.now() + between_ticks;
  while (watch.pulse().at < before && clock_.now() < before + Duration(60'000)) {
    clock_.wait_until(clock_.now() + Duration(10), {});
  }
  EXPECT_GE(watch.pulse().at, before);
  EXPECT_TRUE(watch.pulse().ready());
  stop();
  EXPECT_FALSE(watch.pulse().ready());
}

TEST_F(ReplicaShellTest, TheThreadThatDecidesHangsThenItTicksNoMoreAndNoProbeHangsWithIt) {
  HangingRandom random(random_);
  ReplicaWatch watch;
  parts_.random = &random;
  parts_.watch = &watch;
  start();
  running_.await(1);
  ASSERT_EQ(watch.view()->leases_held, 1);
  random.hang();
  const Instant last = watch.pulse().at;
  std::jthread scrape([&] { EXPECT_EQ(watch.view()->leases_held, 1); });
  EXPECT_FALSE(loops_tick(watch.pulse(), Duration(10'000), last + Duration(10'000)));
  EXPECT_EQ(watch.pulse().at, last);
  random.end();
  scrape.join();
  stop();
}

TEST_F(ReplicaShellTest, ARepositoryThatFailedIsOpenedAnew) {
  std::atomic<bool> broken = false;
  before_look_ = [&]() -> Status { return broken.exchange(false) ? fail(ErrorKind::retry, "gone") : Status(); };
  start();
  running_.await(1);
  const int before = opened_.count();
  broken = true;
  opened_.await(before + 1);
  stop();
}

}  // namespace
}  // namespace baton
