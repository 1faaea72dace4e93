// How many sessions with PostgreSQL databases a job's run has at the same time, and what `pool` allows.
#pragma once

#include "config/config.h"
#include "config/source_text.h"

#include <map>
#include <string>

namespace baton {

// By the connection's name; "" is the repository's database. None for SQLite.
using SessionCounts = std::map<std::string, int>;

// The repository's, one for each writer and one to read with, where steps write and read; steps run one after the
// other.
SessionCounts sessions_of_run(const JobConfig& job, const Config& config);

// `pool` of each PostgreSQL database.
SessionCounts pools(const Config& config);

// What `run --once` has open with the repository's database beside those of a run.
inline constexpr int sessions_beside_runs = 1;

// What a replica may have open with the repository's database beside those of runs: its own, and two of each global
// monitor that it runs (all of them, where it is the only one). Not counted: the one to look how its jobs are and to
// write alerts.
int sessions_of_replica(const Config& config);

// "`connections.shop.pool`", "`repository.pool`", or the key of an application.properties or of the environment, with
// the word where it is.
std::string shown_pool_key(const std::string& connection, const Config& config);

// A problem for each job whose run alone needs more than a pool allows, beside what the replica itself has open.
void check_pools(const Config& config, Problems& problems);

}  // namespace baton
