// baton run: a replica, from the configuration to the end that a signal asks for.
#pragma once

#include "app/commands.h"
#include "replica/replica_settings.h"

#include <stop_token>
#include <string>

namespace baton {

// The host's name and a random part: fresh at every process start.
std::string fresh_replica_id(Random& random);

// A run that neither `timeout` nor `stall` bounds is reported, and goes on, when it makes no progress for so long: else
// nobody would hear of one that hangs.
inline constexpr Duration stall_of_the_unbounded{3'600'000};

RunLimits limits_of(const WatchConfig& watch);

ReplicaSettings replica_settings(const Config& config, std::string id);

// Until `stop`; `done` after everything was released. An error of the configuration, or of stores that do not belong
// together, ends it at once; a store that is away is waited for.
ExitCode run_replica_until(const CommandContext& context, std::stop_token stop);

}  // namespace baton
