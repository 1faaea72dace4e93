// When a job is due: a function of its schedule, of what is known of its earlier runs, and of the time (P17).
#pragma once

#include "base/clock.h"
#include "schedule/cron.h"
#include "schedule/zone.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace baton {

struct ManualSchedule {};
struct FixedDelaySchedule {
  Duration delay{0};  // from the end of the last run, whoever made it
};
struct FixedRateSchedule {
  Duration rate{0};  // due at the first start + k × rate
};
struct CronSchedule {
  Cron cron;
  std::shared_ptr<const Zone> zone;
};

struct Schedule {
  std::variant<ManualSchedule, FixedDelaySchedule, FixedRateSchedule, CronSchedule> when;
  Duration initial_delay{0};  // from when the job was first seen, before its first run only
  Duration jitter{0};         // each start is put off by a part of it, which job and due time determine

  bool is_manual() const { return std::holds_alternative<ManualSchedule>(when); }
};

// All times by the repository's clock.
struct RunHistory {
  WallTime first_seen{};               // of the job, by any replica
  std::optional<WallTime> phase;       // fixed_rate: the due time of its first run
  std::optional<WallTime> last_due;    // of the last run that the schedule made
  std::optional<WallTime> last_ended;  // of the last run, whoever made it; in the future it counts as now
};

struct Due {
  WallTime due{};           // recorded as baton.due
  WallTime start_at{};      // due + its part of the jitter
  std::int64_t missed = 0;  // earlier due times that passed without a run; at most `most_missed`
};

inline constexpr std::int64_t most_missed = 10'000;

// The due time to run next, which may be past: of several that passed it is the latest, and the others are missed.
// Empty for a manual schedule, or for cron when no time is left.
std::optional<Due> next_due(const Schedule& schedule, const std::string& job, const RunHistory& history, WallTime now);

// The first due time that no run had yet: since then a job is late that has not started. `missed` is 0. Empty as above.
std::optional<Due> oldest_due(const Schedule& schedule, const std::string& job, const RunHistory& history,
                              WallTime now);

// "fixed_delay 5s", "cron 0 0 4 * * * Europe/Zurich", "manual".
std::string to_text(const Schedule& schedule);

}  // namespace baton
