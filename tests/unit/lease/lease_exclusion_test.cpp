// Several replicas run the lease protocol against one store in simulated time, while calls are slow, lost or late, and
// replicas stop, go on and die. At no moment do two of them trust the lease.
#include "lease/held_lease.h"
#include "lease/take_lease.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>
#include <functional>
#include <map>

namespace baton {
namespace {

using Step = HeldLease::Step;
using Read = Result<std::optional<LeaseRecord>>;

const LeaseTimings timings{Duration(2'000), Duration(500), Duration(100)};
constexpr Duration timeout_of_take{500};
constexpr Duration ignored{0};
const std::string key = "job";

// Runs actions in the order of their moments.
class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : random(seed), store(random) {}

  void after(Duration delay, std::function<void()> action) { events_.emplace(now + delay, std::move(action)); }

  template <class Check>
  void run_until(Instant end, Check check) {
    while (!events_.empty() && events_.begin()->first <= end) {
      const auto event = events_.extract(events_.begin());
      now = std::max(now, event.key());
      check();
      event.mapped()();
      check();
    }
  }

  bool once_in(std::uint64_t times) { return below(random, times) == 0; }
  Duration up_to(std::int64_t most) {
    return Duration(static_cast<std::int64_t>(below(random, static_cast<std::uint64_t>(most) + 1)));
  }
  Duration latency() {
    if (once_in(12)) return up_to(4'000);
    return once_in(4) ? up_to(500) : up_to(20);
  }

  // A call that the store carries out at some moment or never, and whose answer comes, late or not, or not at all.
  template <class Answer>
  void call(Duration timeout, std::function<Answer()> at_store, ErrorKind without_answer,
            std::function<void(const Answer&)> at_caller) {
    const Duration there = latency();
    const Duration back = there + latency();
    const bool request_lost = once_in(25);
    const bool answered = !request_lost && !once_in(25) && back <= timeout;
    const auto answer = std::make_shared<Answer>(fail(without_answer, "no answer"));
    if (!request_lost) {
      after(there, [=] {
        Answer done = at_store();
        if (answered) *answer = std::move(done);
      });
    }
    after(answered ? back : timeout, [=] { at_caller(*answer); });
  }

  Instant now{std::chrono::hours(1)};
  SeededRandom random;
  MemoryLeaseStore store;

 private:
  std::multimap<Instant, std::function<void()>> events_;
};

class Replica {
 public:
  Replica(Simulation& simulation, std::string name) : simulation_(simulation), name_(std::move(name)) { step(); }

  bool trusts() const { return lease_ && lease_->trusted(simulation_.now); }
  int acquired() const { return acquired_; }

 private:
  void step() {
    simulation_.after(Duration(20), [this] { step(); });
    if (simulation_.now < stopped_until_ || waits_for_answer_) return;
    if (simulation_.once_in(300)) stopped_until_ = simulation_.now + simulation_.up_to(6'000);
    if (simulation_.once_in(2'000)) return die();
    if (lease_ && lease_->over(simulation_.now)) lease_.reset();
    if (lease_) return work();
    if (simulation_.now >= look_at_) look();
  }

  // Its successor has another name and remembers nothing; what it has sent still arrives.
  void die() {
    ++lives_;
    lease_.reset();
    unknown_.reset();
    observer_ = LeaseObserver();
  }
  std::string owner() const { return name_ + std::to_string(lives_); }

  template <class Answer>
  void send(Duration timeout, std::function<Answer()> at_store, ErrorKind without_answer,
            std::function<void(const Answer&)> then) {
    waits_for_answer_ = true;
    simulation_.call<Answer>(timeout, std::move(at_store), without_answer,
                             [this, then, life = lives_](const Answer& answer) { arrive(answer, then, life); });
  }
  template <class Answer>
  void arrive(const Answer& answer, const std::function<void(const Answer&)>& then, int life) {
    if (simulation_.now < stopped_until_) {  // read when it goes on
      simulation_.after(std::chrono::duration_cast<Duration>(stopped_until_ - simulation_.now),
                        [=, this] { arrive(answer, then, life); });
      return;
    }
    waits_for_answer_ = false;
    if (life == lives_) then(answer);
  }

  void work() {
    HeldLease& lease = *lease_;
    const Instant now = simulation_.now;
    if (simulation_.once_in(150)) lease.ask_release(now);
    const Duration timeout = lease.attempt_timeout(now);
    switch (lease.next(now)) {
      case Step::none: return;
      case Step::renew: {
        const LeaseRenewal renewal = lease.begin_renewal(uuid(simulation_.random), now);
        return send<Status>(
            timeout,
            [this, renewal] {
              return simulation_.store.renew({&renewal, 1}, ignored).front();
            },
            ErrorKind::unknown_outcome, [this](const Status& a) { lease_->renewal_answered(a, simulation_.now); });
      }
      case Step::read_back:
        lease.begin_read_back();
        return send<Read>(
            timeout, [this] { return simulation_.store.read(key, ignored); }, ErrorKind::retry,
            [this](const Read& a) { lease_->read_back_answered(a, simulation_.now); });
      case Step::release:
        lease.begin_release();
        return send<Status>(
            timeout,
            [this, mine = lease.record()] {
              return simulation_.store.release(key, mine.owner_name, mine.version, ignored);
            },
            ErrorKind::unknown_outcome, [this](const Status& a) { lease_->release_answered(a, simulation_.now); });
    }
  }

  void look() {
    look_at_ = simulation_.now + timings.refresh;
    send<Read>(
        timeout_of_take, [this] { return simulation_.store.read(key, ignored); }, ErrorKind::retry,
        [this](const Read& a) { decide(a); });
  }

  void decide(const Read& answer) {
    if (!answer) return;
    if (unknown_ && take_is_proven(unknown_->first, *answer)) return have(unknown_->first, unknown_->second);
    const TakeDecision decision = decide_take(*answer, owner(), observer_, simulation_.now);
    const Instant sent_at = simulation_.now;
    if (decision.kind == TakeDecision::Kind::take) {
      const LeaseRecord mine = record_to_take(key, owner(), timings.lease, uuid(simulation_.random), decision.seen);
      send<Status>(
          timeout_of_take, [=, this] { return simulation_.store.take(mine, decision.seen, ignored); },
          ErrorKind::unknown_outcome,
          [=, this](const Status& a) {
            if (a) return have(mine, sent_at);
            if (a.error().kind == ErrorKind::unknown_outcome) unknown_ = {mine, sent_at};
          });
    } else if (decision.kind == TakeDecision::Kind::mine) {
      LeaseRecord mine = *decision.seen;
      const LeaseRenewal renewal{key, owner(), mine.version, uuid(simulation_.random), timings.lease};
      mine.version = renewal.new_version;
      send<Status>(
          timeout_of_take,
          [=, this] {
            return simulation_.store.renew({&renewal, 1}, ignored).front();
          },
          ErrorKind::unknown_outcome,
          [=, this](const Status& a) {
            if (a) have(mine, sent_at);
          });
    }
  }

  void have(const LeaseRecord& mine, Instant sent_at) {
    HeldLease lease(mine, sent_at, timings);
    if (!lease.trusted(simulation_.now)) return;
    lease_ = std::move(lease);
    ++acquired_;
  }

  Simulation& simulation_;
  std::string name_;
  int lives_ = 0;
  std::optional<HeldLease> lease_;
  LeaseObserver observer_;
  std::optional<std::pair<LeaseRecord, Instant>> unknown_;
  Instant look_at_{};
  Instant stopped_until_{};
  bool waits_for_answer_ = false;
  int acquired_ = 0;
};

TEST(LeaseExclusion, WhateverIsLostOrLateAtMostOneReplicaTrustsTheLease) {
  int acquired = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Simulation simulation(seed);
    Replica a(simulation, "a");
    Replica b(simulation, "b");
    Replica c(simulation, "c");
    bool alone = true;
    simulation.run_until(simulation.now + Duration(120'000),
                         [&] { alone = alone && int{a.trusts()} + int{b.trusts()} + int{c.trusts()} <= 1; });
    ASSERT_TRUE(alone) << "seed " << seed;
    acquired += a.acquired() + b.acquired() + c.acquired();
  }
  EXPECT_GT(acquired, 60 * 5) << "too little happened for this to mean anything";
}

}  // namespace
}  // namespace baton
