// The command step: a child process (P14). At least once.
#pragma once

#include "batch/step.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton {

struct CommandPlan {
  std::string name;
  std::vector<std::string> argv;  // argv[0] is looked up in PATH where it holds no slash; no shell
  std::vector<std::pair<std::string, std::string>> environment;
  Duration grace{23'000};  // from SIGTERM to SIGKILL when a stop is wanted
};

// The child leads a process group of its own and dies with its parent (what it has started in turn does not; a stop
// ends the whole group). It reads nothing and gets BATON_JOB, BATON_INSTANCE, BATON_STEP, BATON_FENCE and
// BATON_IDEMPOTENCY_KEY. What it prints goes to the listener line by line (output_lines.h); the last lines stand in the
// message of a failure. Exit code 0 is COMPLETED, anything else FAILED; a command that was told to end is STOPPED
// whatever it exits with, and is run again.
std::unique_ptr<Step> make_command_step(CommandPlan plan);

}  // namespace baton
