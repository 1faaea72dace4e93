// Tells people how runs go: log lines, on a terminal a line that moves.
#pragma once

#include "app/log.h"
#include "batch/step.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace baton {

// Thread-safe; shared by the jobs of a process.
class ProgressLine {
 public:
  ProgressLine(Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  void update(const std::string& job, const StepProgress& progress, Instant started);
  void remove(const std::string& job);

 private:
  void show();

  Log& log_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::string> parts_;    // by job
  std::map<std::string, Instant> last_logged_;  // where there is no terminal
};

// The listener of one job's runs; used by the thread that runs the job.
class RunLog final : public RunListener {
 public:
  RunLog(Log& log, ProgressLine& line, const Clock& clock, std::string job)
      : log_(log), line_(line), clock_(clock), job_(std::move(job)) {}

  void on_launch(std::function<void(std::int64_t)> launched) { launched_ = std::move(launched); }

  void started(const JobExecution& execution, bool carried_on) override;
  void step_started(const StepExecution& step) override;
  void committed(const StepProgress& progress) override;
  void step_ended(const StepExecution& step) override;
  void printed(const std::string& step, const std::string& line) override;
  void note(const std::string& text) override;

 private:
  Log& log_;
  ProgressLine& line_;
  const Clock& clock_;
  std::string job_;
  std::function<void(std::int64_t)> launched_;
  Instant step_started_{};
};

}  // namespace baton
