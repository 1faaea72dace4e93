#include "runtime/limit_watch.h"

#include "replica/run_verdict.h"

#include <algorithm>
#include <utility>

namespace baton {
namespace {

constexpr Duration between_looks(100);  // before it has begun, and while it stands still

void watch(const RunLimits& limits, RunSignals& signals, Clock& clock, const std::stop_source& stop,
           const std::function<void(const std::string&)>& warn, const std::stop_token& ended) {
  bool told = false;
  Instant look_at = clock.now();
  while (clock.wait_until(look_at, ended)) {
    const Instant now = clock.now();
    look_at = now + between_looks;
    const auto began = signals.began();
    if (!began) continue;
    const RunVerdict verdict = judge_run(limits, *began, signals.last_progress().value_or(*began), now);
    if (!verdict.broken) {
      told = false;
      look_at = verdict.look_again;
      continue;
    }
    const bool only_report = verdict.broken->cause == CutShort::Cause::stall && limits.on_stall == StallAction::report;
    if (!std::exchange(told, true)) warn(verdict.broken->text() + (only_report ? "" : ": it is cancelled"));
    if (only_report) continue;
    signals.cut(*verdict.broken);
    stop.request_stop();
    return;
  }
}

}  // namespace

LimitWatch::LimitWatch(const RunLimits& limits, RunSignals& signals, Clock& clock, const std::stop_source& stop,
                       std::function<void(const std::string&)> warn) {
  if (!limits.timeout && !limits.stall) return;
  thread_ = std::jthread([limits, &signals, &clock, stop, warn = std::move(warn)](const std::stop_token& ended) {
    watch(limits, signals, clock, stop, warn, ended);
  });
}

}  // namespace baton
