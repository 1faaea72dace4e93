// Databases in memory: for tests and for the simulation, where all replicas share one MemoryStore. A transaction works
// on a copy, and nothing of it is visible before its commit.
#pragma once

#include "batch/database.h"
#include "batch/job_control.h"
#include "batch/reject_log.h"
#include "batch/replicas.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

namespace baton {

using MemoryRow = std::vector<std::string>;  // NULL is "NULL"

struct MemoryTable {
  std::vector<std::string> columns;
  std::vector<MemoryRow> rows;
};

struct MemoryInstance {
  std::int64_t id = 0;
  std::string job;
  std::string key;  // JOB_KEY
};

struct MemoryStop {
  std::int64_t instance = 0;
  std::string by;
};

struct MemoryAnswer {
  std::string request;  // id
  std::string text;
};

// Everything that one database holds; the second half only where it is a job repository.
struct MemoryState {
  std::map<std::pair<std::string, std::string>, std::int64_t> fences;  // by repository id and job
  std::map<std::tuple<std::string, std::int64_t, std::string>, Progress> progress;
  std::vector<LoggedReject> rejects;
  std::map<std::string, MemoryTable> tables;
  std::vector<std::string> statements;  // texts of users that were executed

  std::optional<std::string> lease_store;
  std::map<std::string, std::set<std::string>> fenced_databases;
  std::map<std::string, MemoryStop> stops;
  std::map<std::string, JobControl> jobs;       // stop_instance is in `stops`
  std::map<std::string, MemoryAnswer> answers;  // the last of each job
  std::map<std::string, ReplicaRow> replicas;   // by id
  std::vector<MemoryInstance> instances;
  std::vector<JobExecution> executions;  // by id, with steps
  std::map<std::int64_t, JobParameters> parameters;
  std::int64_t last_step_id = 0;
};

// Thread-safe. One transaction at a time: another thread waits, the same thread is told `retry`.
class MemoryStore {
 public:
  explicit MemoryStore(std::string identity) : identity_(std::move(identity)) {}

  const std::string& identity() const { return identity_; }
  MemoryState committed() const {
    const std::scoped_lock lock(mutex_);
    return committed_;
  }
  // As of one moment, without a copy.
  void read(const std::function<void(const MemoryState&)>& look) const {
    const std::scoped_lock lock(mutex_);
    look(committed_);
  }
  // A change of another program's, committed by itself.
  void change(const std::function<void(MemoryState&)>& apply);

 private:
  friend class MemoryWrite;

  const std::string identity_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  MemoryState committed_;
  std::optional<std::thread::id> writer_;
};

// An open transaction of a store.
class MemoryWrite {
 public:
  static Result<std::unique_ptr<MemoryWrite>> begin(MemoryStore& store);
  // `lease_lost` where the fence is not the authority's.
  static Result<std::unique_ptr<MemoryWrite>> begin(MemoryStore& store, const Authority& authority);
  MemoryWrite(const MemoryWrite&) = delete;
  MemoryWrite& operator=(const MemoryWrite&) = delete;
  ~MemoryWrite() { end(); }

  // The guard, where there is an authority; then all of the draft at once.
  Status commit();

  MemoryState draft;

 private:
  explicit MemoryWrite(MemoryStore& store) : store_(&store) {}
  void end();

  MemoryStore* store_;
  std::optional<Guard> guard_;
};

// True if it is, or has a step that is, STARTING, STARTED or STOPPING.
bool is_open(const JobExecution& execution);

// Within a transaction: the job's row, which is made if there is none.
JobControl& note_memory_job(MemoryState& state, const std::string& job, WallTime now);

// Compare-and-set within a transaction.
Status raise_memory_fence(MemoryState& state, const std::string& repository_id, const std::string& job,
                          std::int64_t from);
Result<BatchStatus> update_memory_step(MemoryState& state, StepExecution& step);

// One connection. The store outlives it. A value "!encode" is refused while encoding, "!write" by the database,
// "!merge" in a closing chunk; "!filter" is left out by the table.
class MemoryDatabase final : public Database {
 public:
  explicit MemoryDatabase(MemoryStore& store) : store_(store) {}

  const std::string& identity() const override { return store_.identity(); }
  Result<std::int64_t> read_fence(const std::string& repository_id, const std::string& job) override;
  Status raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) override;
  Status end_older_transactions(const Fence& /*fence*/) override { return {}; }
  Result<std::optional<Progress>> read_progress(const ProgressKey& key) override;
  Result<std::unique_ptr<Transaction>> begin(const Authority& authority, Durability durability) override;
  Result<std::int64_t> execute_unprotected(const Authority& authority, const std::string& sql) override;
  std::unique_ptr<TableWriter> table_writer(const TableSpec& spec, const std::string& where) override;
  void interrupt() override { ++interrupts_; }

  int interrupts() const { return interrupts_; }
  Durability last_durability() const { return last_durability_; }
  // Of the open transaction; null where none is open.
  MemoryState* draft() { return open_ != nullptr ? &open_->draft : nullptr; }
  void opened(MemoryWrite* write) { open_ = write; }
  MemoryStore& store() { return store_; }

 private:
  MemoryStore& store_;
  MemoryWrite* open_ = nullptr;
  Durability last_durability_ = Durability::relaxed;
  std::atomic<int> interrupts_ = 0;
};

std::unique_ptr<TableWriter> make_memory_table_writer(MemoryDatabase& database, TableSpec spec);

}  // namespace baton
