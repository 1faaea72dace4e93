// The configuration of loads from numbers.csv, one a job, into tables of the jobs' names, with their locks in dynalite.
#pragma once

#include "dynamodb/lock_item.h"
#include "lease/lease_timings.h"
#include "tests/doubles/dynalite.h"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace baton {

inline std::string locked_loads_config(const LockTable& table, const LeaseTimings& timings,
                                       const std::string& repository_url, const std::string& target_url,
                                       const std::vector<std::string>& jobs, int chunk) {
  std::string text = fmt::format(
      "replica: {{ tokens: {} }}\nrepository: {{ url: \"{}\", schema: datasync }}\n"
      "locks: {{ store: dynamodb, lease: {}ms, heartbeat: {}ms, refresh: {}ms, dynamodb: {{ table: {}, "
      "partition_key: key, region: eu-test-1, endpoint: \"{}\", accesskey: test, secretkey: test }} }}\n"
      "connections: {{ warehouse: {{ url: \"{}\", schema: public }} }}\njobs:\n",
      jobs.size(), repository_url, timings.lease.count(), timings.heartbeat.count(), timings.refresh.count(),
      table.name, dynalite_endpoint().url, target_url);
  for (const std::string& job : jobs) {
    text += fmt::format(
        "  {0}:\n    schedule: {{ fixed_delay: 1h }}\n    steps:\n      - name: load\n"
        "        read: {{ csv: {{ path: numbers.csv }} }}\n"
        "        write: {{ table: {{ connection: warehouse, name: {0}, mode: append }} }}\n        chunk: {1}\n",
        job, chunk);
  }
  return text;
}

}  // namespace baton
