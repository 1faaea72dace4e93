#include "app/run_meter.h"

#include <algorithm>

namespace baton {
namespace {

double seconds(std::chrono::microseconds length) { return static_cast<double>(length.count()) / 1e6; }

}  // namespace

DurationSummary summary_of(const DurationTally& tally, Instant now) {
  return {tally.count(), seconds(tally.sum()), seconds(tally.longest(now))};
}

RunMeter::RunMeter(const Config& config) {
  for (const JobConfig& job : config.jobs) {
    rows_[*job.name];
    for (const StepConfig& step : job.steps) steps_[{*job.name, *step.name}];
    for (const char* const status : {"COMPLETED", "FAILED", "STOPPED", "UNKNOWN"}) {
      durations_[{*job.name, "", status}];
      for (const StepConfig& step : job.steps) durations_[{*job.name, *step.name, status}];
    }
  }
}

void RunMeter::launched() {
  const std::scoped_lock lock(mutex_);
  ++launches_;
}

void RunMeter::moved(const std::string& job, const StepCounts& by) {
  const std::scoped_lock lock(mutex_);
  rows_[job] += by;
}

void RunMeter::ended(const std::string& job, const std::string& step, const std::string& status,
                     std::chrono::microseconds length, Instant now) {
  const std::scoped_lock lock(mutex_);
  durations_[{job, step, status}].add(length, now);
}

void RunMeter::step_began(const std::string& job, const std::string& step, Instant now) {
  const std::scoped_lock lock(mutex_);
  steps_[{job, step}] = now;
}

void RunMeter::step_over(const std::string& job) {
  const std::scoped_lock lock(mutex_);
  for (auto step = steps_.lower_bound({job, ""}); step != steps_.end() && step->first.first == job; ++step) {
    step->second.reset();
  }
}

std::vector<ActiveStep> RunMeter::steps(Instant now) const {
  const std::scoped_lock lock(mutex_);
  std::vector<ActiveStep> all;
  all.reserve(steps_.size());
  for (const auto& [key, began] : steps_) {
    const auto since = began ? std::optional(std::chrono::duration<double>(now - *began).count()) : std::nullopt;
    all.push_back({key.first, key.second, since});
  }
  return all;
}

std::uint64_t RunMeter::launches() const {
  const std::scoped_lock lock(mutex_);
  return launches_;
}

std::map<std::string, StepCounts> RunMeter::rows() const {
  const std::scoped_lock lock(mutex_);
  return rows_;
}

std::vector<RunDurations> RunMeter::durations(Instant now) const {
  const std::scoped_lock lock(mutex_);
  std::vector<RunDurations> all;
  all.reserve(durations_.size());
  for (const auto& [key, tally] : durations_) {
    const auto& [job, step, status] = key;
    all.push_back({job, step, status, summary_of(tally, now)});
  }
  return all;
}

void MeteredRun::started(const JobExecution& execution, bool carried_on) {
  started_ = clock_.now();
  meter_.launched();
  inner_.started(execution, carried_on);
}

void MeteredRun::step_started(const StepExecution& step) {
  step_started_ = clock_.now();
  counted_ = step.counts;
  meter_.step_began(job_, step.name, step_started_);
  inner_.step_started(step);
}

void MeteredRun::committed(const StepProgress& progress) {
  moved_to(progress.counts);
  inner_.committed(progress);
}

void MeteredRun::step_ended(const StepExecution& step) {
  moved_to(step.counts);
  meter_.step_over(job_);
  meter_.ended(job_, step.name, step.exit.code, since(step_started_), clock_.now());
  inner_.step_ended(step);
}

// A counter never falls: rows that a closing chunk takes off the written ones stay counted, and are rejects as well.
void MeteredRun::moved_to(const StepCounts& counts) {
  const auto rise = [](std::int64_t& counted, std::int64_t now) {
    const std::int64_t by = std::max<std::int64_t>(0, now - counted);
    counted += by;
    return by;
  };
  StepCounts by;
  by.read = rise(counted_.read, counts.read);
  by.filter = rise(counted_.filter, counts.filter);
  by.write = rise(counted_.write, counts.write);
  by.read_skip = rise(counted_.read_skip, counts.read_skip);
  by.process_skip = rise(counted_.process_skip, counts.process_skip);
  by.write_skip = rise(counted_.write_skip, counts.write_skip);
  meter_.moved(job_, by);
}

void MeteredRun::ended(const std::optional<JobExecution>& execution) {
  meter_.step_over(job_);  // one whose end could not be written
  if (!started_) return;
  meter_.ended(job_, "", execution ? execution->exit.code : "UNKNOWN", since(*started_), clock_.now());
}

}  // namespace baton
