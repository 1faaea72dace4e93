#include "postgres/alerts.h"
#include "postgres/database.h"
#include "postgres/reject_log.h"
#include "postgres/repository_parts.h"
#include "postgres/retention.h"
#include "postgres/schema.h"
#include "tests/contract/repository_contract.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/seeded_random.h"

#include <fmt/format.h>
#include <random>

namespace baton {
namespace {

std::string random_schema() {
  std::random_device device;
  return fmt::format("repository_{:08x}{:08x}", device(), device());
}

// The parts go before the session.
struct PgRepositoryConnection final : RepositoryConnection {
  ~PgRepositoryConnection() override {
    executions.reset();
    control.reset();
    replicas.reset();
    record.reset();
    alerts.reset();
    rejects.reset();
    retention.reset();
    database.reset();
  }

  std::unique_ptr<PgSession> session;
};

// In a schema of its own in the server's one database: making a database would take most of a test's time.
class PgRepositoryBackend final : public RepositoryBackend {
 public:
  explicit PgRepositoryBackend(const Clock& clock) : clock_{&clock}, schema_(random_schema()), own_(connect()) {
    SeededRandom random(std::random_device{}());  // other tests' jobs in this database have other advisory locks
    const auto migrated = migrate_pg_repository(*own_, PgMigrate::automatic, random, std::nullopt);
    EXPECT_TRUE(migrated) << migrated.error().message;
  }
  ~PgRepositoryBackend() override { run("DROP SCHEMA " + schema_ + " CASCADE"); }

  std::unique_ptr<RepositoryConnection> open() override {
    auto opened = std::make_unique<PgRepositoryConnection>();
    opened->session = connect();
    PgSession& session = *opened->session;
    opened->executions = std::make_unique<PgExecutions>(session, clock_, ContextFormat::base64_java);
    opened->control = std::make_unique<PgControl>(session, clock_);
    opened->replicas = std::make_unique<PgReplicas>(session, clock_);
    opened->record = std::move(*PgRepositoryRecord::open(session));
    opened->alerts = std::make_unique<PgAlerts>(session);
    opened->rejects = std::make_unique<PgRejectLog>(session);
    opened->retention = std::make_unique<PgRetention>(session);
    opened->database = std::make_unique<PgDatabase>(session, pg_identity(**session.connection(), schema_).value());
    return opened;
  }
  std::string job_key(std::int64_t instance) override {
    return run(fmt::format("SELECT job_key FROM {}.batch_job_instance WHERE job_instance_id = {}", schema_, instance))
        .text(0, 0);
  }
  JobParameters parameters(std::int64_t execution) override {
    const PgResult rows =
        run(fmt::format("SELECT parameter_name, parameter_type, parameter_value, identifying FROM "
                        "{}.batch_job_execution_params WHERE job_execution_id = {} ORDER BY ctid",
                        schema_, execution));
    JobParameters parameters;
    for (int row = 0; row < rows.rows(); ++row) {
      parameters.push_back({rows.text(row, 0), rows.text(row, 1), rows.text(row, 2), rows.view(row, 3) == "Y"});
    }
    return parameters;
  }
  void change_job(std::int64_t execution, BatchStatus status, bool ended) override {
    run(
        fmt::format("UPDATE {}.batch_job_execution SET status = '{}', version = version + 1{} WHERE job_execution_id "
                    "= {}",
                    schema_, name(status), ended ? ", end_time = create_time" : "", execution));
  }
  void change_step(std::int64_t step) override {
    run(fmt::format("UPDATE {}.batch_step_execution SET version = version + 1 WHERE step_execution_id = {}", schema_,
                    step));
  }
  std::string sql(const std::string& statement) override {
    const PgResult rows = run(statement);
    return rows.rows() > 0 ? rows.text(0, 0) : "";
  }

 private:
  std::unique_ptr<PgSession> connect() const {
    const PgAddress address{Redacted<std::string>(postgres_server_url()), std::nullopt, std::nullopt, schema_,
                            "postgresql://test"};
    return std::make_unique<PgSession>(pg_settings(address, "baton-test").value(), schema_);
  }
  PgResult run(const std::string& sql) const { return (*own_->connection())->query(sql).value(); }

  PgRepositoryClock clock_;
  std::string schema_;
  std::unique_ptr<PgSession> own_;
};

}  // namespace

RepositoryBackendFactory postgres_repository_backend() {
  return {"Postgres", [](const Clock& clock) { return std::make_unique<PgRepositoryBackend>(clock); }};
}

}  // namespace baton
