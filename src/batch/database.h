// A database that a job writes to: its fence, its progress, its rejects, its transactions.
#pragma once

#include "batch/authority.h"
#include "batch/execution.h"
#include "batch/progress.h"
#include "data/writer.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// Open from Database::begin until commit or destruction, which rolls back. Used by one thread. An error of kind
// `retry` leaves nothing done once the transaction is gone; the whole transaction may then be tried again.
class Transaction {
 public:
  Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  virtual ~Transaction() = default;

  // Writes `progress` at revision `expected` + 1 if the recorded one is at `expected` (0: none is recorded).
  // `conflict` if it is not.
  virtual Status save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) = 0;

  virtual Status save_rejects(const ProgressKey& key, const std::string& job, std::int64_t job_execution_id,
                              const std::vector<Reject>& rejects) = 0;
  // The step begins anew: its rejects would be recorded twice.
  virtual Status forget_rejects(const ProgressKey& key) = 0;

  // Runs SQL text of a user's and returns the number of rows changed. `invalid` for transaction control in the text
  // (P14) and for whatever the database says about it.
  virtual Result<std::int64_t> execute(const std::string& sql) = 0;

  // Where this database is the repository too: the step execution's row, VERSION + 1. Returns the status of its job
  // execution, so that a stop is noticed. `conflict` if the row is at another version.
  virtual Result<BatchStatus> update_step(StepExecution& step) = 0;

  // The guard, then COMMIT. `lease_lost` if trust has passed: nothing is committed. `unknown_outcome`: read progress
  // back.
  virtual Status commit() = 0;
};

// Whether a commit survives a power failure at once (P13). It survives the end of any process in either case.
enum class Durability { relaxed, full };

// One connection; used by one thread at a time but for interrupt().
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  // Equal for two Database objects exactly if they are the same database. Holds no secret.
  virtual const std::string& identity() const = 0;

  // 0 where the job was never fenced here.
  virtual Result<std::int64_t> read_fence(const std::string& repository_id, const std::string& job) = 0;

  // Sets the fence to `from` + 1 where it is `from`, committed by itself and durably. `conflict` where it is not.
  virtual Status raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) = 0;

  // P9: transactions that other sessions began for the job before this fence was raised, or that a lost connection of
  // this owner left open, are over when it returns. `lease_lost` where the fence is not `fence` any more; `invalid`,
  // naming pid, role and database, where they may not be ended. Nothing to do where no transaction outlives its
  // process.
  virtual Status end_older_transactions(const Fence& fence) = 0;

  // Empty where nothing is recorded.
  virtual Result<std::optional<Progress>> read_progress(const ProgressKey& key) = 0;

  // Begins and checks the fence. `lease_lost` where it is not the authority's, or none is there.
  virtual Result<std::unique_ptr<Transaction>> begin(const Authority& authority, Durability durability) = 0;

  // SQL outside of any transaction (`transaction: none`), after a check of the fence: at least once.
  virtual Result<std::int64_t> execute_unprotected(const Authority& authority, const std::string& sql) = 0;

  // `where` is "job/step", with which messages begin.
  virtual std::unique_ptr<TableWriter> table_writer(const TableSpec& spec, const std::string& where) = 0;

  // Ends what runs on this connection with an error of kind `retry`. Thread-safe.
  virtual void interrupt() = 0;
};

}  // namespace baton
