// What the tests of real replicas share: several processes on the files of one folder.
#pragma once

#include "tests/process/process_test.h"
#include "tests/process/replica_config.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

using Replica = std::unique_ptr<Program>;

class ReplicaTest : public ProcessTest {
 protected:
  void configure(const ReplicaConfig& config) const { workspace_.write("baton.yaml", config.text()); }

  Replica start(const std::string& config = "baton.yaml") const;
  // One that ends, stops or waits at a call of its stores; see tests/doubles/store_calls.h.
  Replica start_with(const std::string& variable, const std::string& value,
                     const std::string& config = "baton.yaml") const;
  Replica start_with_point(const std::string& point) const { return start_with("BATON_AT", point); }
  // SIGTERM, and all is released.
  static void end(const Replica& replica);

  // Empty while it has none.
  std::string id_of(const Replica& replica) const;
  // The jobs whose leases it holds, sorted, with a blank between them.
  std::string held_by(const Replica& replica) const;
  int count_held(const Replica& replica) const;
  bool await_held(const Replica& replica, int jobs) const {
    return await([&] { return count_held(replica) == jobs; });
  }
  // All leases that are not released: "job|owner", a line each.
  std::string leases() const;

  // Of a job's executions, oldest first, a line each: "STATUS|ended_by|reason".
  std::string runs(const std::string& job) const;
  bool await_runs(const std::string& job, const std::string& wanted) const {
    return await([&] { return runs(job) == wanted; });
  }
  int count_runs(const std::string& job, const std::string& status) const;
  bool await_completed(const std::string& job, int runs) const {
    return await([&] { return count_runs(job, "COMPLETED") >= runs; });
  }
  // Executions and steps that are not ended.
  std::string open_executions() const;
  std::string loaded(const std::string& table) const {
    return workspace_.try_query("warehouse.db", "SELECT count(*), sum(id), sum(price) FROM " + table).value_or("");
  }
  using ProcessTest::loaded;

  // One value of a replica's row or a job's.
  virtual std::string repository(const std::string& sql) const {
    return workspace_.try_query(repository_file_, sql).value_or("");
  }
  std::string status_of(const std::string& job, const std::string& key) const;

  std::string repository_file_ = "baton.db";
  std::string locks_file_ = "baton.db-locks";
};

// As /proc shows it: T is stopped by SIGSTOP, Z has ended.
char state_of(const Replica& replica);
inline bool is_stopped(const Replica& replica) { return state_of(replica) == 'T'; }

std::size_t times(const std::string& text, const std::string& part);

}  // namespace baton
