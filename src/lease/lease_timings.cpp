#include "lease/lease_timings.h"

#include "base/duration.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

Duration margin_of(Duration lease) { return std::max(Duration(200), lease / 10); }

Duration least_lease(Duration heartbeat) {
  // lease - ⌊lease / 10⌋ ≥ 2 × heartbeat, solved for the lease.
  const Duration with_tenth((heartbeat.count() * 20 - 10) / 9 + 1);
  return std::max(2 * heartbeat + Duration(200), with_tenth);
}

}  // namespace

Duration LeaseTimings::margin() const { return margin_of(lease); }

Status LeaseTimings::check() const {
  const auto require_positive = [](std::string_view name, Duration value) -> Status {
    if (value > Duration::zero()) return {};
    return fail(ErrorKind::invalid, fmt::format("locks.{} is {}: expected more than 0", name, to_text(value)));
  };
  BATON_CHECK(require_positive("lease", lease));
  BATON_CHECK(require_positive("heartbeat", heartbeat));
  BATON_CHECK(require_positive("refresh", refresh));
  constexpr Duration longest(1'000LL * 86'400 * 366 * 100);
  if (lease > longest || heartbeat > longest || refresh > longest) {
    return fail(ErrorKind::invalid, "locks.lease, locks.heartbeat and locks.refresh are at most 100 years");
  }
  if (lease >= 2 * heartbeat + margin()) return {};
  return fail(ErrorKind::invalid,
              fmt::format("locks.lease is {}, too short for locks.heartbeat {}: expected at least {} (twice the "
                          "heartbeat and a safety margin); raise the lease or shorten the heartbeat",
                          to_text(lease), to_text(heartbeat), to_text(least_lease(heartbeat))));
}

}  // namespace baton
