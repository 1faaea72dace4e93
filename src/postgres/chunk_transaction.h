// The chunk transaction on PostgreSQL (P12).
#pragma once

#include "batch/database.h"
#include "postgres/fenced_transaction.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

class PgChunkTransaction final : public Transaction {
 public:
  explicit PgChunkTransaction(PgFencedTransaction transaction)
      : transaction_(std::move(transaction)), session_(transaction_->session()) {}
  // After user SQL the session is not used any more: whatever it left behind there goes with it.
  ~PgChunkTransaction() override;

  Status save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) override;
  Status save_rejects(const ProgressKey& key, const std::string& job, std::int64_t job_execution_id,
                      const std::vector<Reject>& rejects) override;
  Status forget_rejects(const ProgressKey& key) override;
  Result<std::int64_t> execute(const std::string& sql) override;
  Result<BatchStatus> update_step(StepExecution& step) override;
  Status commit() override { return transaction_->commit(); }

 private:
  PgConnection& connection() { return transaction_->connection(); }

  std::optional<PgFencedTransaction> transaction_;
  PgSession& session_;
  bool user_sql_ran_ = false;
};

}  // namespace baton
