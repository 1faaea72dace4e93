// A checked tree → Config, with the rules that tie several keys together.
#pragma once

#include "config/checked_values.h"
#include "config/config.h"

namespace baton {

// `root` went through check_shape. Reports what breaks a rule; the result counts only if there is no problem at all.
Config build_config(const YamlNode& root, const BuildContext& context);

// Where leases are that are kept beside the repository.
DatabaseConfig lease_database_beside(const DatabaseConfig& repository);

// One entry of `jobs`.
JobConfig build_job(const YamlMember& entry, const Config& config, const BuildContext& context);

// The `argv` of `map`; a program with a slash is made absolute.
std::vector<Placed<std::string>> build_argv(const YamlNode& map, const BuildContext& context);

// The `ping` of `map`, if it has one.
std::optional<PingConfig> build_ping(const YamlNode* map);

// `server`, `monitoring`, `alerts` and `retention`, once locks and jobs of `config` are built.
void build_monitoring(const YamlNode& root, const BuildContext& context, Config& config);

// `node` is the value of jobs.JOB.schedule; nullptr: manual.
Placed<Schedule> build_schedule(const YamlNode* node, const std::string& job, const BuildContext& context);

// The zone that `map` names; UTC without the key, and where the name is reported as unknown. `key` is for messages.
std::shared_ptr<const Zone> build_zone(const YamlNode* map, const std::string& key, const BuildContext& context);

// The load of a step that has `read`.
LoadConfig build_load(const YamlNode& step, const Config& config, const BuildContext& context);

// A `native`: a part that is written in C++.
NativeConfig build_native(const YamlNode& node, const BuildContext& context);

// The `connection` of `map`, which must be one of config.connections; absent: the repository's database.
std::optional<Placed<std::string>> build_connection(const YamlNode* map, const Config& config,
                                                    const BuildContext& context);

}  // namespace baton
