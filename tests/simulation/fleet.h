// The Deployment of a simulation: machines, the processes on them, and the configuration that new ones start with.
#pragma once

#include "tests/simulation/replica_process.h"

#include <functional>
#include <memory>
#include <vector>

namespace baton {

class Fleet {
 public:
  explicit Fleet(Surroundings& world);

  void start();
  // Kills what runs on the machine; a new process starts there after `down`.
  void crash(std::size_t machine, TrueTime down);
  void crash_process(ReplicaProcess& process, TrueTime down);
  void pause(std::size_t machine, TrueTime length);
  void cut(std::size_t machine, bool leases, bool databases, bool one_way, TrueTime length);
  void step_wall(std::size_t machine, TrueTime by);
  void roll();             // every process anew, one after the other
  void scale(int wanted);  // as many machines
  void remove_or_add_job();
  // The newest configuration: processes that start from now on have it.
  void configure(std::vector<SimulatedJob> jobs);
  // SIGTERM, and then a process of the newest configuration.
  void update(std::size_t machine) { replace(machine, {}); }
  void change_tokens(std::int64_t tokens);
  // All is well from now on: every machine runs a process of the newest configuration.
  void heal();

  std::size_t machines() const { return machines_.size(); }
  std::vector<ReplicaProcess*> alive() const;
  ReplicaProcess* find(const std::string& id) const;
  const std::vector<SimulatedJob>& jobs() const { return jobs_; }  // of the newest configuration
  std::int64_t tokens() const { return tokens_; }
  TrueTime lived() const;  // of all processes together
  std::int64_t starts() const { return static_cast<std::int64_t>(lives_.size()); }

 private:
  struct Machine {
    SimulatedHost host;
    ReplicaProcess* process = nullptr;
    bool wanted = true;
    TrueTime started{0};
  };

  void start_on(Machine& machine);
  void replace(std::size_t machine, std::function<void()> then);
  void await_end(std::size_t machine, const ReplicaProcess* process, TrueTime kill_at, std::function<void()> then);
  void restart_later(Machine& machine, TrueTime down);
  void ended(Machine& machine);
  void configure_and_roll();

  Surroundings& world_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<ReplicaProcess>> lives_;  // dead ones too: what comes late still finds them
  std::vector<SimulatedJob> jobs_;
  std::vector<SimulatedJob> removed_;
  std::int64_t tokens_ = 1;
  std::int64_t configuration_ = 1;
  bool rolling_ = false;
  TrueTime lived_{0};
};

}  // namespace baton
