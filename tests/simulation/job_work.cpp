#include "tests/simulation/job_work.h"

#include "tests/simulation/chance.h"

#include <algorithm>
#include <utility>

namespace baton {

TransactionSender ClientConnection::sender(std::int64_t fence) const {
  return {job_, process_.id(), fence, TrueTime(0), acquisition_};
}

Status ClientConnection::ping() {
  return ask<void>(false, [] { return Status(); });
}

// P12: the server's time when it was last read + (deadline − my time when that answer arrived). An old reading would
// carry the clock's drift along.
Result<TransactionSender> ClientConnection::guarded(const Authority& authority) {
  const Duration longest = process_.world().plan.timings.lease / 4;
  if (!read_at_ || process_.boot_now() - *read_at_ > longest) BATON_CHECK(ping());
  if (!authority.guard.passed()) {
    return fail(ErrorKind::lease_lost, job_ + ": the lease could not be renewed in time: nothing was committed");
  }
  TransactionSender sender = this->sender(authority.fence.value);
  sender.deadline = server_time_ + (lease_.trusted_until() - *read_at_);
  return sender;
}

void ClientConnection::maybe_stop(double times) {
  Surroundings& world = process_.world();
  if (world.healed || !chance(world.random, world.plan.stops_at_calls * times)) return;
  world.trouble(process_.id(), TrueTime(0));
}

void ClientConnection::settle() {
  while (ended_ && process_.boot_now() < lease_.trusted_until()) {
    if (!ping()) process_.clock().wait_until(process_.boot_now() + Duration(50), {});
  }
}

namespace {

class Listener final : public RunListener {
 public:
  Listener(ReplicaProcess& process, const std::string& job) : process_(process), job_(job) {}

  void note(const std::string& text) override { process_.world().trace.event("note", job_, process_.id(), text); }

 private:
  ReplicaProcess& process_;
  const std::string& job_;
};

// A database that only the record names.
class OpenedDatabase final : public Database {
 public:
  explicit OpenedDatabase(std::unique_ptr<ClientConnection> connection)
      : connection_(std::move(connection)), database_(make_client_database(*connection_)) {}

  const std::string& identity() const override { return database_->identity(); }
  Result<std::int64_t> read_fence(const std::string& repository_id, const std::string& job) override {
    return database_->read_fence(repository_id, job);
  }
  Status raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) override {
    return database_->raise_fence(repository_id, job, from);
  }
  Status end_older_transactions(const Fence& fence) override { return database_->end_older_transactions(fence); }
  Result<std::optional<Progress>> read_progress(const ProgressKey& key) override {
    return database_->read_progress(key);
  }
  Result<std::unique_ptr<Transaction>> begin(const Authority& authority, Durability durability) override {
    return database_->begin(authority, durability);
  }
  Result<std::int64_t> execute_unprotected(const Authority& authority, const std::string& sql) override {
    return database_->execute_unprotected(authority, sql);
  }
  std::unique_ptr<TableWriter> table_writer(const TableSpec& spec, const std::string& where) override {
    return database_->table_writer(spec, where);
  }
  void interrupt() override { database_->interrupt(); }

 private:
  std::unique_ptr<ClientConnection> connection_;
  std::unique_ptr<Database> database_;
};

}  // namespace

struct SimulatedJobWork::State {
  State(ReplicaProcess& process_, const SimulatedJob& job_, LeaseHold& lease_, std::int64_t acquisition_)
      : process(process_), job(job_), lease(lease_), acquisition(acquisition_), listener(process, job.settings.name) {}

  Database* database(const std::string& identity) {
    auto& one = databases[identity];
    if (one.second == nullptr) {
      one.first = connect(identity);
      one.second = make_client_database(*one.first);
    }
    return one.second.get();
  }

  std::unique_ptr<ClientConnection> connect(const std::string& identity) {
    DatabaseServer& server = *process.world().databases.at(identity);
    return std::make_unique<ClientConnection>(process, server, lease, job.settings.name, acquisition);
  }

  ReplicaProcess& process;
  const SimulatedJob& job;
  LeaseHold& lease;
  const std::int64_t acquisition;
  Listener listener;
  std::map<std::string, std::pair<std::unique_ptr<ClientConnection>, std::unique_ptr<Database>>> databases;
  std::unique_ptr<Executions> executions;
  std::unique_ptr<Replicas> replicas;
  std::unique_ptr<RepositoryRecord> record;
  JobPlan plan;
  OwnedJobParts parts;
};

SimulatedJobWork::SimulatedJobWork(ReplicaProcess& process, const SimulatedJob& job, LeaseHold& lease,
                                   std::int64_t acquisition)
    : state_(std::make_unique<State>(process, job, lease, acquisition)) {
  State& state = *state_;
  OwnedJobParts& parts = state.parts;
  state.plan.name = job.settings.name;
  state.plan.restarts = job.settings.restarts;
  state.plan.backoff = job.settings.backoff;
  const std::string& repository = process.world().repository.identity();
  parts.plan = &state.plan;
  parts.replica = process.id();
  parts.repository = state.database(repository);
  for (const SimulatedStep& step : job.steps) {
    if (!step.database.empty() && step.database != repository) parts.targets.push_back(state.database(step.database));
  }
  parts.open_recorded = [&state](const std::string& identity) -> Result<std::unique_ptr<Database>> {
    return std::unique_ptr<Database>(new OpenedDatabase(state.connect(identity)));
  };
  ClientConnection& connection = *state.databases.at(repository).first;
  state.executions = make_client_executions(connection);
  state.replicas = make_client_replicas(connection);
  state.record = make_client_record(connection);
  parts.record = state.record.get();
  parts.executions = state.executions.get();
  parts.replicas = state.replicas.get();
  parts.make_steps = [&state]() -> Result<std::vector<std::unique_ptr<Step>>> {
    std::vector<std::unique_ptr<Step>> steps;
    for (const SimulatedStep& step : state.job.steps) {
      Database* database = step.database.empty() ? nullptr : state.database(step.database);
      steps.push_back(make_simulated_step(state.process, state.job, step, database));
    }
    return steps;
  };
  parts.lease = &lease;
  parts.clock = &process.clock();
  parts.listener = &state.listener;
}

SimulatedJobWork::~SimulatedJobWork() = default;

const OwnedJobParts& SimulatedJobWork::parts() const { return state_->parts; }

void SimulatedJobWork::settle() {
  for (auto& [identity, one] : state_->databases) one.first->settle();
}

}  // namespace baton
