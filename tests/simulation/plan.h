// What a seed stands for: settings, jobs, and which faults come how often. Each seed switches on a part of the faults
// only: some bugs show where little else goes wrong.
#pragma once

#include "data/writer.h"
#include "replica/replica_settings.h"
#include "tests/simulation/network.h"

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

struct SimulatedStep {
  enum class Kind { load, sql, native };
  std::string name;
  Kind kind = Kind::load;
  std::string database;  // identity; empty for native
  WriteMode mode = WriteMode::append;
  std::uint64_t rows = 0;
  std::uint64_t chunk_rows = 0;
  Duration work{0};  // of a chunk, or of the step
};

struct SimulatedJob {
  ReplicaJob settings;
  std::vector<SimulatedStep> steps;
  double chunk_fails = 0;  // chance that the input cannot be read at a chunk
  double chunk_kills = 0;  // chance that reading a chunk ends the process
};

enum class FaultKind {
  crash,
  crash_all,
  pause,
  cut_leases,
  cut_repository,
  cut_both,
  cut_one_way,
  store_outage,
  wall_step,
  rolling_restart,
  change_jobs,
  change_tokens,
  person,
  foreign_owner,
  scale,
};
inline constexpr int fault_kinds = 15;

struct SimulationPlan {
  std::uint64_t seed = 0;
  LeaseTimings timings;
  Balance balance = Balance::fair;
  std::int64_t tokens = 1;
  int hosts = 3;
  std::vector<SimulatedJob> jobs;
  Duration database_timeout{0};
  NetworkFaults lease_network;
  NetworkFaults database_network;
  double commit_stalls = 0;  // chance that a COMMIT stands still at the server, its guard passed
  TrueTime longest_stall{0};
  double stops_at_calls = 0;  // chance that a process is stopped when it calls a database; ten times that at a fence
  double drift = 0.001;       // of a boot clock, at most
  TrueTime wall_skew{0};      // of a wall clock, at most
  std::vector<std::pair<FaultKind, TrueTime>> faults;  // with the mean gap between two
  TrueTime chaos{0};                                   // how long they last

  // A share of the lease's length.
  TrueTime leases(double count) const {
    return TrueTime(static_cast<std::int64_t>(count * 1000.0 * static_cast<double>(timings.lease.count())));
  }
};

// REQUIRES: nothing; every seed is a plan.
SimulationPlan plan_of(std::uint64_t seed);

// The same with jobs that stand idle for a while after each run: only such ones can be handed over, so that shares
// become equal.
SimulationPlan plan_with_idle_jobs(std::uint64_t seed);

// What a run takes where nothing goes wrong, at most.
TrueTime longest_run_of(const SimulatedJob& job, const SimulationPlan& plan);

}  // namespace baton
