// Several ReplicaCores in virtual time, on one lease store in memory and a tiny job repository. Stores answer after a
// few milliseconds; runs take a while.
#pragma once

#include "replica/replica_core.h"
#include "tests/doubles/breakable_lease_store.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton {

class VirtualDeployment {
 public:
  VirtualDeployment(std::uint64_t seed, LeaseTimings timings, std::vector<ReplicaJob> jobs)
      : random_(seed), timings_(timings), jobs_(std::move(jobs)), memory_(random_), store(memory_) {}

  // Starts one; returns its id.
  std::string start(std::int64_t tokens, Balance balance = Balance::fair) {
    ReplicaSettings settings;
    settings.id = "r" + std::to_string(++started_);
    settings.tokens = tokens;
    settings.balance = balance;
    settings.timings = timings_;
    settings.config_hash = "hash";
    settings.jobs = jobs_;
    auto one = std::make_shared<Member>(settings, random_);
    members_[settings.id] = one;
    give(one, TimePassed{});
    return settings.id;
  }

  // Its process ends at once: what it has sent may still arrive.
  void kill(const std::string& id) {
    members_.at(id)->dead = true;
    members_.erase(id);
  }
  void shut_down(const std::string& id) { give(members_.at(id), ShutdownAsked{}); }

  void pass(Duration time) {
    const Instant until = now_ + time;
    while (true) {
      Instant next = queue_.empty() ? Instant::max() : queue_.begin()->first;
      std::shared_ptr<Member> due;
      for (const auto& [id, one] : members_) {
        if (one->core.next_at() >= next) continue;
        next = one->core.next_at();
        due = one;
      }
      if (next > until) break;
      now_ = std::max(now_, next);
      if (due) {
        give(due, TimePassed{});
        ASSERT_GT(due->core.next_at(), now_) << due->settings.id << " would spin";
      } else {
        const auto action = std::move(queue_.begin()->second);
        queue_.erase(queue_.begin());
        action();
      }
      check();
    }
    now_ = until;
  }

  // Jobs that are idle or running, by replica.
  std::map<std::string, std::int64_t> owned() const {
    std::map<std::string, std::int64_t> owned;
    for (const auto& [id, one] : members_) {
      owned[id] = 0;
      for (const ReplicaJob& job : jobs_) {
        const JobPhase phase = one->core.phase(job.name);
        owned[id] += phase == JobPhase::idle || phase == JobPhase::running ? 1 : 0;
      }
    }
    return owned;
  }
  std::int64_t all_owned() const {
    std::int64_t sum = 0;
    for (const auto& [id, count] : owned()) sum += count;
    return sum;
  }
  bool alive(const std::string& id) const { return members_.contains(id); }

  bool repository_away = false;
  std::int64_t offers = 0;
  std::int64_t runs = 0;
  std::int64_t listings = 0;

 private:
  struct Member {
    Member(ReplicaSettings the_settings, Random& random) : settings(std::move(the_settings)), core(settings, random) {}

    ReplicaSettings settings;
    ReplicaCore core;
    std::map<std::string, std::int64_t> run_of;  // the number of the run under way
    bool dead = false;
  };
  using MemberPtr = std::shared_ptr<Member>;

  void give(const MemberPtr& to, const ReplicaEvent& event) {
    if (to->dead) return;
    for (const ReplicaAction& action : to->core.on(event, now_)) {
      std::visit([&](const auto& one) { carry_out(to, one); }, action);
    }
  }

  void later(Duration delay, std::function<void()> action) { queue_.emplace(now_ + delay, std::move(action)); }
  Duration latency() { return Duration(1 + static_cast<std::int64_t>(below(random_, 8))); }

  // Arrives after one latency, its answer after another.
  template <class Call>
  void call(const MemberPtr& from, Call call) {
    later(latency(), [this, from, call] {
      const ReplicaEvent event = call();
      later(latency(), [this, from, event] { give(from, event); });
    });
  }

  void carry_out(const MemberPtr& from, const RenewLeases& wanted) {
    call(from, [this, wanted]() -> ReplicaEvent {
      LeasesRenewed renewed;
      for (const LeaseRenewal& one : wanted.renewals) renewed.keys.push_back(one.key);
      renewed.answers = store.renew(wanted.renewals, wanted.timeout);
      return renewed;
    });
  }
  void carry_out(const MemberPtr& from, const ListLeases& wanted) {
    ++listings;
    call(from, [this, wanted]() -> ReplicaEvent { return LeasesListed{store.list(wanted.timeout)}; });
  }
  void carry_out(const MemberPtr& from, const ReadLease& read) {
    call(from, [this, read]() -> ReplicaEvent { return LeaseRead{read.key, store.read(read.key, read.timeout)}; });
  }
  void carry_out(const MemberPtr& from, const TakeLease& take) {
    call(from, [this, take]() -> ReplicaEvent {
      return LeaseTaken{take.mine.key, store.take(take.mine, take.seen, take.timeout)};
    });
  }
  void carry_out(const MemberPtr& from, const ReleaseLease& one) {
    call(from, [this, one]() -> ReplicaEvent {
      return LeaseReleased{one.key, store.release(one.key, one.owner_name, one.version, one.timeout)};
    });
  }

  WallTime wall() const { return WallTime(now_.time_since_epoch()) + std::chrono::hours(24 * 365 * 50); }

  void carry_out(const MemberPtr& from, const LookAtRepository& look) {
    call(from, [this, look]() -> ReplicaEvent {
      if (repository_away) return RepositoryLooked{fail(ErrorKind::retry, "away")};
      if (look.beat) {
        rows_[look.beat->id] = *look.beat;
        rows_[look.beat->id].beat = wall();
      }
      RepositoryView view;
      for (const std::string& job : look.jobs) {
        JobControl control;
        control.job = job;
        control.first_seen = wall();
        controls_.emplace(job, control);
      }
      view.now = wall();
      for (const auto& [id, row] : rows_) view.replicas.push_back(row);
      for (const auto& [job, control] : controls_) view.jobs.push_back(control);
      return RepositoryLooked{view};
    });
  }
  void carry_out(const MemberPtr& from, const WriteOffer& wanted) {
    call(from, [this, wanted]() -> ReplicaEvent {
      if (repository_away) return OfferWritten{wanted.job, fail(ErrorKind::retry, "away")};
      ++offers;
      controls_.at(wanted.job).offer = Offer{wanted.offer.to, wanted.offer.by, wall()};
      return OfferWritten{wanted.job, {}};
    });
  }

  bool trusted(const Member& one, const std::string& job) const {
    const HeldLease* lease = one.core.lease(job);
    return lease != nullptr && lease->trusted(now_);
  }

  void carry_out(const MemberPtr& from, const BecomeOwner& become) {
    later(latency(), [this, from, become] { give(from, RenewalWanted{become.job}); });
    later(Duration(50) + latency(), [this, from, become] {
      if (repository_away || !trusted(*from, become.job)) {
        return give(from, OwnershipReached{become.job, fail(ErrorKind::retry, "not now")});
      }
      controls_.at(become.job).offer.reset();
      const auto last = last_.find(become.job);
      give(from, OwnershipReached{become.job, last == last_.end() ? std::nullopt : std::optional(last->second)});
    });
  }
  void carry_out(const MemberPtr& from, const StartRun& start) {
    const std::int64_t number = ++runs;
    from->run_of[start.job] = number;
    const Duration lasts(10 + static_cast<std::int64_t>(below(random_, 1'500)));
    later(lasts, [this, from, start, number] { end(from, start.job, number, true); });
  }
  void carry_out(const MemberPtr& from, const StopRun& stop) {
    const std::int64_t number = from->run_of[stop.job];
    later(Duration(30), [this, from, stop, number] { end(from, stop.job, number, false); });
  }
  void carry_out(const MemberPtr& from, const AskProgress& ask) {
    later(Duration(0), [this, from, ask] { give(from, ProgressSeen{ask.job, std::nullopt, std::nullopt}); });
  }
  void carry_out(const MemberPtr& /*from*/, const NoteStall& /*stall*/) {}
  void end(const MemberPtr& from, const std::string& job, std::int64_t number, bool completed) {
    if (from->dead || from->run_of[job] != number) return;
    from->run_of.erase(job);
    if (repository_away || !trusted(*from, job)) {
      return give(from, RunEnded{job, fail(trusted(*from, job) ? ErrorKind::retry : ErrorKind::lease_lost, "no")});
    }
    LastRun last;
    last.instance = last.execution = number;
    last.status = completed ? BatchStatus::completed : BatchStatus::stopped;
    last.ended_by = completed ? EndedBy::itself : EndedBy::shutdown;
    last.unfinished = !completed;
    last.ended = wall();
    last_[job] = last;
    RunOutcome outcome;
    outcome.last = last;
    outcome.execution.emplace();
    give(from, RunEnded{job, outcome});
  }
  void carry_out(const MemberPtr& from, const CloseNobodys& close) {
    call(from, [close]() -> ReplicaEvent { return NobodysClosed{close.job, {}}; });
  }
  void carry_out(const MemberPtr& /*from*/, const Tell& tell) { log.push_back(tell.text); }
  void carry_out(const MemberPtr& from, const Finish& /*finish*/) {
    for (const ReplicaJob& job : jobs_) EXPECT_EQ(from->core.lease(job.name), nullptr);
    rows_.erase(from->settings.id);
    later(Duration(0), [this, from] { members_.erase(from->settings.id); });
  }

  void check() {
    for (const ReplicaJob& job : jobs_) {
      int holders = 0;
      for (const auto& [id, one] : members_) holders += trusted(*one, job.name) ? 1 : 0;
      ASSERT_LE(holders, 1) << job.name;
    }
    for (const auto& [id, one] : members_) {
      std::int64_t in_hand = 0;
      for (const ReplicaJob& job : jobs_) in_hand += one->core.phase(job.name) != JobPhase::waiting ? 1 : 0;
      ASSERT_EQ(in_hand, one->core.tokens_used()) << id;
      ASSERT_LE(in_hand, one->settings.tokens) << id;
    }
  }

  SeededRandom random_;
  LeaseTimings timings_;
  std::vector<ReplicaJob> jobs_;
  MemoryLeaseStore memory_;
  Instant now_{std::chrono::hours(1)};
  std::multimap<Instant, std::function<void()>> queue_;
  std::map<std::string, MemberPtr> members_;
  std::map<std::string, ReplicaRow> rows_;
  std::map<std::string, JobControl> controls_;
  std::map<std::string, LastRun> last_;
  int started_ = 0;

 public:
  BreakableLeaseStore store;
  std::vector<std::string> log;
};

}  // namespace baton
