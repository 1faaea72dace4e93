// The dead man's switches of the configuration: which URL is called for what.
#pragma once

#include "app/log.h"
#include "batch/step.h"
#include "config/config.h"
#include "runtime/ping_queue.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// URL + `/start`, URL, URL + `/fail`, as healthchecks.io has it. A query stays behind the path, a slash at the end of
// the path is not doubled, what stands behind # is left out.
std::string ping_url(const std::string& url, PingKind kind);

// A thread for each host. Thread-safe; all methods return at once, and do nothing where no URL is configured. What is
// given outlives it.
class Pings {
 public:
  Pings(const Config& config, const Clock& clock, Log& log);
  Pings(const Pings&) = delete;
  Pings& operator=(const Pings&) = delete;
  ~Pings();

  // Sends what waits, if the hosts answer, and takes no more; the destructor waits for that until a second after this.
  void close();

  void tell_job(const std::string& job, PingKind kind) { tell(subject_of(job), kind); }
  // A monitor has looked at everything.
  void tell_pass() { tell(whole, PingKind::success); }

 private:
  static constexpr const char* whole = "monitoring.ping";
  static std::string subject_of(const std::string& job) { return "jobs." + job + ".ping"; }

  void tell(const std::string& subject, PingKind kind);

  const Clock& clock_;
  std::optional<Instant> closed_;
  std::map<std::string, PingQueue*> queue_of_;  // by subject: the key of the configuration
  std::vector<std::unique_ptr<PingQueue>> queues_;
};

// The listener of one job's runs, on their thread: pings, and passes on to another listener. A run that is stopped has
// neither succeeded nor failed, and is carried on: no ping.
class PingedRun final : public RunListener {
 public:
  // All outlive it.
  PingedRun(Pings& pings, RunListener& inner, std::string job) : pings_(pings), inner_(inner), job_(std::move(job)) {}

  void started(const JobExecution& execution, bool carried_on) override;
  void step_started(const StepExecution& step) override { inner_.step_started(step); }
  void committed(const StepProgress& progress) override { inner_.committed(progress); }
  void step_ended(const StepExecution& step) override { inner_.step_ended(step); }
  void finished(const JobExecution& execution) override;
  void printed(const std::string& step, const std::string& line) override { inner_.printed(step, line); }
  void note(const std::string& text) override { inner_.note(text); }

 private:
  Pings& pings_;
  RunListener& inner_;
  const std::string job_;
};

}  // namespace baton
