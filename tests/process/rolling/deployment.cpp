#include "tests/process/rolling/deployment.h"

#include "tests/doubles/workspace.h"

#include <algorithm>
#include <csignal>

namespace baton {

Deployment::Deployment(Template make, std::string config, int replicas, std::size_t jobs)
    : make_(std::move(make)), config_(std::move(config)), wanted_(replicas), jobs_(jobs) {
  for (int i = 0; i < replicas; ++i) start_pod();
}

void Deployment::start_pod() {
  const std::string name = "pod-" + std::to_string(pods_.size() + 1);
  pods_.push_back(std::make_unique<Pod>(name, generation_, make_(config_)));
}

PodCounts Deployment::counts() const {
  PodCounts counts;
  counts.wanted = wanted_;
  for (const auto& pod : pods_) {
    if (pod->ending()) {
      counts.ending += pod->ended() ? 0 : 1;
    } else if (pod->generation() == generation_) {
      ++(pod->ready() ? counts.new_ready : counts.new_unready);
    } else {
      ++(pod->ready() ? counts.old_ready : counts.old_unready);
    }
  }
  return counts;
}

std::vector<Hold> Deployment::holds() const {
  std::vector<PodLog> logs;
  for (const auto& pod : pods_) logs.push_back({pod->name(), pod->log(), pod->silenced(), pod->ended()});
  return ownership_times(logs);
}

bool Deployment::all_held() const { return held_at_the_end(holds()) == jobs_; }

bool Deployment::each_owns() const {
  const std::vector<Hold> held = holds();
  return std::all_of(pods_.begin(), pods_.end(), [&](const auto& pod) {
    const auto its = [&](const Hold& hold) { return hold.pod == pod->name() && !hold.until; };
    return pod->ending() || std::any_of(held.begin(), held.end(), its);
  });
}

bool Deployment::settle() {
  return await([&] {
    const PodCounts pods = counts();
    return pods.new_ready == wanted_ && pods.new_unready + pods.ending == 0 && all_held();
  });
}

// The unready ones first.
Pod& Deployment::next_old(const Choice& choose) const {
  std::vector<Pod*> old = running();
  std::erase_if(old, [&](Pod* pod) { return pod->generation() == generation_; });
  const auto unready = std::find_if(old.begin(), old.end(), [](Pod* pod) { return !pod->ready(); });
  return unready == old.end() ? choose(old) : **unready;
}

bool Deployment::roll(const std::string& config, const RolloutStrategy& strategy, const Choice& choose) {
  config_ = config;
  ++generation_;
  return await([&] {
    const PodCounts pods = counts();
    if (rolled_out(pods)) return true;
    const RolloutStep step = next_rollout_step(strategy, pods);
    for (int i = 0; i < step.end; ++i) next_old(choose).terminate();
    for (int i = 0; i < step.start; ++i) start_pod();
    return false;
  });
}

bool Deployment::scale(int replicas, const Choice& choose) {
  for (int i = wanted_; i < replicas; ++i) start_pod();
  for (int i = replicas; i < wanted_; ++i) choose(running()).terminate();
  wanted_ = replicas;
  return settle();
}

void Deployment::evict(Pod& pod) {
  pod.terminate();
  start_pod();
}

void Deployment::lose_node(Pod& pod) {
  pod.lose();
  start_pod();
}

std::vector<Pod*> Deployment::running() const {
  std::vector<Pod*> running;
  for (const auto& pod : pods_) {
    if (!pod->ending()) running.push_back(pod.get());
  }
  return running;
}

std::vector<int> Deployment::end() {
  std::vector<int> codes;
  for (const auto& pod : pods_) {
    if (!pod->ending()) pod->terminate();
  }
  for (const auto& pod : pods_) {
    const int code = pod->wait();
    if (code != 128 + SIGKILL) codes.push_back(code);
  }
  return codes;
}

}  // namespace baton
