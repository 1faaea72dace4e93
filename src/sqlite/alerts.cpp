#include "sqlite/alerts.h"

#include "sqlite/fenced_transaction.h"
#include "sqlite/time_text.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr std::string_view columns =
    "alert_id, kind, subject, message, first_seen, last_seen, seen, notified_at, resolved_at, teller, told_at";

Alert alert_from(const SqliteStatement& row) {
  Alert alert;
  alert.id = row.integer(0);
  alert.kind = row.text(1);
  alert.subject = row.text(2);
  alert.text = row.text(3);
  alert.first_seen = time_from(row.text(4)).value_or(WallTime{});
  alert.last_seen = time_from(row.text(5)).value_or(WallTime{});
  alert.count = row.integer(6);
  alert.notified = time_from(row.text(7)).value_or(WallTime{});
  if (!row.is_null(8)) alert.resolved = time_from(row.text(8));
  alert.teller = row.text(9);
  if (!row.is_null(10)) alert.told = time_from(row.text(10));
  return alert;
}

const char* statement_of(AlertChange::Kind kind) {
  switch (kind) {
    case AlertChange::Kind::begin:
      return "INSERT INTO baton_alert (kind, subject, message, first_seen, last_seen, seen, notified_at, teller) "
             "VALUES (?1, ?2, ?3, ?4, ?4, 1, ?4, ?5) ON CONFLICT DO NOTHING RETURNING alert_id";
    case AlertChange::Kind::seen:
      return "UPDATE baton_alert SET message = ?2, last_seen = max(last_seen, ?3), seen = seen + 1 WHERE alert_id = ?1 "
             "AND resolved_at IS NULL RETURNING alert_id";
    case AlertChange::Kind::remind:
      return "UPDATE baton_alert SET message = ?2, last_seen = max(last_seen, ?3), seen = seen + 1, notified_at = ?3, "
             "teller = ?5 WHERE alert_id = ?1 AND resolved_at IS NULL AND notified_at <= ?4 RETURNING alert_id";
    case AlertChange::Kind::end:
      return "UPDATE baton_alert SET message = ?4, resolved_at = ?2, notified_at = ?2, teller = ?3 WHERE alert_id = ?1 "
             "AND resolved_at IS NULL AND last_seen <= ?2 RETURNING alert_id";
    case AlertChange::Kind::claim:
      return "UPDATE baton_alert SET teller = ?2 WHERE alert_id = ?1 AND teller = ?3 AND notified_at = ?4 AND (told_at "
             "IS NULL OR told_at < notified_at) RETURNING alert_id";
    case AlertChange::Kind::told:
      return "UPDATE baton_alert SET told_at = ?4 WHERE kind = ?1 AND subject = ?2 AND first_seen = ?3 AND (told_at IS "
             "NULL OR told_at < notified_at) AND (told_at IS NULL OR told_at < ?4) RETURNING alert_id";
  }
  return "";
}

void bind(SqliteStatement& statement, const AlertChange& change) {
  const Alert& alert = change.alert;
  switch (change.kind) {
    case AlertChange::Kind::begin:
      statement.bind(1, std::string_view(alert.kind)).bind(2, std::string_view(alert.subject));
      statement.bind(3, std::string_view(alert.text)).bind(4, std::string_view(time_text(alert.first_seen)));
      statement.bind(5, std::string_view(alert.teller));
      return;
    case AlertChange::Kind::remind:
      statement.bind(4, std::string_view(time_text(change.before))).bind(5, std::string_view(alert.teller));
      [[fallthrough]];
    case AlertChange::Kind::seen:
      statement.bind(1, alert.id).bind(2, std::string_view(alert.text));
      statement.bind(3, std::string_view(time_text(alert.last_seen)));
      return;
    case AlertChange::Kind::end:
      statement.bind(1, alert.id).bind(2, std::string_view(time_text(alert.resolved.value_or(alert.last_seen))));
      statement.bind(3, std::string_view(alert.teller)).bind(4, std::string_view(alert.text));
      return;
    case AlertChange::Kind::claim:
      statement.bind(1, alert.id).bind(2, std::string_view(alert.teller));
      statement.bind(3, std::string_view(change.teller_before)).bind(4, std::string_view(time_text(alert.notified)));
      return;
    case AlertChange::Kind::told:
      statement.bind(1, std::string_view(alert.kind)).bind(2, std::string_view(alert.subject));
      statement.bind(3, std::string_view(time_text(alert.first_seen)));
      statement.bind(4, std::string_view(time_text(alert.notified)));
      return;
  }
}

}  // namespace

Result<std::vector<Alert>> SqliteAlerts::select(const std::string& rest, std::int64_t limit) {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare(fmt::format("SELECT {} FROM baton_alert {} LIMIT ?1", columns, rest)));
  query->bind(1, limit);
  std::vector<Alert> alerts;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return alerts;
    alerts.push_back(alert_from(*query));
  }
}

Result<std::vector<Alert>> SqliteAlerts::open() {
  return select("WHERE resolved_at IS NULL ORDER BY kind, subject", -1);
}

Result<std::vector<Alert>> SqliteAlerts::untold() {
  return select("WHERE told_at IS NULL OR told_at < notified_at ORDER BY kind, subject, alert_id", -1);
}

Result<std::vector<Alert>> SqliteAlerts::recent(std::int64_t limit) {
  return select("ORDER BY resolved_at IS NOT NULL, alert_id DESC", limit);
}

Result<bool> SqliteAlerts::write(const AlertChange& change) {
  BATON_TRY(SqliteStatement * statement, connection_.prepare(statement_of(change.kind)));
  bind(*statement, change);
  BATON_TRY(const bool done, statement->step());
  statement->reset();
  return done;
}

Result<std::vector<bool>> SqliteAlerts::write(const std::vector<AlertChange>& changes) {
  std::vector<bool> done;
  if (changes.empty()) return done;
  BATON_CHECK(set_durability(connection_, Durability::relaxed));
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  for (const AlertChange& change : changes) {
    BATON_TRY(const bool one, write(change));
    done.push_back(one);
  }
  BATON_CHECK(transaction.commit());
  return done;
}

Status SqliteAlerts::note_pass(const MonitorPass& pass) {
  BATON_CHECK(set_durability(connection_, Durability::relaxed));
  BATON_TRY(SqliteStatement * write,
            connection_.prepare("INSERT INTO baton_monitor (monitor, replica, every_ms, passed_at) VALUES (?1, ?2, ?3, "
                                "?4) ON CONFLICT (monitor) DO UPDATE SET replica = ?2, every_ms = ?3, passed_at = ?4"));
  write->bind(1, std::string_view(pass.monitor)).bind(2, std::string_view(pass.replica));
  write->bind(3, std::int64_t{pass.every.count()});
  return write->bind(4, std::string_view(time_text(pass.at))).run();
}

Result<std::vector<MonitorPass>> SqliteAlerts::passes() {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT monitor, replica, every_ms, passed_at FROM baton_monitor ORDER BY monitor"));
  std::vector<MonitorPass> passes;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return passes;
    passes.push_back(
        {query->text(0), query->text(1), Duration(query->integer(2)), time_from(query->text(3)).value_or(WallTime{})});
  }
}

}  // namespace baton
