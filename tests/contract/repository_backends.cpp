#include "sqlite/alerts.h"
#include "sqlite/database.h"
#include "sqlite/reject_log.h"
#include "sqlite/replicas.h"
#include "sqlite/repository.h"
#include "sqlite/retention.h"
#include "sqlite/schema.h"
#include "tests/contract/repository_contract.h"
#include "tests/doubles/memory_alerts.h"
#include "tests/doubles/memory_replicas.h"
#include "tests/doubles/memory_repository.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/temporary_folder.h"

namespace baton {
namespace {

class MemoryRepositoryBackend final : public RepositoryBackend {
 public:
  explicit MemoryRepositoryBackend(const Clock& clock) : clock_(clock) {}

  std::unique_ptr<RepositoryConnection> open() override {
    auto connection = std::make_unique<RepositoryConnection>();
    connection->executions = std::make_unique<MemoryExecutions>(store_, clock_);
    connection->control = std::make_unique<MemoryControl>(store_, clock_);
    connection->replicas = std::make_unique<MemoryReplicas>(store_, clock_);
    connection->record = std::make_unique<MemoryRepositoryRecord>(store_, "repository-1");
    connection->alerts = std::make_unique<MemoryAlerts>(alerts_);
    connection->rejects = std::make_unique<MemoryRejectLog>(store_);
    connection->database = std::make_unique<MemoryDatabase>(store_);
    return connection;
  }
  std::string job_key(std::int64_t instance) override {
    return store_.committed().instances.at(static_cast<std::size_t>(instance) - 1).key;
  }
  JobParameters parameters(std::int64_t execution) override { return store_.committed().parameters.at(execution); }
  void change_job(std::int64_t execution, BatchStatus status, bool ended) override {
    store_.change([&](MemoryState& state) {
      JobExecution& row = state.executions.at(static_cast<std::size_t>(execution) - 1);
      row.status = status;
      ++row.version;
      if (ended) row.ended = clock_.wall_now();
    });
  }
  void change_step(std::int64_t step) override {
    store_.change([&](MemoryState& state) {
      for (JobExecution& execution : state.executions) {
        for (StepExecution& row : execution.steps) row.version += row.id == step ? 1 : 0;
      }
    });
  }

 private:
  const Clock& clock_;
  MemoryStore store_{"memory:repository"};
  std::shared_ptr<MemoryAlertState> alerts_ = std::make_shared<MemoryAlertState>();
};

struct SqliteRepositoryConnection final : RepositoryConnection {
  ~SqliteRepositoryConnection() override {
    executions.reset();
    control.reset();
    replicas.reset();
    record.reset();
    alerts.reset();
    rejects.reset();
    retention.reset();
    database.reset();
  }

  std::unique_ptr<SqliteConnection> connection;
};

class SqliteRepositoryBackend final : public RepositoryBackend {
 public:
  explicit SqliteRepositoryBackend(const Clock& clock) : clock_(clock), own_(connect()) {
    SeededRandom random(7);
    EXPECT_TRUE(migrate_repository(*own_, true, random, clock.wall_now()));
  }

  std::unique_ptr<RepositoryConnection> open() override {
    auto opened = std::make_unique<SqliteRepositoryConnection>();
    opened->connection = connect();
    SqliteConnection& connection = *opened->connection;
    opened->executions = std::make_unique<SqliteExecutions>(connection, clock_, ContextFormat::base64_java);
    opened->control = std::make_unique<SqliteControl>(connection, clock_);
    opened->replicas = std::make_unique<SqliteReplicas>(connection, clock_);
    opened->record = std::move(*SqliteRepositoryRecord::open(connection));
    opened->alerts = std::make_unique<SqliteAlerts>(connection);
    opened->rejects = std::make_unique<SqliteRejectLog>(connection);
    opened->retention = std::make_unique<SqliteRetention>(connection);
    opened->database = std::make_unique<SqliteDatabase>(connection, sqlite_identity(path()).value());
    return opened;
  }
  std::string job_key(std::int64_t instance) override {
    SqliteStatement* query = *own_->prepare("SELECT JOB_KEY FROM BATCH_JOB_INSTANCE WHERE JOB_INSTANCE_ID = ?1");
    EXPECT_TRUE(query->bind(1, instance).step().value());
    std::string key = query->text(0);
    query->reset();
    return key;
  }
  JobParameters parameters(std::int64_t execution) override {
    SqliteStatement* query = *own_->prepare(
        "SELECT PARAMETER_NAME, PARAMETER_TYPE, PARAMETER_VALUE, IDENTIFYING "
        "FROM BATCH_JOB_EXECUTION_PARAMS WHERE JOB_EXECUTION_ID = ?1 ORDER BY rowid");
    query->bind(1, execution);
    JobParameters parameters;
    while (query->step().value()) {
      parameters.push_back({query->text(0), query->text(1), query->text(2), query->text(3) == "Y"});
    }
    return parameters;
  }
  void change_job(std::int64_t execution, BatchStatus status, bool ended) override {
    SqliteStatement* update = *own_->prepare(
        "UPDATE BATCH_JOB_EXECUTION SET STATUS = ?2, VERSION = VERSION + 1, "
        "END_TIME = CASE WHEN ?3 THEN CREATE_TIME ELSE END_TIME END WHERE JOB_EXECUTION_ID = ?1");
    EXPECT_TRUE(update->bind(1, execution).bind(2, name(status)).bind(3, std::int64_t{ended}).run());
  }
  void change_step(std::int64_t step) override {
    SqliteStatement* update =
        *own_->prepare("UPDATE BATCH_STEP_EXECUTION SET VERSION = VERSION + 1 WHERE STEP_EXECUTION_ID = ?1");
    EXPECT_TRUE(update->bind(1, step).run());
  }
  std::string sql(const std::string& statement) override {
    SqliteStatement* query = *own_->prepare(statement);
    const auto row = query->step();
    EXPECT_TRUE(row) << row.error().message;
    const std::string value = *row ? query->text(0) : "";
    query->reset();
    return value;
  }

 private:
  std::string path() const { return folder_.file("repository.db"); }
  std::unique_ptr<SqliteConnection> connect() const {
    auto connection = SqliteConnection::open(path(), SqliteAccess::create);
    EXPECT_TRUE(connection) << connection.error().message;
    return std::move(*connection);
  }

  TemporaryFolder folder_;
  const Clock& clock_;
  std::unique_ptr<SqliteConnection> own_;
};

}  // namespace

RepositoryBackendFactory memory_repository_backend() {
  return {"Memory", [](const Clock& clock) { return std::make_unique<MemoryRepositoryBackend>(clock); }};
}

RepositoryBackendFactory sqlite_repository_backend() {
  return {"Sqlite", [](const Clock& clock) { return std::make_unique<SqliteRepositoryBackend>(clock); }};
}

}  // namespace baton
