// The chunk transaction on SQLite (P12).
#pragma once

#include "batch/database.h"
#include "sqlite/fenced_transaction.h"

namespace baton {

class SqliteChunkTransaction final : public Transaction {
 public:
  SqliteChunkTransaction(SqliteConnection& connection, FencedTransaction transaction)
      : connection_(connection), transaction_(std::move(transaction)) {}

  Status save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) override;
  Status save_rejects(const ProgressKey& key, const std::string& job, std::int64_t job_execution_id,
                      const std::vector<Reject>& rejects) override;
  Status forget_rejects(const ProgressKey& key) override;
  Result<std::int64_t> execute(const std::string& sql) override;
  Result<BatchStatus> update_step(StepExecution& step) override;
  Status commit() override { return transaction_.commit(); }

 private:
  SqliteConnection& connection_;
  FencedTransaction transaction_;
};

}  // namespace baton
