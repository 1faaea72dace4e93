// Counts what the runs of this process read and write, and how long they take.
#pragma once

#include "base/duration_tally.h"
#include "batch/step.h"
#include "config/config.h"
#include "server/observed.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace baton {

// Thread-safe. Knows the configuration's jobs and steps from the start, so that each has its series from the start.
class RunMeter {
 public:
  explicit RunMeter(const Config& config);
  RunMeter(const RunMeter&) = delete;
  RunMeter& operator=(const RunMeter&) = delete;
  ~RunMeter() = default;

  void launched();
  void moved(const std::string& job, const StepCounts& by);
  // `step` empty: the job's execution. `status` is its exit code.
  void ended(const std::string& job, const std::string& step, const std::string& status,
             std::chrono::microseconds length, Instant now);

  void step_began(const std::string& job, const std::string& step, Instant now);
  // None of the job's steps runs any more.
  void step_over(const std::string& job);

  std::uint64_t launches() const;
  std::vector<ActiveStep> steps(Instant now) const;
  std::map<std::string, StepCounts> rows() const;  // by job
  std::vector<RunDurations> durations(Instant now) const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // job, step, status

  mutable std::mutex mutex_;
  std::uint64_t launches_ = 0;
  std::map<std::string, StepCounts> rows_;
  std::map<Key, DurationTally> durations_;
  // By job and step; absent: it does not run.
  std::map<std::pair<std::string, std::string>, std::optional<Instant>> steps_;
};

DurationSummary summary_of(const DurationTally& tally, Instant now);

// The listener of one run, on its thread: counts, and passes on to another listener.
class MeteredRun final : public RunListener {
 public:
  // All outlive it.
  MeteredRun(RunMeter& meter, RunListener& inner, const Clock& clock, std::string job)
      : meter_(meter), inner_(inner), clock_(clock), job_(std::move(job)) {}

  void started(const JobExecution& execution, bool carried_on) override;
  void step_started(const StepExecution& step) override;
  void committed(const StepProgress& progress) override;
  void step_ended(const StepExecution& step) override;
  void finished(const JobExecution& execution) override { inner_.finished(execution); }
  void printed(const std::string& step, const std::string& line) override { inner_.printed(step, line); }
  void note(const std::string& text) override { inner_.note(text); }

  // Once the run has returned. Absent: how its execution ended is not known here, if there was one.
  void ended(const std::optional<JobExecution>& execution);

 private:
  void moved_to(const StepCounts& counts);
  std::chrono::microseconds since(Instant from) const { return clock_.now() - from; }

  RunMeter& meter_;
  RunListener& inner_;
  const Clock& clock_;
  const std::string job_;
  std::optional<Instant> started_;
  Instant step_started_{};
  StepCounts counted_;  // of the step execution that runs
};

}  // namespace baton
