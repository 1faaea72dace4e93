#include "schedule/longest_pause.h"

#include "schedule/due_times.h"

#include <algorithm>

namespace baton {
namespace {

constexpr int most_times = 1'000;
constexpr std::chrono::days ahead{8};

Duration longest_cron_pause(const Schedule& schedule, WallTime now) {
  RunHistory history;
  history.first_seen = now;
  auto due = due_times(schedule, history)->first();
  Duration longest{0};
  for (int i = 0; due && i < most_times; ++i) {
    history.last_due = due;
    const auto next = due_times(schedule, history)->first();
    if (!next) break;
    longest = std::max(longest, std::chrono::ceil<Duration>(*next - *due));
    due = next;
    if (*due > now + ahead) break;
  }
  return longest;
}

}  // namespace

Duration longest_pause(const Schedule& schedule, WallTime now) {
  if (const auto* delay = std::get_if<FixedDelaySchedule>(&schedule.when)) return delay->delay + schedule.jitter;
  if (const auto* rate = std::get_if<FixedRateSchedule>(&schedule.when)) return rate->rate + schedule.jitter;
  if (!std::holds_alternative<CronSchedule>(schedule.when)) return Duration(0);
  return longest_cron_pause(schedule, now) + schedule.jitter;
}

}  // namespace baton
