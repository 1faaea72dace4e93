// The times at which a schedule with times of its own is due, as a sequence.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace baton {

struct Schedule;
struct RunHistory;

class DueTimes {
 public:
  DueTimes() = default;
  DueTimes(const DueTimes&) = delete;
  DueTimes& operator=(const DueTimes&) = delete;
  virtual ~DueTimes() = default;

  // The first due time that no run had yet; empty if there is none.
  virtual std::optional<WallTime> first() const = 0;

  // The last one at or before `time`; empty if that is before the first one.
  virtual std::optional<WallTime> last_until(WallTime time) const = 0;

  // How many are before `due`, counted from the first one up to `most`. REQUIRES: `due` is one of them.
  virtual std::int64_t count_before(WallTime due, std::int64_t most) const = 0;
};

// REQUIRES: fixed_rate or cron.
std::unique_ptr<DueTimes> due_times(const Schedule& schedule, const RunHistory& history);

}  // namespace baton
