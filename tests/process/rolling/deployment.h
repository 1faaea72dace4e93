// Replicas under a controller that does to processes what a Deployment, a drained node and a kubelet do to pods.
#pragma once

#include "tests/process/rolling/pod.h"
#include "tests/process/rolling/rollout_rules.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace baton {

class Deployment {
 public:
  // Makes a pod's request from the file with its configuration.
  using Template = std::function<ProgramRequest(const std::string& config)>;
  // Whom to end of pods, at least one, that are all the same to the controller.
  using Choice = std::function<Pod&(const std::vector<Pod*>&)>;

  Deployment(Template make, std::string config, int replicas, std::size_t jobs);

  // Until all pods are ready and every job is held. False: not within two minutes.
  bool settle();
  // From the present configuration to this one.
  bool roll(const std::string& config, const RolloutStrategy& strategy, const Choice& choose);
  bool scale(int replicas, const Choice& choose);
  // Told to end, and replaced at once.
  void evict(Pod& pod);
  // Dead without a word, and replaced at once.
  void lose_node(Pod& pod);

  std::vector<Pod*> running() const;  // those that nobody has told to end, in the order of their starts
  std::vector<Hold> holds() const;
  bool all_held() const;
  bool each_owns() const;  // every running pod has a job
  // Ends all; the exit codes of all that were told to end in order, in the order of their starts.
  std::vector<int> end();

 private:
  void start_pod();
  PodCounts counts() const;
  Pod& next_old(const Choice& choose) const;

  Template make_;
  std::string config_;
  int wanted_;
  std::size_t jobs_;
  int generation_ = 1;
  std::vector<std::unique_ptr<Pod>> pods_;  // ended ones too
};

}  // namespace baton
