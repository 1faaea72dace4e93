// Forwards to another database, and breaks the calls that a test names.
#pragma once

#include "batch/database.h"
#include "tests/doubles/breaks.h"

namespace baton {

enum class DatabaseCall {
  read_fence,
  raise_fence,
  end_older_transactions,
  read_progress,
  begin,
  execute_unprotected,
  save_progress,
  save_rejects,
  execute,
  update_step,
  commit
};

class BreakableDatabase final : public Database {
 public:
  explicit BreakableDatabase(Database& inner) : inner_(inner) {}

  Breaks<DatabaseCall> breaks;

  const std::string& identity() const override { return inner_.identity(); }
  Result<std::int64_t> read_fence(const std::string& repository_id, const std::string& job) override {
    return breaks.run<Result<std::int64_t>>(DatabaseCall::read_fence,
                                            [&] { return inner_.read_fence(repository_id, job); });
  }
  Status raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) override {
    return breaks.run<Status>(DatabaseCall::raise_fence, [&] { return inner_.raise_fence(repository_id, job, from); });
  }
  Status end_older_transactions(const Fence& fence) override {
    return breaks.run<Status>(DatabaseCall::end_older_transactions,
                              [&] { return inner_.end_older_transactions(fence); });
  }
  Result<std::optional<Progress>> read_progress(const ProgressKey& key) override {
    return breaks.run<Result<std::optional<Progress>>>(DatabaseCall::read_progress,
                                                       [&] { return inner_.read_progress(key); });
  }
  Result<std::unique_ptr<Transaction>> begin(const Authority& authority, Durability durability) override {
    using Begun = Result<std::unique_ptr<Transaction>>;
    BATON_TRY(auto inner, breaks.run<Begun>(DatabaseCall::begin, [&] { return inner_.begin(authority, durability); }));
    return std::unique_ptr<Transaction>(new BreakableTransaction(breaks, std::move(inner)));
  }
  Result<std::int64_t> execute_unprotected(const Authority& authority, const std::string& sql) override {
    return breaks.run<Result<std::int64_t>>(DatabaseCall::execute_unprotected,
                                            [&] { return inner_.execute_unprotected(authority, sql); });
  }
  std::unique_ptr<TableWriter> table_writer(const TableSpec& spec, const std::string& where) override {
    return inner_.table_writer(spec, where);
  }
  void interrupt() override { inner_.interrupt(); }

 private:
  class BreakableTransaction final : public Transaction {
   public:
    BreakableTransaction(Breaks<DatabaseCall>& breaks, std::unique_ptr<Transaction> inner)
        : breaks_(breaks), inner_(std::move(inner)) {}

    Status save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) override {
      return breaks_.run<Status>(DatabaseCall::save_progress,
                                 [&] { return inner_->save_progress(key, progress, expected); });
    }
    Status save_rejects(const ProgressKey& key, const std::string& job, std::int64_t job_execution_id,
                        const std::vector<Reject>& rejects) override {
      return breaks_.run<Status>(DatabaseCall::save_rejects,
                                 [&] { return inner_->save_rejects(key, job, job_execution_id, rejects); });
    }
    Status forget_rejects(const ProgressKey& key) override { return inner_->forget_rejects(key); }
    Result<std::int64_t> execute(const std::string& sql) override {
      return breaks_.run<Result<std::int64_t>>(DatabaseCall::execute, [&] { return inner_->execute(sql); });
    }
    Result<BatchStatus> update_step(StepExecution& step) override {
      return breaks_.run<Result<BatchStatus>>(DatabaseCall::update_step, [&] { return inner_->update_step(step); });
    }
    Status commit() override {
      return breaks_.run<Status>(DatabaseCall::commit, [&] { return inner_->commit(); });
    }

   private:
    Breaks<DatabaseCall>& breaks_;
    std::unique_ptr<Transaction> inner_;
  };

  Database& inner_;
};

}  // namespace baton
