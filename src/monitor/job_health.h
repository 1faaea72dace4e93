// Does a job run when it should, and does it succeed? Judged from its schedule, its grace and its last executions, by
// whoever can read the job repository.
#pragma once

#include "batch/execution.h"
#include "batch/job_control.h"
#include "replica/replica_settings.h"

#include <optional>
#include <string>
#include <string_view>

namespace baton {

enum class HealthState {
  on_time,
  late,       // for longer than its grace it should have started
  stalled,    // it runs without progress, as its owner says
  failing,    // its last executions failed
  never_ran,  // its first start is still to come, or is late
  paused
};

inline constexpr int health_states = 6;

std::string_view name(HealthState state);

struct HealthFacts {
  const ReplicaJob& job;
  const JobControl* control = nullptr;  // null: no replica and no person has named the job yet
  const InstanceState* run = nullptr;   // its newest run; null: it never ran
  bool running = false;                 // its newest execution runs, under an owner that lives
  bool stalled = false;                 // and the owner says that it makes no progress
  WallTime now{};                       // by the repository's clock
  // Until then it could not run, as far as the one knows who asks: it was seen paused.
  std::optional<WallTime> held_until = {};
};

// All times by the repository's clock.
struct JobHealth {
  HealthState state = HealthState::on_time;
  std::string reason;                     // for people; empty for on_time
  std::optional<WallTime> expected;       // when it should start, or should have started; absent: it need not
  Duration lateness{0};                   // since then, whatever the grace
  bool overdue = false;                   // for longer than its grace: whatever `state` says
  bool began_late = false;                // it runs since longer than its grace after that was due, or after due times
                                          // without a run; false for a fixed delay
  int failures = 0;                       // executions that failed by themselves, in a row, up to now
  std::optional<WallTime> failing_since;  // the end of the first of them that is known
  std::optional<WallTime> changes_at;     // it becomes overdue at this instant if nothing happens until then
};

// In this order: paused, stalled, failing, never ran, late, on time. A job whose schedule has times of its own (fixed
// rate, cron) is late from the first of them that no run had, also while a run lasts beyond it; with a fixed delay the
// next start follows the end. What was asked for is late from when it was asked, a restart from when it should begin,
// what is carried on from the end of what stopped; or from a due time that passed before.
JobHealth judge_health(const HealthFacts& facts);

// For people: in whole seconds from ten of them on.
std::string lateness_text(Duration lateness);

}  // namespace baton
