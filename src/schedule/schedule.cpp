#include "schedule/schedule.h"

#include "base/duration.h"
#include "schedule/due_times.h"

#include <fmt/format.h>

#include <algorithm>

namespace baton {
namespace {

using std::chrono::microseconds;

// FNV-1a over the job's name and the due time, mixed once more (the end of SplitMix64), since FNV's high bits depend
// little on the last bytes.
std::uint64_t hash_of(const std::string& job, WallTime due) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](std::uint64_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (const char c : job) add(static_cast<unsigned char>(c));
  const auto time = static_cast<std::uint64_t>(due.time_since_epoch().count());
  for (int shift = 0; shift < 64; shift += 8) add(time >> shift & 0xff);
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

WallTime start_of(const Schedule& schedule, const std::string& job, WallTime due) {
  const microseconds jitter = schedule.jitter;
  if (jitter <= microseconds(0)) return due;
  return due + microseconds(hash_of(job, due) % static_cast<std::uint64_t>(jitter.count()));
}

WallTime due_after_delay(const FixedDelaySchedule& schedule, const RunHistory& history, WallTime before_first_run,
                         WallTime now) {
  WallTime due = before_first_run;
  if (history.last_ended) {
    due = std::min(*history.last_ended, now) + schedule.delay;
  } else if (history.last_due) {
    due = *history.last_due + schedule.delay;
  }
  return due == history.last_due ? due + Duration(1) : due;
}

}  // namespace

std::optional<Due> next_due(const Schedule& schedule, const std::string& job, const RunHistory& history, WallTime now) {
  if (schedule.is_manual()) return std::nullopt;
  if (const auto* fixed_delay = std::get_if<FixedDelaySchedule>(&schedule.when)) {
    const WallTime due = due_after_delay(*fixed_delay, history, history.first_seen + schedule.initial_delay, now);
    return Due{due, start_of(schedule, job, due), 0};
  }
  const auto times = due_times(schedule, history);
  // Jitter may put off the start of the latest due times behind now: the one before those is the latest that has come.
  for (auto due = times->last_until(now); due; due = times->last_until(*due - microseconds(1))) {
    const WallTime start = start_of(schedule, job, *due);
    if (start <= now) return Due{*due, start, times->count_before(*due, most_missed)};
  }
  const auto first = times->first();
  if (!first) return std::nullopt;
  return Due{*first, start_of(schedule, job, *first), 0};
}

std::optional<Due> oldest_due(const Schedule& schedule, const std::string& job, const RunHistory& history,
                              WallTime now) {
  if (schedule.is_manual() || std::holds_alternative<FixedDelaySchedule>(schedule.when)) {
    return next_due(schedule, job, history, now);
  }
  const auto first = due_times(schedule, history)->first();
  if (!first) return std::nullopt;
  return Due{*first, start_of(schedule, job, *first), 0};
}

std::string to_text(const Schedule& schedule) {
  if (const auto* fixed_delay = std::get_if<FixedDelaySchedule>(&schedule.when)) {
    return "fixed_delay " + to_text(fixed_delay->delay);
  }
  if (const auto* fixed_rate = std::get_if<FixedRateSchedule>(&schedule.when)) {
    return "fixed_rate " + to_text(fixed_rate->rate);
  }
  if (const auto* cron = std::get_if<CronSchedule>(&schedule.when)) {
    return fmt::format("cron {} {}", cron->cron.text(), cron->zone->name());
  }
  return "manual";
}

}  // namespace baton
