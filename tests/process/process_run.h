// A program in a process of its own, which a test waits for or kills.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton {

struct ProcessEnd {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;

  std::string text() const;
};

// Used by one thread. Kills the process if it still runs when the object goes.
class ProcessRun {
 public:
  // stdout and stderr are appended to `log`. Ends the test program where the process cannot be started.
  ProcessRun(const std::vector<std::string>& argv, const std::vector<std::pair<std::string, std::string>>& environment,
             const std::string& log);
  ProcessRun(const ProcessRun&) = delete;
  ProcessRun& operator=(const ProcessRun&) = delete;
  ~ProcessRun();

  // Empty if it still runs after `limit`.
  std::optional<ProcessEnd> wait(std::chrono::microseconds limit);
  // SIGKILL where it still runs after `limit`; how it ended.
  ProcessEnd wait_or_kill(std::chrono::microseconds limit);

 private:
  pid_t pid_ = -1;
  int ended_ = -1;  // pidfd
  std::optional<ProcessEnd> end_;
};

}  // namespace baton
