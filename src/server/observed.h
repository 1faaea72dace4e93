// What the HTTP service shows, as plain values, and whom it asks for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton {

// Times are Unix timestamps, lengths of time are lengths; both in seconds.

struct DurationSummary {
  std::uint64_t count = 0;
  double sum = 0;
  double max = 0;  // of the last two minutes or so
};

// Executions of a job, or of one of its steps, that ended with this exit code.
struct RunDurations {
  std::string job;
  std::string step;  // empty: of the job
  std::string status;
  DurationSummary durations;
};

// A step of the configuration.
struct ActiveStep {
  std::string job;
  std::string step;
  std::optional<double> running_for;  // in this replica; absent: it does not
};

// Counters are those of this process.
struct JobMetrics {
  std::string job;
  bool owned = false;    // by this replica
  bool unowned = false;  // by nobody, as far as this replica sees
  std::optional<double> running_for;
  std::optional<double> paused_since;
  std::string state;                   // one of MetricsSnapshot::states; empty: not judged here
  std::optional<double> last_success;  // 0: it never had one; absent: this replica does not know
  std::optional<double> first_seen;
  std::optional<double> next_start;
  double expected_interval = 0;  // the longest pause between two starts; 0: it is started by hand
  double grace = 0;
  DurationSummary start_lateness;
  std::uint64_t rows_read = 0;
  std::uint64_t rows_written = 0;
  std::uint64_t rows_filtered = 0;
  std::uint64_t rows_rejected = 0;
  std::uint64_t refused_commits = 0;
  std::uint64_t acquisitions = 0;
  std::uint64_t losses_idle = 0;
  std::uint64_t losses_running = 0;
};

struct MonitorShown {
  std::string monitor;
  double interval = 0;
  double last_pass = 0;         // 0: never, as far as this replica knows
  DurationSummary passes = {};  // of this replica
};

struct MetricsSnapshot {
  std::string version;
  std::string replica;
  std::int64_t tokens = 0;
  std::int64_t tokens_used = 0;
  std::int64_t live_replicas = 0;  // as this one sees it, itself included; the same for the rest
  std::int64_t live_tokens = 0;
  std::int64_t jobs_to_own = 0;  // those that need a token
  std::int64_t jobs_unowned = 0;
  std::int64_t leases_held = 0;
  std::uint64_t renewals = 0;
  std::uint64_t renewal_failures = 0;
  DurationSummary renewal_latency;         // of a batch, from its sending to its answer
  std::optional<double> least_trust_left;  // absent: no lease is held
  bool live = false;
  bool ready = false;
  bool repository_up = false;
  bool lease_store_up = false;
  std::uint64_t launches = 0;
  std::vector<std::string> states;  // that a job can be in
  std::vector<JobMetrics> jobs;
  std::vector<RunDurations> runs;  // of jobs and of steps
  std::vector<ActiveStep> steps;
  std::vector<std::pair<std::string, std::int64_t>> alerts;  // kind → how many are open
  std::vector<MonitorShown> monitors;
};

struct HealthPart {
  std::string name;  // "repository", "leaseStore"
  bool up = false;
  std::string why_not = {};  // where there is more to say than that it does not answer
};

struct ServerHealth {
  bool live = false;   // its loops tick
  bool ready = false;  // it has looked at both stores, they answer, and it is not leaving
  std::vector<HealthPart> parts;
};

// Thread-safe. Answers from memory: neither call waits for a store, nor for a loop that hangs.
class Observed {
 public:
  Observed() = default;
  Observed(const Observed&) = delete;
  Observed& operator=(const Observed&) = delete;
  virtual ~Observed() = default;

  virtual MetricsSnapshot metrics() const = 0;
  virtual ServerHealth health() const = 0;
};

}  // namespace baton
