// Configurations for replicas whose leases end soon.
#pragma once

#include "tests/process/load_job.h"

#include <chrono>
#include <string>

namespace baton {

struct ReplicaConfig {
  int tokens = 0;  // 0: as many as jobs
  std::string stores = "repository: { url: \"sqlite:baton.db\" }\n";
  std::string locks = "";  // more keys of locks
  std::string timings = "lease: 1s, heartbeat: 300ms, refresh: 100ms";
  std::string jobs;

  std::string text() const {
    return (tokens > 0 ? "replica: { tokens: " + std::to_string(tokens) + " }\n" : std::string()) + stores +
           "locks: { " + locks + timings + " }\nconnections:\n  warehouse: { url: \"sqlite:warehouse.db\" }\njobs:\n" +
           jobs;
  }
};

constexpr std::chrono::milliseconds lease_time(1'000), refresh_time(100);
// How much longer than its rule says a machine with other work may take.
constexpr std::chrono::milliseconds latency_allowance(2'000);

inline const std::string once_an_hour = "{ fixed_delay: 1h }";  // at once, and then not again in a test
inline const std::string by_hand = "manual";

inline std::string sql_job(const std::string& name, const std::string& schedule) {
  return "  " + name + ":\n    schedule: " + schedule +
         "\n    steps:\n      - name: count\n        sql: { statement: 'SELECT 1' }\n";
}

// Loads prices.csv into the table of that name.
inline std::string load_job(const std::string& name, const std::string& schedule, int chunk) {
  return "  " + name + ":\n    schedule: " + schedule +
         "\n    steps:\n      - name: load\n        read: { csv: { path: prices.csv } }\n"
         "        write: { table: { connection: warehouse, name: " +
         name + ", create: true, columns: { id: integer, price: double } } }\n        chunk: " + std::to_string(chunk) +
         "\n";
}

// Fails until somebody makes the table `missing` in warehouse.db.
inline std::string failing_job(const std::string& name, const std::string& schedule) {
  return "  " + name + ":\n    schedule: " + schedule +
         "\n    steps:\n      - name: s\n        sql: { connection: warehouse, statement: 'SELECT * FROM missing' }\n";
}

// Gives a line of a shell to sh.
inline std::string shell_job(const std::string& name, const std::string& schedule, const std::string& script) {
  return "  " + name + ":\n    schedule: " + schedule +
         "\n    steps:\n      - name: work\n        command:\n          argv: [sh, -c, '" + script + "']\n";
}

// Further keys of the first job in that text.
inline std::string with_keys(std::string job, const std::string& keys) {
  return job.insert(job.find('\n') + 1, "    " + keys + "\n");
}

}  // namespace baton
