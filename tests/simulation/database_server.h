// A database of a simulation: fences, progress, rows. What arrives is checked as the shipped databases check it, and
// then once more against the truth.
#pragma once

#include "batch/progress.h"
#include "tests/simulation/lease_server.h"

#include <map>
#include <memory>
#include <set>
#include <tuple>

namespace baton {

// Switches for bugs that these tests must find; all off but in planted_bugs_test.cpp.
struct PlantedBugs {
  bool no_fence = false;
  bool progress_apart = false;
  bool fence_without_renewal = false;
  bool blind_retry = false;
  bool release_before_end = false;
  bool wall_clock_in_lease = false;
  bool offers_without_receiver = false;
};

// Who sends a transaction, as it travels with it.
struct TransactionSender {
  std::string job;
  std::string replica;
  std::int64_t fence = 0;
  TrueTime deadline{0};          // the guard's, in the server's time
  std::int64_t acquisition = 0;  // the truth: under which acquisition of the lease the sender became the owner
};

// What one transaction of a step's changes, at once.
struct ChunkWrite {
  ProgressKey key;
  std::vector<std::uint64_t> rows;
  std::optional<Progress> progress;
  std::int64_t expected = 0;
  std::int64_t statements = 0;
};

// One connection. A message of an older epoch was sent before the client ended its session: it is dropped.
struct ServerSession {
  int epoch = 0;
};

struct ServerCounts {
  std::int64_t commits = 0;
  std::int64_t fences = 0;
  std::int64_t refused = 0;  // by fence or guard
};

class DatabaseServer {
 public:
  DatabaseServer(std::string identity, EventQueue& queue, Trace& trace, const LeaseServer& leases,
                 const PlantedBugs& bugs)
      : network{identity, true, {}},
        identity_(std::move(identity)),
        queue_(queue),
        trace_(trace),
        leases_(leases),
        bugs_(bugs) {}
  DatabaseServer(const DatabaseServer&) = delete;
  DatabaseServer& operator=(const DatabaseServer&) = delete;
  virtual ~DatabaseServer() = default;

  const std::string& identity() const { return identity_; }

  std::int64_t read_fence(const std::string& job) const;
  Status raise_fence(const TransactionSender& sender, std::int64_t from);
  std::optional<Progress> read_progress(const ProgressKey& key) const;

  // The beginning of a transaction: the fence.
  Status check_fence(const TransactionSender& sender);
  // Its end: the guard. What it lets pass may stall, and is checked against the truth here.
  Status check_guard(const TransactionSender& sender);
  // The commit itself. The fence is looked at again: in the meantime a take-over ends older transactions (P9).
  Status apply(const TransactionSender& sender, const ChunkWrite& write);

  // The instance is over: nothing may be written to it any more.
  void close_instance(const std::string& job, std::int64_t instance);

  const ServerCounts& counts() const { return counts_; }

  SimulatedServer network;
  // How many rows a step of a job has to load; 0: none.
  std::function<std::uint64_t(const std::string& job, const std::string& step)> rows_of;

 protected:
  EventQueue& queue() { return queue_; }
  Trace& trace() { return trace_; }
  const PlantedBugs& bugs() const { return bugs_; }
  const LeaseServer& leases() const { return leases_; }
  // The transaction is being committed: by one who may?
  void check_committing(const TransactionSender& sender, std::string_view what);

 private:
  struct FenceRow {
    std::int64_t value = 0;
    std::int64_t acquisition = 0;  // the truth: the raiser's
  };
  struct LoadedInstance {
    std::vector<std::uint8_t> times;  // each row was applied
    std::int64_t statements = 0;
  };
  using StepInstance = std::tuple<std::string, std::string, std::int64_t>;  // job, step, instance

  Status apply_progress(const TransactionSender& sender, const ChunkWrite& write);
  void apply_rows(const TransactionSender& sender, const ChunkWrite& write);

  std::string identity_;
  EventQueue& queue_;
  Trace& trace_;
  const LeaseServer& leases_;
  const PlantedBugs& bugs_;
  std::map<std::string, FenceRow> fences_;
  std::map<std::pair<std::int64_t, std::string>, Progress> progress_;  // by instance and step
  std::map<StepInstance, LoadedInstance> loaded_;
  std::map<std::string, std::int64_t> closed_up_to_;  // job → instance
  ServerCounts counts_;
};

}  // namespace baton
