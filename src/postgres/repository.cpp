#include "postgres/repository.h"

#include "postgres/alerts.h"
#include "postgres/database.h"
#include "postgres/reject_log.h"
#include "postgres/repository_parts.h"
#include "postgres/retention.h"
#include "postgres/schema.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace baton {
namespace {

class PgRepository final : public Repository {
 public:
  PgRepository(std::unique_ptr<PgSession> session, std::unique_ptr<PgRepositoryRecord> record, std::string identity,
               JobKeyFormat key_format, ContextFormat contexts)
      : session_(std::move(session)),
        key_format_(key_format),
        executions_(*session_, {}, contexts),
        control_(*session_, {}),
        replicas_(*session_, {}),
        record_(std::move(record)),
        alerts_(*session_),
        retention_(*session_),
        rejects_(*session_),
        database_(*session_, std::move(identity)) {}

  Executions& executions() override { return executions_; }
  Control& control() override { return control_; }
  Replicas& replicas() override { return replicas_; }
  RepositoryRecord& record() override { return *record_; }
  Alerts& alerts() override { return alerts_; }
  Retention& retention() override { return retention_; }
  RejectLog& rejects() override { return rejects_; }
  Database& database() override { return database_; }
  JobKeyFormat key_format() const override { return key_format_; }
  bool usable() override;

 private:
  std::unique_ptr<PgSession> session_;
  JobKeyFormat key_format_;
  PgExecutions executions_;
  PgControl control_;
  PgReplicas replicas_;
  std::unique_ptr<PgRepositoryRecord> record_;
  PgAlerts alerts_;
  PgRetention retention_;
  PgRejectLog rejects_;
  PgDatabase database_;
};

// Tables, columns or the schema that the last statement to fail found missing: somebody has changed them.
bool PgRepository::usable() {
  constexpr std::array<std::string_view, 3> missing{"42P01", "42703", "3F000"};
  const auto connection = session_->connection();
  if (!connection) return true;
  const std::string& state = (*connection)->failure().sqlstate;
  return std::find(missing.begin(), missing.end(), state) == missing.end();
}

Status check_zone(PgConnection& connection, const std::string& zone) {
  const auto known = connection.query("SELECT timezone($1, clock_timestamp())", PgParameters::of(zone));
  if (known) return {};
  if (connection.failure().sqlstate != "22023") return fail(known.error());
  return fail(ErrorKind::invalid, fmt::format("{}: the server knows no time zone \"{}\": correct repository.zone",
                                              connection.shown(), zone));
}

}  // namespace

Result<std::unique_ptr<Repository>> open_pg_repository(std::unique_ptr<PgSession> session,
                                                       const PgRepositorySettings& settings) {
  BATON_TRY(PgConnection* const connection, session->connection());
  BATON_CHECK(check_zone(*connection, settings.zone));
  session->set_zone(settings.zone);
  BATON_CHECK(check_pg_repository_schema(*session));
  BATON_TRY(auto record, PgRepositoryRecord::open(*session));
  BATON_TRY(const JobKeyFormat format, pg_spring_batch_generation(*session));
  BATON_TRY(PgConnection* const same, session->connection());
  BATON_TRY(std::string identity, pg_identity(*same, session->schema()));
  return std::unique_ptr<Repository>(
      new PgRepository(std::move(session), std::move(record), std::move(identity), format, settings.contexts));
}

}  // namespace baton
