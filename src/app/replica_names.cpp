#include "app/replica_names.h"

#include <algorithm>
#include <optional>
#include <set>

namespace baton {
namespace {

constexpr std::size_t least_digits = 4;
constexpr std::size_t most_digits = 8;  // fresh_replica_id; AWS's lock client ends its names with a UUID's twelve

struct ReplicaId {
  std::string host;
  std::string random;
};

std::optional<ReplicaId> split(const std::string& id) {
  const std::size_t dash = id.rfind('-');
  if (dash == std::string::npos || dash == 0 || id.size() - dash - 1 != most_digits) return std::nullopt;
  if (id.find_first_not_of("0123456789abcdef", dash + 1) != std::string::npos) return std::nullopt;
  return ReplicaId{id.substr(0, dash), id.substr(dash + 1)};
}

}  // namespace

ReplicaNames::ReplicaNames(const std::vector<std::string>& ids) {
  std::map<std::string, ReplicaId> known;
  std::set<std::string> hosts;
  for (const std::string& id : ids) {
    const auto parts = split(id);
    if (!parts) continue;
    known.emplace(id, *parts);
    hosts.insert(parts->host);
  }
  for (std::size_t digits = least_digits; digits <= most_digits; ++digits) {
    std::set<std::string> names;
    for (const auto& [id, parts] : known) {
      short_[id] = (hosts.size() == 1 ? "r" : parts.host) + "-" + parts.random.substr(0, digits);
      names.insert(short_[id]);
    }
    if (names.size() == known.size()) return;
  }
  short_.clear();
}

std::string ReplicaNames::of(const std::string& id) const {
  const auto found = short_.find(id);
  return found == short_.end() ? id : found->second;
}

}  // namespace baton
