// What a monitor finds that a person should know.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton {

enum class Trouble {
  overdue,                // a job has not started for longer than its grace
  failing,                // a job's restarts are used up
  held_back,              // a job's process died again and again without progress
  stalled,                // a run makes no progress
  unowned,                // nobody holds a job's lock
  no_capacity,            // more jobs than live tokens
  replica_silent,         // and nobody has taken its jobs over
  paused_long,            // a job
  nobodys_execution,      // an execution is open that nobody runs
  configurations_differ,  // among live replicas, for long
  monitor_silent,         // a global monitor has not looked for too long
  store_away              // a replica misses the lease store, or missed the job repository
};

inline constexpr int trouble_kinds = 12;

std::string_view name(Trouble trouble);

// Of an alert's kind; absent where it is none of these.
std::optional<Trouble> trouble_of(std::string_view kind);

struct FoundTrouble {
  Trouble trouble = Trouble::overdue;
  std::string subject;  // the job, replica or monitor; empty where it is about the whole
  std::string text;
};

}  // namespace baton
