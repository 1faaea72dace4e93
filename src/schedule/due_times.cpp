#include "schedule/due_times.h"

#include "schedule/schedule.h"

#include <algorithm>

namespace baton {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

WallTime before_first_run(const Schedule& schedule, const RunHistory& history) {
  return history.first_seen + schedule.initial_delay;
}

// P17: phase + k × rate, whatever the rate was before; a new owner keeps the phase.
class FixedRateTimes : public DueTimes {
 public:
  FixedRateTimes(microseconds rate, const Schedule& schedule, const RunHistory& history) : rate_(rate) {
    if (history.last_due) {
      const WallTime phase = history.phase.value_or(*history.last_due);
      first_ = phase + (steps(phase, *history.last_due) + 1) * rate_;
    } else {
      first_ = history.phase.value_or(before_first_run(schedule, history));
    }
  }

  std::optional<WallTime> first() const override { return first_; }

  std::optional<WallTime> last_until(WallTime time) const override {
    if (time < first_) return std::nullopt;
    return first_ + steps(first_, time) * rate_;
  }

  std::int64_t count_before(WallTime due, std::int64_t most) const override {
    return std::min(steps(first_, due), most);
  }

 private:
  // ⌊(to − from) / rate⌋
  std::int64_t steps(WallTime from, WallTime to) const {
    const microseconds distance = to - from;
    const bool rounds_up = distance < microseconds(0) && distance % rate_ != microseconds(0);
    return distance / rate_ - (rounds_up ? 1 : 0);
  }

  microseconds rate_;
  WallTime first_{};
};

class CronTimes : public DueTimes {
 public:
  CronTimes(const CronSchedule& schedule, WallTime after)
      : cron_(schedule.cron), zone_(*schedule.zone), first_(cron_.next(after, zone_)) {}

  std::optional<WallTime> first() const override { return first_; }

  // Cron tells what comes after a time only. The last one until `time` is found by halving: `low` is a time after which
  // one comes until then, `high` one after which none comes.
  std::optional<WallTime> last_until(WallTime time) const override {
    if (!first_ || *first_ > time) return std::nullopt;
    const WallTime earliest = *first_ - seconds(1);
    WallTime high = time;
    seconds back(1);
    while (high - back > earliest && !comes_between(high - back, time)) {
      high -= back;
      back *= 2;
    }
    WallTime low = std::max(high - back, earliest);
    while (high - low > seconds(1)) {
      const WallTime middle = low + (high - low) / 2;
      (comes_between(middle, time) ? low : high) = middle;
    }
    // Due times are whole seconds, so that there is one of them at most in between.
    return cron_.next(low, zone_);
  }

  std::int64_t count_before(WallTime due, std::int64_t most) const override {
    std::int64_t count = 0;
    for (auto time = first_; time && *time < due && count < most; time = cron_.next(*time, zone_)) ++count;
    return count;
  }

 private:
  bool comes_between(WallTime after, WallTime until) const {
    const auto next = cron_.next(after, zone_);
    return next && *next <= until;
  }

  const Cron& cron_;
  const Zone& zone_;
  std::optional<WallTime> first_;
};

}  // namespace

std::unique_ptr<DueTimes> due_times(const Schedule& schedule, const RunHistory& history) {
  if (const auto* fixed_rate = std::get_if<FixedRateSchedule>(&schedule.when)) {
    return std::make_unique<FixedRateTimes>(fixed_rate->rate, schedule, history);
  }
  const WallTime after = history.last_due.value_or(before_first_run(schedule, history) - microseconds(1));
  return std::make_unique<CronTimes>(std::get<CronSchedule>(schedule.when), after);
}

}  // namespace baton
