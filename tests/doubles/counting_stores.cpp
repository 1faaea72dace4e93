#include "tests/doubles/counting_stores.h"

#include <optional>

namespace baton {
namespace {

class CountingLeaseStore final : public LeaseStore {
 public:
  CountingLeaseStore(std::unique_ptr<LeaseStore> inner, StoreCalls& calls) : inner_(std::move(inner)), calls_(calls) {}

  Result<std::string> identity(Duration timeout) override {
    return calls_.pass("LeaseStore::identity", [&] { return inner_->identity(timeout); });
  }
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) override {
    return calls_.pass("LeaseStore::read", [&] { return inner_->read(key, timeout); });
  }
  Result<std::vector<LeaseRecord>> list(Duration timeout) override {
    return calls_.pass("LeaseStore::list", [&] { return inner_->list(timeout); });
  }
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) override {
    return calls_.pass("LeaseStore::take", [&] { return inner_->take(mine, seen, timeout); });
  }
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override {
    return calls_.pass("LeaseStore::renew", [&] { return inner_->renew(renewals, timeout); });
  }
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override {
    return calls_.pass("LeaseStore::release", [&] { return inner_->release(key, owner_name, version, timeout); });
  }

 private:
  std::unique_ptr<LeaseStore> inner_;
  StoreCalls& calls_;
};

class CountingExecutions final : public Executions {
 public:
  CountingExecutions(Executions& inner, StoreCalls& calls, PlantedBug bug) : inner_(inner), calls_(calls), bug_(bug) {}

  Result<std::optional<InstanceState>> last_run(const std::string& job) override {
    return calls_.pass("Executions::last_run", [&] { return inner_.last_run(job); });
  }
  Result<std::map<std::string, InstanceState>> last_runs(const std::vector<std::string>& jobs) override {
    return calls_.pass("Executions::last_runs", [&] { return inner_.last_runs(jobs); });
  }
  Result<std::map<std::string, JobExecution>> last_ended(const std::vector<std::string>& jobs) override {
    return calls_.pass("Executions::last_ended", [&] { return inner_.last_ended(jobs); });
  }
  Result<std::optional<JobExecution>> last_completed(const std::string& job) override {
    return calls_.pass("Executions::last_completed", [&] { return inner_.last_completed(job); });
  }
  Result<std::vector<JobExecution>> open_executions(const std::string& job) override {
    return calls_.pass("Executions::open_executions", [&] { return inner_.open_executions(job); });
  }
  Status close(const Authority& authority, const JobExecution& closed) override {
    if (bug_ == PlantedBug::orphans_left_open) return {};
    return calls_.pass("Executions::close", [&] { return inner_.close(authority, closed); });
  }
  Result<Launched> launch(const Authority& authority, const LaunchRequest& request) override {
    return calls_.pass("Executions::launch", [&] { return inner_.launch(authority, request); });
  }
  Result<StepExecution> start_step(const Authority& authority, std::int64_t job_execution_id,
                                   const std::string& step) override {
    return calls_.pass("Executions::start_step", [&] { return inner_.start_step(authority, job_execution_id, step); });
  }
  Result<BatchStatus> update_step(const Authority& authority, StepExecution& step) override {
    return calls_.pass("Executions::update_step", [&] { return inner_.update_step(authority, step); });
  }
  Status update_job(const Authority& authority, JobExecution& execution) override {
    return calls_.pass("Executions::update_job", [&] { return inner_.update_job(authority, execution); });
  }
  Result<std::vector<JobExecution>> history(const std::optional<std::string>& job, std::int64_t limit) override {
    return calls_.pass("Executions::history", [&] { return inner_.history(job, limit); });
  }

 private:
  Executions& inner_;
  StoreCalls& calls_;
  PlantedBug bug_;
};

class CountingRecord final : public RepositoryRecord {
 public:
  CountingRecord(RepositoryRecord& inner, StoreCalls& calls) : inner_(inner), calls_(calls) {}

  const std::string& repository_id() const override { return inner_.repository_id(); }
  Result<std::optional<std::string>> lease_store() override {
    return calls_.pass("RepositoryRecord::lease_store", [&] { return inner_.lease_store(); });
  }
  Status adopt_lease_store(const std::string& identity) override {
    return calls_.pass("RepositoryRecord::adopt_lease_store", [&] { return inner_.adopt_lease_store(identity); });
  }
  Result<std::vector<std::string>> fenced_databases(const std::string& job) override {
    return calls_.pass("RepositoryRecord::fenced_databases", [&] { return inner_.fenced_databases(job); });
  }
  Status raise_fence(const std::string& job, std::int64_t from, const std::vector<std::string>& databases) override {
    return calls_.pass("RepositoryRecord::raise_fence", [&] { return inner_.raise_fence(job, from, databases); });
  }

 private:
  RepositoryRecord& inner_;
  StoreCalls& calls_;
};

struct LateProgress {
  ProgressKey key;
  Progress progress;
  std::int64_t expected = 0;
};

class CountingTransaction final : public Transaction {
 public:
  CountingTransaction(std::unique_ptr<Transaction> inner, StoreCalls& calls, PlantedBug bug, Database& database,
                      Authority authority)
      : inner_(std::move(inner)), calls_(calls), bug_(bug), database_(database), authority_(std::move(authority)) {}

  Status save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) override {
    if (bug_ == PlantedBug::progress_apart) {
      late_ = LateProgress{key, progress, expected};
      return {};
    }
    return calls_.pass("Transaction::save_progress", [&] { return inner_->save_progress(key, progress, expected); });
  }
  Status save_rejects(const ProgressKey& key, const std::string& job, std::int64_t job_execution_id,
                      const std::vector<Reject>& rejects) override {
    return calls_.pass("Transaction::save_rejects",
                       [&] { return inner_->save_rejects(key, job, job_execution_id, rejects); });
  }
  Status forget_rejects(const ProgressKey& key) override {
    return calls_.pass("Transaction::forget_rejects", [&] { return inner_->forget_rejects(key); });
  }
  Result<std::int64_t> execute(const std::string& sql) override {
    return calls_.pass("Transaction::execute", [&] { return inner_->execute(sql); });
  }
  Result<BatchStatus> update_step(StepExecution& step) override {
    return calls_.pass("Transaction::update_step", [&] { return inner_->update_step(step); });
  }
  Status commit() override {
    BATON_CHECK(calls_.pass("Transaction::commit", [&] { return inner_->commit(); }));
    if (!late_) return {};
    BATON_TRY(const auto apart, database_.begin(authority_, Durability::full));
    BATON_CHECK(apart->save_progress(late_->key, late_->progress, late_->expected));
    return apart->commit();
  }

 private:
  std::unique_ptr<Transaction> inner_;
  StoreCalls& calls_;
  PlantedBug bug_;
  Database& database_;
  Authority authority_;
  std::optional<LateProgress> late_;
};

class CountingWriter final : public TableWriter {
 public:
  CountingWriter(std::unique_ptr<TableWriter> inner, StoreCalls& calls) : inner_(std::move(inner)), calls_(calls) {}

  Result<std::vector<std::string>> columns() override {
    return calls_.pass("TableWriter::columns", [&] { return inner_->columns(); });
  }
  Status bind(const std::vector<std::string>& inputs) override {
    return calls_.pass("TableWriter::bind", [&] { return inner_->bind(inputs); });
  }
  std::unique_ptr<EncodedBatch> encode(const RowBatch& batch, std::vector<Reject>& rejects) override {
    return calls_.pass_aside("TableWriter::encode", [&] { return inner_->encode(batch, rejects); });
  }
  Status begin(std::int64_t instance) override {
    return calls_.pass("TableWriter::begin", [&] { return inner_->begin(instance); });
  }
  Status resume(std::int64_t instance) override {
    return calls_.pass("TableWriter::resume", [&] { return inner_->resume(instance); });
  }
  Result<bool> staging_is_whole(std::uint64_t rows) override {
    return calls_.pass("TableWriter::staging_is_whole", [&] { return inner_->staging_is_whole(rows); });
  }
  Result<WriteTally> write(const EncodedBatch& batch) override {
    return calls_.pass("TableWriter::write", [&] { return inner_->write(batch); });
  }
  int closing_chunks() const override { return inner_->closing_chunks(); }
  Result<ClosingTally> close(int index, bool clean, std::uint64_t most_rejects) override {
    return calls_.pass("TableWriter::close", [&] { return inner_->close(index, clean, most_rejects); });
  }
  Status discard(std::int64_t instance) override {
    return calls_.pass("TableWriter::discard", [&] { return inner_->discard(instance); });
  }

 private:
  std::unique_ptr<TableWriter> inner_;
  StoreCalls& calls_;
};

class CountingDatabase final : public Database {
 public:
  CountingDatabase(Database& inner, StoreCalls& calls, PlantedBug bug) : inner_(inner), calls_(calls), bug_(bug) {}

  const std::string& identity() const override { return inner_.identity(); }
  Result<std::int64_t> read_fence(const std::string& repository_id, const std::string& job) override {
    return calls_.pass("Database::read_fence", [&] { return inner_.read_fence(repository_id, job); });
  }
  Status raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) override {
    return calls_.pass("Database::raise_fence", [&] { return inner_.raise_fence(repository_id, job, from); });
  }
  Status end_older_transactions(const Fence& fence) override {
    return calls_.pass("Database::end_older_transactions", [&] { return inner_.end_older_transactions(fence); });
  }
  Result<std::optional<Progress>> read_progress(const ProgressKey& key) override {
    return calls_.pass("Database::read_progress", [&] { return inner_.read_progress(key); });
  }
  Result<std::unique_ptr<Transaction>> begin(const Authority& authority, Durability durability) override {
    BATON_TRY(auto transaction, calls_.pass("Database::begin", [&] { return inner_.begin(authority, durability); }));
    return std::unique_ptr<Transaction>(
        new CountingTransaction(std::move(transaction), calls_, bug_, inner_, authority));
  }
  Result<std::int64_t> execute_unprotected(const Authority& authority, const std::string& sql) override {
    return calls_.pass("Database::execute_unprotected", [&] { return inner_.execute_unprotected(authority, sql); });
  }
  std::unique_ptr<TableWriter> table_writer(const TableSpec& spec, const std::string& where) override {
    return std::make_unique<CountingWriter>(inner_.table_writer(spec, where), calls_);
  }
  void interrupt() override { inner_.interrupt(); }

 private:
  Database& inner_;
  StoreCalls& calls_;
  PlantedBug bug_;
};

}  // namespace

StoreHooks counting_stores(StoreCalls& calls, PlantedBug bug) {
  StoreHooks hooks;
  hooks.lease_store = [&calls](std::unique_ptr<LeaseStore> inner) {
    return std::make_unique<CountingLeaseStore>(std::move(inner), calls);
  };
  hooks.executions = [&calls, bug](Executions& inner) {
    return std::make_unique<CountingExecutions>(inner, calls, bug);
  };
  hooks.record = [&calls](RepositoryRecord& inner) { return std::make_unique<CountingRecord>(inner, calls); };
  hooks.database = [&calls, bug](Database& inner) { return std::make_unique<CountingDatabase>(inner, calls, bug); };
  return hooks;
}

}  // namespace baton
