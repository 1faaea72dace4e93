#include "app/run_log.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr Duration between_log_lines(10'000);

std::string sentence(const std::string& job, const StepProgress& progress, Duration elapsed) {
  const double seconds = std::max(0.001, static_cast<double>(elapsed.count()) / 1'000.0);
  std::string text = fmt::format("{}/{} {} rows {:.0f} rows/s", job, progress.step, progress.counts.records(),
                                 static_cast<double>(progress.counts.records()) / seconds);
  if (progress.bytes_total > 0) {
    text += fmt::format(" {:.1f} MB {:.0f} %", static_cast<double>(progress.bytes) / 1e6,
                        100.0 * static_cast<double>(progress.bytes) / static_cast<double>(progress.bytes_total));
  }
  return text;
}

}  // namespace

void ProgressLine::update(const std::string& job, const StepProgress& progress, Instant started) {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.now();
  const std::string text = sentence(job, progress, std::chrono::duration_cast<Duration>(now - started));
  if (log_.on_terminal()) {
    parts_[job] = text;
    show();
    return;
  }
  auto& last = last_logged_[job];
  if (now - std::max(last, started) < between_log_lines) return;
  last = now;
  log_.info(text);
}

void ProgressLine::remove(const std::string& job) {
  const std::lock_guard lock(mutex_);
  if (parts_.erase(job) > 0) show();
  last_logged_.erase(job);
}

void ProgressLine::show() {
  std::string line;
  for (const auto& [job, part] : parts_) line += (line.empty() ? "" : "  |  ") + part;
  log_.status_line(line);
}

void RunLog::started(const JobExecution& execution, bool carried_on) {
  if (launched_) launched_(execution.id);
  log_.info(fmt::format("{}: execution {} of instance {} {}", job_, execution.id, execution.instance_id,
                        carried_on ? "carries it on" : "started"));
}

void RunLog::step_started(const StepExecution& step) {
  step_started_ = clock_.now();
  log_.debug(fmt::format("{}: step \"{}\" started", job_, step.name));
}

void RunLog::committed(const StepProgress& progress) { line_.update(job_, progress, step_started_); }

void RunLog::step_ended(const StepExecution& step) {
  line_.remove(job_);
  log_.debug(fmt::format("{}: step \"{}\" {}", job_, step.name, name(step.status)));
}

void RunLog::printed(const std::string& step, const std::string& line) {
  log_.info(fmt::format("{}/{}: {}", job_, step, line));
}

void RunLog::note(const std::string& text) { log_.warn(job_ + ": " + text); }

}  // namespace baton
