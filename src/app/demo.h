// baton demo: plays the Deployment. Starts replicas of one configuration as processes, shows who owns what and what
// each run did, and replaces a replica that was killed.
#pragma once

#include "app/commands.h"

#include <optional>

namespace baton {

struct DemoRequest {
  int replicas = 2;
  // Kills one replica by itself once each job has completed, and ends when this time is over; absent: goes on until
  // somebody ends it.
  std::optional<Duration> length;
};

// With a length: `done` only if each job completed before the kill and again after it.
ExitCode demo_command(const CommandContext& context, const DemoRequest& request);

}  // namespace baton
