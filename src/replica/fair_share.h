// How many jobs each replica should own, and who gives one to whom (P20). Advisory: it never decides who may commit.
#pragma once

#include "base/random.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// ceil((jobs − jobs held by foreign owners) / live replicas), at most `tokens`. `replicas` counts those with the same
// configuration, me included.
std::int64_t fair_target(std::int64_t jobs, std::int64_t foreign, std::int64_t replicas, std::int64_t tokens);

// Another live replica with the same configuration.
struct Peer {
  std::string id;
  std::int64_t held = 0;    // jobs whose lease it holds, or that are offered to it
  std::int64_t target = 0;  // its own
  bool in_backoff = false;  // it let an offer pass lately
};

// Who should get one idle job of mine: of those below their targets that hold at least two less than I do, one with
// the fewest. Empty while I am not above my target, or if there is none.
std::optional<std::string> whom_to_offer(std::int64_t my_held, std::int64_t my_target, const std::vector<Peer>& peers,
                                         Random& random);

}  // namespace baton
