// The job repository, as a simulated process reaches it.
#include "tests/simulation/job_work.h"

#include <utility>

namespace baton {
namespace {

const std::string simulated_repository = "simulated";

class ClientExecutions final : public Executions {
 public:
  explicit ClientExecutions(ClientConnection& connection)
      : connection_(connection), repository_(connection.process().world().repository) {}

  Result<std::optional<InstanceState>> last_run(const std::string& job) override {
    return connection_.ask<std::optional<InstanceState>>(
        false, [&repository = repository_, job] { return repository.last_run(job); });
  }

  Result<std::map<std::string, InstanceState>> last_runs(const std::vector<std::string>& /*jobs*/) override {
    return fail(ErrorKind::internal, "nobody asks for many jobs here");
  }

  Result<std::map<std::string, JobExecution>> last_ended(const std::vector<std::string>& /*jobs*/) override {
    return fail(ErrorKind::internal, "nobody asks for many jobs here");
  }

  Result<std::optional<JobExecution>> last_completed(const std::string& /*job*/) override {
    return fail(ErrorKind::internal, "nobody asks for the last success here");
  }

  Result<std::vector<JobExecution>> open_executions(const std::string& job) override {
    return connection_.ask<std::vector<JobExecution>>(
        false, [&repository = repository_, job] { return repository.open_executions(job); });
  }

  Status close(const Authority& authority, const JobExecution& closed) override {
    return write<void>(authority, [&repository = repository_, closed](const TransactionSender& sender) {
      return repository.close(sender, closed);
    });
  }

  Result<Launched> launch(const Authority& authority, const LaunchRequest& request) override {
    return write<Launched>(authority, [&repository = repository_, request](const TransactionSender& sender) {
      return repository.launch(sender, request);
    });
  }

  Result<StepExecution> start_step(const Authority& authority, std::int64_t job_execution_id,
                                   const std::string& step) override {
    return write<StepExecution>(authority,
                                [&repository = repository_, job_execution_id, step](const TransactionSender& sender) {
                                  return repository.start_step(sender, job_execution_id, step);
                                });
  }

  Result<BatchStatus> update_step(const Authority& authority, StepExecution& step) override {
    using Updated = std::pair<BatchStatus, StepExecution>;
    BATON_TRY(Updated updated,
              write<Updated>(authority, [&repository = repository_, copy = step](const TransactionSender& sender) {
                return repository.update_step(sender, copy);
              }));
    step = std::move(updated.second);
    return updated.first;
  }

  Status update_job(const Authority& authority, JobExecution& execution) override {
    BATON_TRY(execution, write<JobExecution>(
                             authority, [&repository = repository_, copy = execution](const TransactionSender& sender) {
                               return repository.update_job(sender, copy);
                             }));
    return {};
  }

  Result<std::vector<JobExecution>> history(const std::optional<std::string>& /*job*/,
                                            std::int64_t /*limit*/) override {
    return fail(ErrorKind::internal, "nobody asks for history here");
  }

 private:
  template <class T>
  Result<T> write(const Authority& authority, std::function<Result<T>(const TransactionSender&)> change) {
    BATON_TRY(TransactionSender sender, connection_.guarded(authority));
    return connection_.ask<T>(
        true, [sender = std::move(sender), change = std::move(change)]() -> Result<T> { return change(sender); });
  }

  ClientConnection& connection_;
  RepositoryServer& repository_;
};

class ClientReplicas final : public Replicas {
 public:
  explicit ClientReplicas(ClientConnection& connection)
      : connection_(connection), repository_(connection.process().world().repository) {}

  Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) override {
    return connection_.ask<void>(true, [&repository = repository_, mine, jobs] { return repository.beat(mine, jobs); });
  }
  Result<RepositoryView> look() override {
    return connection_.ask<RepositoryView>(false, [&repository = repository_] { return repository.look(); });
  }
  Status offer(const std::string& job, const Offer& offer, Duration valid) override {
    return connection_.ask<void>(
        true, [&repository = repository_, job, offer, valid] { return repository.offer(job, offer, valid); });
  }
  Status clear_offer(const std::string& job) override {
    return connection_.ask<void>(true, [&repository = repository_, job] { return repository.clear_offer(job); });
  }
  Status answer_request(const Authority& authority, const std::string& request_id,
                        const std::string& /*text*/) override {
    BATON_TRY(const TransactionSender sender, connection_.guarded(authority));
    return connection_.ask<void>(true, [&repository = repository_, sender, request_id] {
      return repository.answer_request(sender, request_id);
    });
  }
  Status leave(const std::string& replica) override {
    return connection_.ask<void>(true, [&repository = repository_, replica] { return repository.leave(replica); });
  }

 private:
  ClientConnection& connection_;
  RepositoryServer& repository_;
};

class ClientRecord final : public RepositoryRecord {
 public:
  explicit ClientRecord(ClientConnection& connection)
      : connection_(connection), repository_(connection.process().world().repository) {}

  const std::string& repository_id() const override { return simulated_repository; }
  Result<std::optional<std::string>> lease_store() override { return std::nullopt; }
  Status adopt_lease_store(const std::string& /*identity*/) override { return {}; }
  Result<std::vector<std::string>> fenced_databases(const std::string& job) override {
    return connection_.ask<std::vector<std::string>>(
        false, [&repository = repository_, job] { return repository.fenced_databases(job); });
  }
  Status raise_fence(const std::string& /*job*/, std::int64_t from,
                     const std::vector<std::string>& databases) override {
    connection_.maybe_stop(10);
    return connection_.ask<void>(true, [&repository = repository_, sender = connection_.sender(0), from, databases] {
      return repository.raise_fence_of_owner(sender, from, databases);
    });
  }

 private:
  ClientConnection& connection_;
  RepositoryServer& repository_;
};

}  // namespace

std::unique_ptr<Executions> make_client_executions(ClientConnection& connection) {
  return std::make_unique<ClientExecutions>(connection);
}
std::unique_ptr<Replicas> make_client_replicas(ClientConnection& connection) {
  return std::make_unique<ClientReplicas>(connection);
}
std::unique_ptr<RepositoryRecord> make_client_record(ClientConnection& connection) {
  return std::make_unique<ClientRecord>(connection);
}

}  // namespace baton
