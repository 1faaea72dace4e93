#include "app/doctor_look.h"

#include "app/lease_store_look.h"
#include "app/plan_steps.h"
#include "lease/lease_timings.h"
#include "postgres/database.h"
#include "sqlite/schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <set>

namespace baton {
namespace {

// A database by all the names that the configuration has for it.
struct Place {
  std::vector<std::string> names;
  const DatabaseConfig* config = nullptr;
  DatabaseUse use;
  std::string identity;  // of the server's database and the role, where it was reached

  std::string text(const std::string& shown) const { return fmt::format("{} ({})", fmt::join(names, ", "), shown); }
};

std::string revealed(const std::optional<Redacted<std::string>>& secret) { return secret ? secret->reveal() : ""; }

bool same_address(const DatabaseConfig& a, const DatabaseConfig& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == DatabaseKind::sqlite) return a.path.value == b.path.value;
  return a.url->reveal() == b.url->reveal() && a.username == b.username && revealed(a.password) == revealed(b.password);
}

std::string connection_text(const std::string& name) {
  return name.empty() ? "repository" : fmt::format("connection \"{}\"", name);
}

class Doctor {
 public:
  Doctor(const Config& config, const Stores& stores, const NativeParts& natives, const Clock& clock)
      : config_(config), stores_(stores), natives_(natives), clock_(clock) {}

  std::vector<Finding> look() {
    collect_places();
    look_at_servers();
    for (const Place& place : places_) {
      if (place.config->kind == DatabaseKind::sqlite) look_at_file(place);
    }
    look_at_tables();
    look_at_leases();
    look_at_jobs();
    return std::move(findings_);
  }

 private:
  void add(std::vector<Finding> more) {
    findings_.insert(findings_.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }

  void add_error(const std::string& where, const Error& error) {
    findings_.push_back(finding_of(where, error));
    // Without the place in the configuration, which not everybody who meets the error names.
    reported_.push_back(error.message.substr(0, error.message.rfind(" (")));
  }

  void add_place(const std::string& name, const DatabaseConfig& config, const DatabaseUse& use) {
    const auto known = std::find_if(places_.begin(), places_.end(),
                                    [&](const Place& place) { return same_address(*place.config, config); });
    if (known == places_.end()) {
      places_.push_back({{name}, &config, use, ""});
    } else {
      merge(*known, {name}, use);
    }
  }

  static void merge(Place& place, const std::vector<std::string>& names, const DatabaseUse& use) {
    place.names.insert(place.names.end(), names.begin(), names.end());
    place.use.writes = place.use.writes || use.writes;
    place.use.loads = place.use.loads || use.loads;
    place.use.pool += use.pool;
  }

  bool loads_into(const std::string& connection) const {
    const auto loads = [&](const StepConfig& step) {
      const auto* load = std::get_if<LoadConfig>(&step.work);
      return load != nullptr && !load->native_write &&
             (load->write.connection ? load->write.connection->value : "") == connection;
    };
    return std::any_of(config_.jobs.begin(), config_.jobs.end(),
                       [&](const JobConfig& job) { return std::any_of(job.steps.begin(), job.steps.end(), loads); });
  }

  void collect_places() {
    const DatabaseConfig& home = config_.repository.database;
    constexpr int lease_connections = 2;
    add_place("repository", home, {true, loads_into(""), home.pool});
    if (!config_.locks.dynamodb) add_place("locks", config_.locks.database, {true, false, lease_connections});
    const std::set<std::string> written = written_connections(config_);
    for (const auto& [name, database] : config_.connections) {
      add_place(connection_text(*name), database, {written.contains(*name), loads_into(*name), database.pool});
    }
  }

  // URLs that are written differently may lead to one database.
  void look_at_servers() {
    std::vector<std::pair<Place, PgServerFacts>> reached;
    for (const Place& place : places_) {
      if (place.config->kind != DatabaseKind::postgresql) continue;
      auto facts = facts_of(*place.config);
      if (!facts) {
        add_error(place.text(place.config->shown), facts.error());
        away_.push_back(place.config);
        continue;
      }
      const auto same = std::find_if(reached.begin(), reached.end(), [&](const auto& one) {
        return !facts->identity.empty() && one.second.identity == facts->identity && one.second.role == facts->role;
      });
      if (same == reached.end()) {
        reached.emplace_back(place, *std::move(facts));
      } else {
        merge(same->first, place.names, place.use);
      }
    }
    const LeaseTimings timings{*config_.locks.lease, *config_.locks.heartbeat, *config_.locks.refresh};
    for (const auto& [place, facts] : reached) {
      add(findings_of(place.text(facts.address + "/" + facts.database), facts, place.use, timings.margin()));
    }
  }

  Result<PgServerFacts> facts_of(const DatabaseConfig& config) const {
    BATON_TRY(const auto session, stores_.pg_look(config));
    BATON_TRY(PgConnection* const connection, session->connection());
    return read_pg_server(*connection, clock_);
  }

  void look_at_file(const Place& place) {
    const std::string& path = place.config->path.value;
    const SqliteFileFacts facts = read_sqlite_file(path);
    add(findings_of(place.text(place.config->shown), facts, place.use.writes));
    if (&config_.repository.database != place.config || !facts.exists || facts.is_folder || !facts.unreadable.empty()) {
      return;
    }
    const auto outdated = needs_migration(path);
    if (!outdated) return add_error("repository", outdated.error());
    add(findings_of_repository("repository", *outdated, config_.repository.migrate == Migrate::automatic));
  }

  Result<bool> needs_migration(const std::string& path) const {
    BATON_TRY(const auto connection, SqliteConnection::open(path, SqliteAccess::untouched));
    return repository_needs_migration(*connection, spring_batch_wanted(config_.repository.spring_batch));
  }

  // What was not reached would be waited for once more.
  bool reached(const DatabaseConfig& config) const {
    return config.kind == DatabaseKind::postgresql &&
           std::none_of(away_.begin(), away_.end(),
                        [&](const DatabaseConfig* away) { return same_address(*away, config); });
  }

  void look_at_tables() {
    const DatabaseConfig& home = config_.repository.database;
    if (reached(home)) look_at_repository();
    if (reached(config_.locks.database) && !config_.locks.dynamodb) {
      look_at_schema("locks", stores_.pg_look(config_.locks.database), PgTablesOf::leases);
    }
    // Where Baton's tables of the others are is for the repository to say.
    if (home.kind == DatabaseKind::postgresql && !reached(home)) return;
    const std::set<std::string> written = written_connections(config_);
    for (const auto& [name, database] : config_.connections) {
      if (!reached(database)) continue;
      const std::string where = connection_text(*name);
      if (written.contains(*name)) {
        look_at_schema(where, stores_.pg_look(*name), PgTablesOf::target);
      } else {
        look_at_search_path(where, stores_.pg_look(database));
      }
    }
  }

  void look_at_repository() {
    const auto session = stores_.pg_look(config_.repository.database);
    look_at_schema("repository", session, PgTablesOf::repository);
    if (!session) return;
    const auto spring = read_pg_spring(**session);
    if (!spring) return add_error("repository", spring.error());
    add(findings_of("repository", *spring));
  }

  // An error that was reported for the server is not said again for the schema.
  bool was_reported(const Error& error) const {
    return std::any_of(reported_.begin(), reported_.end(),
                       [&](const std::string& known) { return error.message.find(known) != std::string::npos; });
  }

  void look_at_schema(const std::string& where, const Result<std::unique_ptr<PgSession>>& session, PgTablesOf of) {
    if (!session) {
      if (!was_reported(session.error())) add_error(where, session.error());
      return;
    }
    look_at_search_path(where, session);
    const auto connection = (*session)->connection();
    if (!connection) return add_error(where, connection.error());
    const auto tables = whose_tables(**connection, (*session)->schema());
    if (!tables) return add_error(where, tables.error());
    // Connections of the repository's own database and role share its tables.
    if (!schemas_.insert({*tables, of == PgTablesOf::leases}).second) return;
    const auto facts = read_pg_schema(**session, of, spring_batch_wanted(config_.repository.spring_batch),
                                      {config_.retention.executions, config_.retention.rejects});
    if (!facts) return add_error(where, facts.error());
    add(findings_of(where, *facts, config_.repository.migrate == Migrate::automatic));
  }

  static Result<std::string> whose_tables(PgConnection& connection, const std::string& schema) {
    BATON_TRY(const std::string identity, pg_identity(connection, schema));
    BATON_TRY(const PgResult role, connection.query("SELECT current_user"));
    return identity + " " + role.text(0, 0);
  }

  // The schema of a connection that holds none of Baton's tables has to be there: nobody makes it.
  void look_at_search_path(const std::string& where, const Result<std::unique_ptr<PgSession>>& session) {
    if (!session || !(*session)->settings().schema) return;
    const std::string& schema = *(*session)->settings().schema;
    const auto connection = (*session)->connection();
    if (!connection) return;
    const auto facts = read_pg_searched_schema(**connection, schema);
    if (!facts) return add_error(where, facts.error());
    if (!facts->exists && schema == (*session)->schema() && made_by_migration(where)) return;
    add(findings_of(where, schema, *facts));
  }

  bool made_by_migration(const std::string& where) const {
    if (where == "repository" || where == "locks") return true;
    const std::set<std::string> written = written_connections(config_);
    return std::any_of(written.begin(), written.end(),
                       [&](const std::string& name) { return connection_text(name) == where; });
  }

  void look_at_leases() {
    if (const Status supported = stores_.check_supported(); !supported) return add_error("locks", supported.error());
    if (config_.locks.dynamodb) look_at_lock_table();
    const Status same = look_at_lease_store(config_, stores_);
    if (!same && !was_reported(same.error())) add_error("locks", same.error());
  }

  // As a replica does: one item, then the list of all.
  void look_at_lock_table() {
    const auto store = stores_.find_lease_store();
    if (!store) return add_error("locks", store.error());
    const auto leases = (*store)->list(*config_.locks.lease);
    if (!leases) return add_error("locks", leases.error());
    findings_.push_back(
        {FindingLevel::ok, "locks",
         fmt::format("{} can be read and listed; locks in it: {}", stores_.lease_store_shown(), leases->size()), "",
         false});
  }

  void look_at_jobs() {
    std::vector<const JobConfig*> jobs;
    for (const JobConfig& job : config_.jobs) jobs.push_back(&job);
    for (const PlannedStep& step : plan_steps(config_, stores_, natives_, jobs)) {
      for (Finding& finding : findings_of(step)) {
        const bool known =
            finding.level == FindingLevel::error && was_reported(Error{ErrorKind::invalid, finding.what});
        if (!known) findings_.push_back(std::move(finding));
      }
    }
    const auto count = static_cast<std::int64_t>(config_.jobs.size());
    const std::int64_t tokens = config_.tokens ? **config_.tokens : count;
    const std::int64_t replicas = (count + tokens - 1) / tokens;
    findings_.push_back(
        {FindingLevel::ok, "replica.tokens",
         fmt::format("{} token{} for {} job{}: {} live replica{} can own them all", tokens, tokens == 1 ? "" : "s",
                     count, count == 1 ? "" : "s", replicas, replicas == 1 ? "" : "s"),
         "", false});
  }

  const Config& config_;
  const Stores& stores_;
  const NativeParts& natives_;
  const Clock& clock_;
  std::vector<Place> places_;
  std::vector<Finding> findings_;
  std::vector<std::string> reported_;
  std::vector<const DatabaseConfig*> away_;
  std::set<std::pair<std::string, bool>> schemas_;  // that were looked at, by role; true: for leases
};

}  // namespace

std::vector<Finding> look_around(const Config& config, const Stores& stores, const NativeParts& natives,
                                 const Clock& clock) {
  return Doctor(config, stores, natives, clock).look();
}

}  // namespace baton
