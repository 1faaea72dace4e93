// A child process in a process group of its own that dies with its parent.
#pragma once

#include "baton/result.h"

#include <sys/types.h>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace baton {

// Used by one thread.
class ChildProcess {
 public:
  // `environment` is added to this process's own. `input` is what it finds on its standard input. `invalid` if the
  // program cannot be started, with the system's reason.
  static Result<ChildProcess> start(const std::vector<std::string>& argv,
                                    const std::vector<std::pair<std::string, std::string>>& environment,
                                    const std::string& input = {});

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ChildProcess& operator=(ChildProcess&&) = delete;
  // Kills the group if it still runs.
  ~ChildProcess();

  pid_t pid() const { return pid_; }

  // Waits at most `timeout_ms` for output or the end; hands what was printed to `output`. True once the child has ended
  // and all of its output was read.
  bool wait(int timeout_ms, const std::function<void(const std::string&)>& output);

  // SIGTERM to the group. What is left of it when the child itself has ended is killed then.
  void terminate();
  void kill();  // SIGKILL to the group

  // After wait() was true: "exit code 3", "signal 9 (Killed)"; empty for exit code 0.
  std::string failure() const;

 private:
  ChildProcess(pid_t pid, int output, int ended) : pid_(pid), output_(output), ended_(ended) {}

  pid_t pid_ = -1;
  int output_ = -1;  // read end of the pipe of stdout and stderr
  int ended_ = -1;   // pidfd
  int status_ = 0;
  bool reaped_ = false;
  bool ending_ = false;  // told to end
};

}  // namespace baton
