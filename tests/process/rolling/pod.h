// A replica as a pod: started, asked whether it is ready, told to end, lost or stopped.
#pragma once

#include "tests/doubles/program.h"
#include "tests/process/rolling/ownership_times.h"

#include <memory>
#include <optional>
#include <string>

namespace baton {

class Pod {
 public:
  Pod(std::string name, int generation, const ProgramRequest& request);

  const std::string& name() const { return name_; }
  int generation() const { return generation_; }  // of the Deployment's template
  int process() const { return program_->id(); }
  std::string replica();  // as it names itself; empty: not yet

  bool ready();  // as /readyz says it; once ready it stays so until it is told to end
  bool ending() const { return ending_; }
  bool ended() const;
  std::optional<LogTime> silenced() const { return silenced_; }

  void hold();       // SIGSTOP, for a look at it; all of its threads stand still then
  void terminate();  // SIGTERM, as an eviction and a rollout do it; one that is held goes on then
  void lose();       // SIGKILL, as the loss of its node
  void stop();       // SIGSTOP: a process that hangs
  void go_on();      // SIGCONT

  // Until it has ended; its exit code.
  int wait();
  std::string log();

 private:
  std::string name_;
  int generation_;
  std::unique_ptr<Program> program_;
  std::optional<int> port_;
  std::optional<LogTime> silenced_;
  std::optional<ProgramEnd> end_;
  bool ready_ = false;
  bool ending_ = false;
};

}  // namespace baton
