#include "tests/process/rolling/rollout_rules.h"

#include <algorithm>

namespace baton {
namespace {

RolloutStep recreate(const PodCounts& pods) {
  const int old = pods.old_ready + pods.old_unready;
  if (old > 0) return {0, old};
  return {pods.ending > 0 ? 0 : std::max(0, pods.wanted - pods.new_ready - pods.new_unready), 0};
}

}  // namespace

RolloutStep next_rollout_step(const RolloutStrategy& strategy, const PodCounts& pods) {
  if (strategy.recreate) return recreate(pods);
  const int old = pods.old_ready + pods.old_unready;
  const int fresh = pods.new_ready + pods.new_unready;
  RolloutStep step;
  step.start = std::clamp(pods.wanted + strategy.max_surge - old - fresh, 0, std::max(0, pods.wanted - fresh));
  const int may_lack = pods.old_ready + pods.new_ready - (pods.wanted - strategy.max_unavailable);
  step.end = std::min(old, pods.old_unready + std::clamp(may_lack, 0, pods.old_ready));
  return step;
}

bool rolled_out(const PodCounts& pods) {
  return pods.new_ready == pods.wanted && pods.new_unready + pods.old_ready + pods.old_unready + pods.ending == 0;
}

}  // namespace baton
