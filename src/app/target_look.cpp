#include "app/target_look.h"

#include "app/store_sqlite.h"
#include "postgres/schema_facts.h"
#include "postgres/table_plan.h"
#include "postgres/table_writer.h"
#include "sqlite/table_plan.h"
#include "sqlite/table_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace baton {
namespace {

std::string without_created(const std::string& change) {
  constexpr std::string_view created = "created ";
  return change.starts_with(created) ? change.substr(created.size()) : change;
}

class PgTargetLook final : public TargetLook {
 public:
  PgTargetLook(PgSession& session, TableSpec spec, bool may_migrate)
      : session_(session), spec_(std::move(spec)), may_migrate_(may_migrate) {}

  bool table_is_missing() override {
    const auto connection = session_.connection();
    if (!connection) return false;
    const auto target = read_pg_target(**connection, spec_.name);
    return target && !target->shape;
  }

  Result<std::vector<std::string>> columns() override {
    BATON_TRY(PgConnection* const connection, session_.connection());
    BATON_TRY(const PgTarget target, read_pg_target(*connection, spec_.name));
    if (!target.shape && spec_.create) return column_names_of_spec();
    return takeable_columns(spec_, target);
  }

  Status plan(const ArrivingColumns& arriving, PlannedTarget& target, std::vector<Error>& problems) override {
    BATON_CHECK(note_missing(target, problems));
    BATON_TRY(const PgTablePlanReport report, plan_pg_table(session_, spec_, arriving.names));
    note_native(arriving, report, target);
    target.table = report.table;
    target.way = report.way;
    target.text_reason = report.text_reason;
    target.encoders = report.encoders;
    if (report.will_create) target.creates.push_back({"table " + report.table, report.create_sql});
    target.slowed_by = report.indexes;
    target.slowed_by.insert(target.slowed_by.end(), report.triggers.begin(), report.triggers.end());
    target.row_security = report.row_security != PgRowSecurity::none;
    refuse_without(report.missing_grants, problems);
    if (report.row_security == PgRowSecurity::refuses_all) {
      problems.push_back({ErrorKind::invalid,
                          fmt::format("connection {}, table {}: row-level security applies to the role, and no policy "
                                      "lets it insert a row: CREATE POLICY … ON {} WITH CHECK (…), or load as the "
                                      "table's owner, where it has no FORCE ROW LEVEL SECURITY, or as a role with "
                                      "BYPASSRLS",
                                      spec_.connection, spec_.name, report.table)});
    }
    return {};
  }

 private:
  std::vector<std::string> column_names_of_spec() const {
    std::vector<std::string> names;
    for (const auto& column : spec_.columns) names.push_back(column.first);
    return names;
  }

  static void note_native(const ArrivingColumns& arriving, const PgTablePlanReport& report, PlannedTarget& target) {
    if (arriving.forms.empty() || arriving.forms.size() != report.native_forms.size()) return;
    target.native.emplace();
    for (std::size_t i = 0; i < arriving.forms.size(); ++i) {
      const bool taken = !arriving.forms[i].empty() && arriving.forms[i] == report.native_forms[i];
      if (taken) target.native->push_back(report.encoders[i].first);
    }
  }

  void refuse_without(const std::vector<std::string>& grants, std::vector<Error>& problems) const {
    if (grants.empty()) return;
    problems.push_back({ErrorKind::invalid, fmt::format("connection {}, table {}: privileges are missing; run: {}",
                                                        spec_.connection, spec_.name, fmt::join(grants, "; "))});
  }

  // Baton's own tables, and the schema.
  Status note_missing(PlannedTarget& target, std::vector<Error>& problems) {
    BATON_TRY(const PgSchemaFacts facts, read_pg_schema(session_, PgTablesOf::target, std::nullopt));
    for (const PgMissing& part : facts.missing) target.creates.push_back({without_created(part.what), part.sql});
    refuse_without(facts.missing_grants, problems);
    if (facts.missing.empty() || may_migrate_) return {};
    problems.push_back(
        {ErrorKind::invalid, fmt::format("connection {}: Baton's tables are missing in schema \"{}\", and `migrate: "
                                         "never` forbids making them: run `baton migrate` as a role that may",
                                         spec_.connection, facts.schema)});
    return {};
  }

  PgSession& session_;
  TableSpec spec_;
  bool may_migrate_;
};

class SqliteTargetLook final : public TargetLook {
 public:
  SqliteTargetLook(std::unique_ptr<SqliteConnection> connection, TableSpec spec)
      : connection_(std::move(connection)), spec_(std::move(spec)) {}

  bool table_is_missing() override {
    const auto found = shape();
    return found && !*found;
  }

  Result<std::vector<std::string>> columns() override {
    BATON_TRY(const std::optional<TableShape> found, shape());
    return takeable_columns(spec_, found);
  }

  Status plan(const ArrivingColumns& arriving, PlannedTarget& target, std::vector<Error>&) override {
    BATON_TRY(const SqliteTableReport report, plan_sqlite_table(connection_.get(), spec_, arriving.names));
    target.table = report.table;
    target.way = report.way;
    target.encoders = report.encoders;
    if (connection_ == nullptr) target.creates.push_back({"the file " + target.database, ""});
    if (!report.create_sql.empty()) target.creates.push_back({"table " + report.table, report.create_sql});
    target.slowed_by = report.indexes;
    target.slowed_by.insert(target.slowed_by.end(), report.triggers.begin(), report.triggers.end());
    return {};
  }

 private:
  Result<std::optional<TableShape>> shape() {
    if (connection_ == nullptr) return std::optional<TableShape>();
    return read_table_shape(*connection_, table_name(spec_));
  }

  std::unique_ptr<SqliteConnection> connection_;  // null where there is no file yet
  TableSpec spec_;
};

}  // namespace

std::unique_ptr<TargetLook> look_at_pg_target(PgSession& session, TableSpec spec, bool may_migrate) {
  return std::make_unique<PgTargetLook>(session, std::move(spec), may_migrate);
}

Result<std::unique_ptr<TargetLook>> look_at_sqlite_target(const std::string& path, TableSpec spec) {
  std::unique_ptr<SqliteConnection> connection;
  if (file_exists(path)) {
    BATON_TRY(connection, SqliteConnection::open(path, SqliteAccess::untouched));
  }
  return std::unique_ptr<TargetLook>(new SqliteTargetLook(std::move(connection), std::move(spec)));
}

}  // namespace baton
