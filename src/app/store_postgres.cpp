#include "app/store_postgres.h"

#include "postgres/change_listener.h"
#include "postgres/database.h"
#include "postgres/lease_store.h"
#include "postgres/reject_log.h"
#include "postgres/repository.h"
#include "postgres/retention.h"
#include "postgres/schema.h"

#include <fmt/format.h>

namespace baton {

Result<PgSettings> settings_of(const DatabaseConfig& config, const std::string& application) {
  return pg_settings({*config.url, config.username, config.password, config.schema, config.shown}, application);
}

namespace {

constexpr Duration patience(10'000);  // for a connection

Error placed(const DatabaseConfig& config, Error error) {
  error.message += fmt::format(" ({})", config.url.place.text());
  return error;
}

template <class T>
Result<T> placed(const DatabaseConfig& config, Result<T> result) {
  if (!result) return fail(placed(config, std::move(result).error()));
  return result;
}

Result<std::unique_ptr<PgSession>> session_of(const DatabaseConfig& config, const std::string& tables) {
  BATON_TRY(PgSettings settings, settings_of(config));
  auto session = std::make_unique<PgSession>(std::move(settings), tables, patience);
  BATON_TRY([[maybe_unused]] const PgConnection* connection, session->connection());
  return session;
}

// The repository's own tables are where its schema says, whether that is there yet or not.
Result<std::unique_ptr<PgSession>> home_session(const DatabaseConfig& config) {
  BATON_TRY(const PgSettings settings, settings_of(config));
  return session_of(config, settings.schema.value_or(""));
}

Result<std::string> role_of(PgConnection& connection) {
  BATON_TRY(const PgResult role, connection.query("SELECT current_user"));
  return role.text(0, 0);
}

PgMigrate how(Migrate migrate) { return migrate == Migrate::automatic ? PgMigrate::automatic : PgMigrate::never; }

Status prepare(PgSession& session, const RepositoryConfig& config, RepositoryAccess access, Random& random) {
  if (access == RepositoryAccess::read_only) return check_pg_repository_schema(session);
  BATON_TRY([[maybe_unused]] const PgChanges changes,
            migrate_pg_repository(session, how(config.migrate), random, spring_batch_wanted(config.spring_batch)));
  return {};
}

Error no_repository(const RepositoryConfig& config, const PgSession& session) {
  return {ErrorKind::invalid,
          fmt::format("{}: schema \"{}\" holds no job repository: check repository.url and repository.schema, or run "
                      "`baton migrate`",
                      config.database.shown, session.schema())};
}

// The identity of `schema` in the database that the settings lead to, and the role there.
Result<std::pair<std::string, std::string>> identity_and_role(const PgSettings& settings, const std::string& schema) {
  BATON_TRY(const auto connection, PgConnection::open(settings, patience));
  BATON_TRY(std::string identity, pg_identity(*connection, schema));
  BATON_TRY(std::string role, role_of(*connection));
  return std::pair{std::move(identity), std::move(role)};
}

Result<OpenDatabase> open_target_at(const DatabaseConfig& config, const std::string& tables, Migrate migrate) {
  BATON_TRY(auto session, session_of(config, tables));
  BATON_TRY([[maybe_unused]] const PgChanges changes, migrate_pg_target(*session, how(migrate)));
  BATON_TRY(PgConnection* const connection, session->connection());
  BATON_TRY(std::string identity, pg_identity(*connection, session->schema()));
  return OpenDatabase{std::make_unique<PgDatabase>(std::move(session), std::move(identity)), [] { return true; }};
}

// An OpenRejects or OpenTraces with a session of its own.
template <class Open, class Part>
Result<Open> open_at(const DatabaseConfig& config, const std::string& tables) {
  BATON_TRY(auto session, session_of(config, tables));
  BATON_TRY(PgConnection* const connection, session->connection());
  BATON_TRY(std::string identity, pg_identity(*connection, session->schema()));
  return Open{std::move(identity), with_its_own<Part>(std::move(session))};
}

}  // namespace

Result<PostgresStores::Home> PostgresStores::home() {
  {
    const std::scoped_lock lock(mutex_);
    if (home_) return *home_;
  }
  BATON_TRY(const auto session, home_session(repository_.database));
  return home_of(*session);
}

Result<PostgresStores::Home> PostgresStores::home_of(PgSession& session) {
  {
    const std::scoped_lock lock(mutex_);
    if (home_) return *home_;
  }
  BATON_TRY(PgConnection* const connection, session.connection());
  Home home;
  home.schema = session.schema();
  BATON_TRY(home.identity, pg_identity(*connection, home.schema));
  BATON_TRY(home.role, role_of(*connection));
  const std::scoped_lock lock(mutex_);
  home_ = home;
  return home;
}

Result<std::string> PostgresStores::tables_of(const DatabaseConfig& config) {
  {
    const std::scoped_lock lock(mutex_);
    const auto known = tables_.find(&config);
    if (known != tables_.end()) return known->second;
  }
  BATON_TRY(const PgSettings settings, placed(config, settings_of(config)));
  std::string tables = settings.schema.value_or("");
  if (repository_.database.kind == DatabaseKind::postgresql) {
    auto home = this->home();
    if (!home) {
      home.error().message = "the job repository: " + home.error().message;
      return fail(placed(repository_.database, std::move(home).error()));
    }
    BATON_TRY(const auto there, placed(config, identity_and_role(settings, home->schema)));
    if (there == std::pair{home->identity, home->role}) tables = home->schema;
  }
  const std::scoped_lock lock(mutex_);
  return tables_[&config] = tables;
}

Result<std::unique_ptr<Repository>> PostgresStores::open_repository(RepositoryAccess access) {
  const auto opened = [&]() -> Result<std::unique_ptr<Repository>> {
    BATON_TRY(auto session, home_session(repository_.database));
    BATON_TRY(auto repository, repository_in(session, access));
    if (repository == nullptr) return fail(no_repository(repository_, *session));
    return repository;
  };
  return placed(repository_.database, opened());
}

Result<std::unique_ptr<Repository>> PostgresStores::find_repository(RepositoryAccess access) {
  const auto found = [&]() -> Result<std::unique_ptr<Repository>> {
    BATON_TRY(auto session, home_session(repository_.database));
    return repository_in(session, access);
  };
  return placed(repository_.database, found());
}

Result<std::unique_ptr<Repository>> PostgresStores::repository_in(std::unique_ptr<PgSession>& session,
                                                                  RepositoryAccess access) {
  if (access != RepositoryAccess::create) {
    BATON_TRY(const bool there, has_pg_repository(*session));
    if (!there) return nullptr;
  }
  BATON_CHECK(prepare(*session, repository_, access, random_));
  BATON_TRY([[maybe_unused]] const Home home, home_of(*session));  // so that nobody has to connect for it
  return open_pg_repository(std::move(session), {context_format(repository_.contexts), repository_.zone});
}

Result<std::unique_ptr<LeaseStore>> PostgresStores::open_leases(const DatabaseConfig& config, Migrate migrate) {
  const auto settings = settings_of(config, "baton leases");
  if (!settings) return fail(placed(config, settings.error()));
  return placed(config, open_pg_lease_store(*settings, migrate == Migrate::automatic, random_, patience));
}

Result<std::unique_ptr<LeaseStore>> PostgresStores::find_leases(const DatabaseConfig& config, Migrate migrate) {
  const auto settings = settings_of(config, "baton leases");
  if (!settings) return fail(placed(config, settings.error()));
  return placed(config, find_pg_lease_store(*settings, migrate == Migrate::automatic, random_, patience));
}

Result<std::shared_ptr<void>> PostgresStores::listen(const DatabaseConfig& config, const ChangeHooks& hooks) {
  const auto settings = settings_of(config, "baton listen");
  if (!settings) return fail(placed(config, settings.error()));
  const auto changed = [hooks](PgChange change) {
    const auto& hook = change == PgChange::leases ? hooks.leases : hooks.repository;
    if (hook) hook();
  };
  return std::make_shared<PgChangeListener>(PgChangeListener::Listening{*settings, changed, hooks.cannot});
}

Result<OpenDatabase> PostgresStores::open_target(const DatabaseConfig& config) {
  const auto tables = tables_of(config);
  if (!tables) return fail(tables.error());
  return placed(config, open_target_at(config, *tables, repository_.migrate));
}

Result<std::unique_ptr<PgSession>> PostgresStores::open_look(const DatabaseConfig& config) {
  return placed(config, home_session(config));
}

Result<std::unique_ptr<PgSession>> PostgresStores::open_target_look(const DatabaseConfig& config) {
  const auto tables = tables_of(config);
  if (!tables) return fail(tables.error());
  return placed(config, session_of(config, *tables));
}

Result<OpenRejects> PostgresStores::open_rejects(const DatabaseConfig& config) {
  const auto tables = tables_of(config);
  if (!tables) return fail(tables.error());
  return placed(config, open_at<OpenRejects, PgRejectLog>(config, *tables));
}

Result<OpenTraces> PostgresStores::open_traces(const DatabaseConfig& config) {
  const auto tables = tables_of(config);
  if (!tables) return fail(tables.error());
  return placed(config, open_at<OpenTraces, PgTraces>(config, *tables));
}

Result<std::vector<std::string>> PostgresStores::migrate_target(const DatabaseConfig& config) {
  const auto tables = tables_of(config);
  if (!tables) return fail(tables.error());
  const auto session = placed(config, session_of(config, *tables));
  if (!session) return fail(session.error());
  return placed(config, migrate_pg_target(**session, PgMigrate::automatic));
}

Result<std::vector<std::string>> PostgresStores::migrate_repository() {
  const auto session = placed(repository_.database, home_session(repository_.database));
  if (!session) return fail(session.error());
  return placed(repository_.database, migrate_pg_repository(**session, PgMigrate::automatic, random_,
                                                            spring_batch_wanted(repository_.spring_batch)));
}

}  // namespace baton
