// Who owned which job when, by what the replicas' logs say.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace baton {

using LogTime = std::chrono::sys_time<std::chrono::milliseconds>;

// One process: what it said on standard error.
struct PodLog {
  std::string pod;
  std::string text;
  std::optional<LogTime> silenced;  // somebody made it do nothing any more then (SIGKILL, SIGSTOP); it may go on later
  bool ended = false;
};

struct Hold {
  std::string job;
  std::string pod;
  LogTime from;
  std::optional<LogTime> until;  // empty: to the end of the log
  bool released = false;         // in order; else the process was silenced, or lost the lease
};

// In the order in which they began.
std::vector<Hold> ownership_times(const std::vector<PodLog>& logs);

// The jobs that some pod holds at the end of the logs.
std::size_t held_at_the_end(const std::vector<Hold>& holds);

// The one before never gave it up.
constexpr std::chrono::milliseconds two_to_the_end = std::chrono::milliseconds::min();

struct Gap {
  std::string job;
  // From one hold's end to the next one's begin, or two_to_the_end. Below 0 two owned it, or both told of it late: each
  // writes its line after the store has answered.
  std::chrono::milliseconds length;
  bool after_release = false;
};

std::vector<Gap> ownership_gaps(const std::vector<Hold>& holds);

std::optional<LogTime> parse_log_time(const std::string& line);

}  // namespace baton
