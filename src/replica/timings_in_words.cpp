#include "replica/timings_in_words.h"

#include "base/duration.h"

#include <fmt/format.h>

namespace baton {

std::vector<std::string> timings_in_words(const LeaseTimings& timings) {
  const Duration trust = timings.lease - timings.margin();
  return {
      fmt::format("A dead replica's job is taken over at the latest after {} (lease {} + refresh {}), plus the lease "
                  "store's latency, if a live replica has a free token. A replica that has just started first watches "
                  "the lease for as long as it lasts.",
                  to_text(timings.lease + timings.refresh), to_text(timings.lease), to_text(timings.refresh)),
      fmt::format("A released job is taken within {} (refresh), or at once where the lease store notifies.",
                  to_text(timings.refresh)),
      fmt::format("A lease is renewed every {} and trusted for {} (lease - margin {}) after a renewal was sent; after "
                  "that nothing commits.",
                  to_text(timings.heartbeat), to_text(trust), to_text(timings.margin())),
      fmt::format("An outage of the lease store of up to {} (lease - margin - heartbeat) interrupts no job.",
                  to_text(trust - timings.heartbeat)),
      fmt::format("An outage of the job repository of up to {} (lease) costs no ownership; after that jobs are stopped "
                  "and let go.",
                  to_text(timings.lease)),
      fmt::format("A replica counts as dead when it has shown no sign of life for {} (3 heartbeats).",
                  to_text(3 * timings.heartbeat)),
  };
}

}  // namespace baton
