// One life of a simulated replica: it does with events and fibers what runtime/replica.h does with threads.
#pragma once

#include "lease/lease_hold.h"
#include "replica/replica_core.h"
#include "tests/doubles/seeded_random.h"
#include "tests/simulation/fiber.h"
#include "tests/simulation/surroundings.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace baton {

// The machine that a process runs on: its clocks, and its ways to the stores.
struct SimulatedHost {
  int number = 0;
  TrueTime boot_offset{0};
  double drift = 0;
  TrueTime wall_skew{0};
  Link leases;
  std::map<std::string, Link> databases;
};

class ReplicaProcess {
 public:
  ReplicaProcess(Surroundings& world, SimulatedHost& host, ReplicaSettings settings, std::vector<SimulatedJob> jobs);
  ReplicaProcess(const ReplicaProcess&) = delete;
  ReplicaProcess& operator=(const ReplicaProcess&) = delete;
  ~ReplicaProcess();

  void start();
  void shut_down();  // SIGTERM
  void crash();      // not from one of its own fibers
  void pause();      // SIGSTOP
  void go_on();      // SIGCONT
  // The loop that decides stands still for so long, and nothing else of the process.
  void hang(TrueTime length);
  bool hung() const { return hung_; }
  void notice(const ChangesNoticed& changes);
  bool alive() const { return alive_; }
  bool paused() const { return paused_; }
  bool stopping() const { return stopping_; }

  const std::string& id() const { return settings_.id; }
  const ReplicaSettings& settings() const { return settings_; }
  const ReplicaCore& core() const { return core_; }
  Surroundings& world() { return world_; }
  SimulatedHost& host() { return host_; }
  Clock& clock();
  bool trusts(const std::string& job) const;
  bool works_on(const std::string& job) const { return working_on_.contains(job); }

  // For the code on fibers: makes a call and waits.
  CallFate call(Link& link, Duration timeout, std::function<void(const Network::Answer&)> at_server);
  bool stay_until(Instant until, std::stop_token stop);
  Instant boot_now() const;
  TrueTime true_at(Instant instant) const;

 private:
  class Hold;
  class ProcessClock;
  struct Task {
    std::unique_ptr<Fiber> fiber;
    std::uint64_t sleep = 0;  // raised at each wake: a late alarm finds another number
  };
  struct Tenure {
    std::shared_ptr<Hold> hold;
    std::int64_t acquisition = 0;
    Ownership ownership;
    std::stop_source stop;
    std::shared_ptr<RunSignals> signals;
    std::uint64_t run = 0;
  };

  void deliver(std::function<void()> what);
  void post(ReplicaEvent event);
  void decide();
  void check_tokens();
  void check_trust();
  void arm();
  void ring();
  void spawn(const std::string& job, std::function<void()> body);
  void wake(std::uint64_t task, std::uint64_t sleep);
  void run_task(std::uint64_t task);
  template <class T>
  void ask_leases(bool serial, Duration timeout, bool writes, std::function<T()> at_server,
                  std::function<void(Result<T>)> answered);
  void errand(std::function<void()> start, std::deque<std::function<void()>>& line);
  void errand_done(std::deque<std::function<void()>>& line);
  const SimulatedJob* job(const std::string& name) const;

  void carry_out(const RenewLeases& action);
  void carry_out(const ListLeases& action);
  void carry_out(const ReadLease& action);
  void carry_out(const TakeLease& action);
  void carry_out(const ReleaseLease& action);
  void carry_out(const LookAtRepository& action);
  void carry_out(const WriteOffer& action);
  void carry_out(const BecomeOwner& action);
  void carry_out(const StartRun& action);
  void carry_out(const StopRun& action);
  void carry_out(const AskProgress& action);
  void carry_out(const NoteStall& action);
  void carry_out(const CloseNobodys& action);
  void carry_out(const Tell& action);
  void carry_out(const Finish& action);

  Surroundings& world_;
  SimulatedHost& host_;
  const ReplicaSettings settings_;
  const std::vector<SimulatedJob> jobs_;
  SeededRandom random_;
  std::unique_ptr<ProcessClock> clock_;
  ReplicaCore core_;
  bool alive_ = true;
  bool paused_ = false;
  bool hung_ = false;
  bool stopping_ = false;                         // SIGTERM was sent
  std::vector<std::function<void()>> kept_back_;  // while paused
  std::deque<ReplicaEvent> inbox_;
  bool deciding_ = false;
  std::optional<TrueTime> armed_for_;
  std::uint64_t alarm_ = 0;
  std::map<std::uint64_t, Task> tasks_;
  std::uint64_t last_task_ = 0;
  std::uint64_t current_task_ = 0;
  std::vector<std::uint64_t> listening_;  // tasks that wait for the next decision
  std::multiset<std::string> working_on_;
  std::set<std::string> closing_;
  std::map<std::string, Tenure> tenures_;
  std::deque<std::function<void()>> lease_line_;
  std::deque<std::function<void()>> repository_line_;
};

}  // namespace baton
