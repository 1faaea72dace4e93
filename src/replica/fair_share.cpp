#include "replica/fair_share.h"

#include <algorithm>

namespace baton {

std::int64_t fair_target(std::int64_t jobs, std::int64_t foreign, std::int64_t replicas, std::int64_t tokens) {
  const std::int64_t ours = std::max<std::int64_t>(jobs - foreign, 0);
  const std::int64_t many = std::max<std::int64_t>(replicas, 1);
  return std::min((ours + many - 1) / many, tokens);
}

std::optional<std::string> whom_to_offer(std::int64_t my_held, std::int64_t my_target, const std::vector<Peer>& peers,
                                         Random& random) {
  if (my_held <= my_target) return std::nullopt;
  std::vector<const Peer*> neediest;
  for (const Peer& peer : peers) {
    if (peer.in_backoff || peer.held >= peer.target || my_held - peer.held < 2) continue;
    if (!neediest.empty() && peer.held > neediest.front()->held) continue;
    if (!neediest.empty() && peer.held < neediest.front()->held) neediest.clear();
    neediest.push_back(&peer);
  }
  if (neediest.empty()) return std::nullopt;
  return neediest[below(random, neediest.size())]->id;
}

}  // namespace baton
