// What Kubernetes' Deployment controller does next, as a function of its pods: the rules of `RollingUpdate` and
// `Recreate`. Source: kubernetes.io, "Deployments", max surge and max unavailable; a pod that is terminating is counted
// in neither.
#pragma once

namespace baton {

struct RolloutStrategy {
  int max_surge = 0;
  int max_unavailable = 1;
  bool recreate = false;  // all old ones end before the first new one starts
};

// Pods that nobody has told to end, and of those that are told how many have not ended yet.
struct PodCounts {
  int wanted = 0;  // `replicas` of the Deployment
  int old_ready = 0;
  int old_unready = 0;
  int new_ready = 0;
  int new_unready = 0;
  int ending = 0;
};

struct RolloutStep {
  int start = 0;  // new pods
  int end = 0;    // old pods, the unready ones first

  bool operator==(const RolloutStep&) const = default;
};

RolloutStep next_rollout_step(const RolloutStrategy& strategy, const PodCounts& pods);

bool rolled_out(const PodCounts& pods);

}  // namespace baton
