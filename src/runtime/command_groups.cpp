#include "runtime/command_groups.h"

#include <unistd.h>
#include <array>
#include <atomic>
#include <csignal>

namespace baton {
namespace {

constexpr std::size_t most_groups = 1024;

static_assert(std::atomic<pid_t>::is_always_lock_free, "a lock would not be async-signal-safe");
std::array<std::atomic<pid_t>, most_groups> groups{};  // 0: free
std::atomic<bool> killed = false;

bool replace_first(pid_t expected, pid_t replacement) {
  for (auto& group : groups) {
    pid_t found = expected;
    if (group.compare_exchange_strong(found, replacement)) return true;
  }
  return false;
}

}  // namespace

void note_command_group(pid_t group) { replace_first(0, group); }

void forget_command_group(pid_t group) {
  while (killed) pause();
  replace_first(group, 0);
}

void kill_command_groups() {
  killed = true;
  for (const auto& noted : groups) {
    const pid_t group = noted.load();
    if (group > 0) kill(-group, SIGKILL);
  }
}

}  // namespace baton
