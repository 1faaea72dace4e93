// baton demo: plays the Deployment. Starts replicas of one configuration as processes, shows who owns what and what
// each run did, and replaces a replica that was killed.
#pragma once

#include "app/commands.h"
#include "lease/lease_timings.h"

#include <optional>

namespace baton {

struct DemoRequest {
  int replicas = 2;
  // Kills one replica by itself once each job has completed, at the latest at two fifths of this time (earlier where
  // the take-over needs the rest), and ends when it is over; absent: goes on until somebody ends it.
  std::optional<Duration> length;
};

// What a demo with a length must have: the least one, and when a replica is killed at the latest.
struct DemoPlan {
  Duration least_length{0};
  Duration kill_at{0};
};

DemoPlan demo_plan(const LeaseTimings& timings, Duration length);

// A length below the least one is wrong usage. With a length: `done` only if each job completed before the kill and
// again after it.
ExitCode demo_command(const CommandContext& context, const DemoRequest& request);

}  // namespace baton
