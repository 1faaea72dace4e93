#include "replica/run_verdict.h"

#include <algorithm>

namespace baton {

RunVerdict judge_run(const RunLimits& limits, Instant began, Instant last_progress, Instant now) {
  RunVerdict verdict{std::nullopt, Instant::max()};
  if (limits.timeout) {
    verdict.look_again = began + *limits.timeout;
    if (now >= verdict.look_again) {
      verdict.broken = CutShort{CutShort::Cause::timeout, *limits.timeout};
      return verdict;
    }
  }
  if (!limits.stall) return verdict;
  const Instant stalls_at = last_progress + *limits.stall;
  if (now >= stalls_at) {
    verdict.broken = CutShort{CutShort::Cause::stall, *limits.stall};
  } else {
    verdict.look_again = std::min(verdict.look_again, stalls_at);
  }
  return verdict;
}

}  // namespace baton
