// One folder in which a scenario's jobs are run, killed, carried on, and checked.
#pragma once

#include "tests/doubles/temporary_folder.h"
#include "tests/process/kill_outcome.h"
#include "tests/process/kill_scenarios.h"
#include "tests/process/process_run.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

using KillDelay = std::chrono::microseconds;

// What an undisturbed run of a scenario leaves, and how many points it has to be killed at.
struct Undisturbed {
  Outcome outcome;
  std::vector<std::string> calls;  // of its stores, in order; kill points are 1 to 2 × size
  std::uint64_t writes = 0;        // of SQLite; kill points are 1 to 3 × writes
  KillDelay duration{0};

  std::uint64_t points() const { return 2 * calls.size(); }
  std::uint64_t write_points() const { return 3 * writes; }
};

class KillTrial {
 public:
  // A dead owner's lease is waited out for so long.
  static constexpr int lease_ms = 600;

  KillTrial(const KillScenario& scenario, const std::string& inputs, std::string planted_bug = "",
            int lease = lease_ms);

  // Kills itself at the point, or ends before it.
  ProcessEnd run_with_kill_at(std::uint64_t point);
  ProcessEnd run_with_kill_at_write(std::uint64_t point);
  ProcessEnd run_with_kill_before(const std::string& call);
  ProcessEnd run_one(const std::vector<std::string>& arguments) { return run(arguments, {}); }
  // Kills itself at the point while others wait for the leases, to carry on what it leaves.
  ProcessEnd run_with_heirs(std::uint64_t point);
  // Is killed after the delay, or ends before it; so is an heir that waits for its lease, where it has a delay.
  std::vector<ProcessEnd> run_killed_after(KillDelay delay, std::optional<KillDelay> heir);
  Undisturbed run_undisturbed();

  // True once the run of every job is finished; the next `run --once` would begin new ones.
  bool finished() const;
  // Runs until every job is finished and every lease released; false, with a sentence in `problems`, if that does not
  // come about.
  bool finish(std::vector<std::string>& problems);

  // A sentence for everything that is not as after an undisturbed run.
  std::vector<std::string> problems(const Outcome& expected) const;
  std::string log() const;
  const std::string& folder() const { return folder_.path(); }

 private:
  using Variables = std::vector<std::pair<std::string, std::string>>;

  std::vector<std::string> command(const std::vector<std::string>& arguments) const;
  // Of all jobs but those that are finished: they would begin a new run.
  std::vector<std::string> run_all() const;
  ProcessEnd run(const std::vector<std::string>& arguments, Variables variables);

  const KillScenario& scenario_;
  TemporaryFolder folder_;
  std::string planted_bug_;
};

}  // namespace baton
