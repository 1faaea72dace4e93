#include "postgres/alerts.h"

#include "postgres/row_values.h"
#include "postgres/short_transaction.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr const char* is_untold = "(told_at IS NULL OR told_at < notified_at)";

std::string quoted(std::string_view text, const PgConnection& connection) {
  return PgConnection::quoted_text(storable_text(text, 4'000, connection.encoding()));
}

std::string time(WallTime at) { return fmt::format("'{}'::timestamptz", timestamp_text(at)); }

std::string statement_of(const PgConnection& connection, const std::string& table, const AlertChange& change) {
  const Alert& alert = change.alert;
  switch (change.kind) {
    case AlertChange::Kind::begin:
      return fmt::format(
          "INSERT INTO {} (kind, subject, message, first_seen, last_seen, seen, notified_at, teller) VALUES ({}, {}, "
          "{}, {at}, {at}, 1, {at}, {}) ON CONFLICT DO NOTHING RETURNING alert_id",
          table, quoted(alert.kind, connection), quoted(alert.subject, connection), quoted(alert.text, connection),
          quoted(alert.teller, connection), fmt::arg("at", time(alert.first_seen)));
    case AlertChange::Kind::seen:
    case AlertChange::Kind::remind: {
      const bool reminds = change.kind == AlertChange::Kind::remind;
      const std::string at = time(alert.last_seen);
      return fmt::format(
          "UPDATE {} SET message = {}, last_seen = greatest(last_seen, {at}), seen = seen + 1{} WHERE alert_id = {} "
          "AND resolved_at IS NULL{} RETURNING alert_id",
          table, quoted(alert.text, connection),
          reminds ? ", notified_at = " + at + ", teller = " + quoted(alert.teller, connection) : "", alert.id,
          reminds ? " AND notified_at <= " + time(change.before) : "", fmt::arg("at", at));
    }
    case AlertChange::Kind::end:
      return fmt::format(
          "UPDATE {} SET message = {}, resolved_at = {at}, notified_at = {at}, teller = {} WHERE alert_id = {} AND "
          "resolved_at IS NULL AND last_seen <= {at} RETURNING alert_id",
          table, quoted(alert.text, connection), quoted(alert.teller, connection), alert.id,
          fmt::arg("at", time(alert.resolved.value_or(alert.last_seen))));
    case AlertChange::Kind::claim:
      return fmt::format(
          "UPDATE {} SET teller = {} WHERE alert_id = {} AND teller = {} AND notified_at = {} AND {} "
          "RETURNING alert_id",
          table, quoted(alert.teller, connection), alert.id, quoted(change.teller_before, connection),
          time(alert.notified), is_untold);
    case AlertChange::Kind::told:
      return fmt::format(
          "UPDATE {} SET told_at = {at} WHERE kind = {} AND subject = {} AND first_seen = {} AND {} AND (told_at IS "
          "NULL OR told_at < {at}) RETURNING alert_id",
          table, quoted(alert.kind, connection), quoted(alert.subject, connection), time(alert.first_seen), is_untold,
          fmt::arg("at", time(alert.notified)));
  }
  return "";
}

}  // namespace

Result<std::vector<Alert>> PgAlerts::select(const std::string& rest) {
  BATON_TRY(PgConnection* const connection, session_.connection());
  BATON_TRY(const PgResult rows,
            connection->query(
                fmt::format("SELECT alert_id, kind, subject, message, {}, {}, seen, {}, {}, teller, {} FROM {} {}",
                            micros_of("first_seen"), micros_of("last_seen"), micros_of("notified_at"),
                            micros_of("resolved_at"), micros_of("told_at"), session_.table("baton_alert"), rest)));
  std::vector<Alert> alerts;
  for (int row = 0; row < rows.rows(); ++row) {
    Alert alert;
    alert.id = rows.integer(row, 0);
    alert.kind = rows.text(row, 1);
    alert.subject = rows.text(row, 2);
    alert.text = rows.text(row, 3);
    alert.first_seen = wall_time_at(rows, row, 4).value_or(WallTime{});
    alert.last_seen = wall_time_at(rows, row, 5).value_or(WallTime{});
    alert.count = rows.integer(row, 6);
    alert.notified = wall_time_at(rows, row, 7).value_or(WallTime{});
    alert.resolved = wall_time_at(rows, row, 8);
    alert.teller = rows.text(row, 9);
    alert.told = wall_time_at(rows, row, 10);
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

Result<std::vector<Alert>> PgAlerts::open() {
  return select("WHERE resolved_at IS NULL ORDER BY kind COLLATE \"C\", subject COLLATE \"C\"");
}

Result<std::vector<Alert>> PgAlerts::untold() {
  return select(fmt::format("WHERE {} ORDER BY kind COLLATE \"C\", subject COLLATE \"C\", alert_id", is_untold));
}

Result<std::vector<Alert>> PgAlerts::recent(std::int64_t limit) {
  return select(fmt::format("ORDER BY resolved_at IS NOT NULL, alert_id DESC LIMIT {}", limit));
}

// One message, so that a monitor that is stopped in the middle of it locks nothing.
Result<std::vector<bool>> PgAlerts::write(const std::vector<AlertChange>& changes) {
  if (changes.empty()) return std::vector<bool>();
  return repeated(session_, [&]() -> Result<std::vector<bool>> {
    BATON_TRY(PgConnection* const connection, session_.connection());
    const std::string table = session_.table("baton_alert");
    std::string statements;
    for (const AlertChange& change : changes) {
      statements += (statements.empty() ? "" : "; ") + statement_of(*connection, table, change);
    }
    BATON_TRY(const std::vector<PgResult> results, run_relaxed(*connection, statements, PgEffect::commits));
    std::vector<bool> done;
    for (std::size_t i = 0; i < changes.size(); ++i) done.push_back(results.at(i).rows() > 0);
    return done;
  });
}

Status PgAlerts::note_pass(const MonitorPass& pass) {
  BATON_TRY(PgConnection* const connection, session_.connection());
  BATON_TRY(const auto done,
            run_relaxed(*connection,
                        fmt::format("INSERT INTO {} (monitor, replica, every_ms, passed_at) VALUES ({}, {}, {}, {}) ON "
                                    "CONFLICT (monitor) DO UPDATE SET replica = excluded.replica, every_ms = "
                                    "excluded.every_ms, passed_at = excluded.passed_at",
                                    session_.table("baton_monitor"), quoted(pass.monitor, *connection),
                                    quoted(pass.replica, *connection), pass.every.count(), time(pass.at)),
                        PgEffect::commits));
  return {};
}

Result<std::vector<MonitorPass>> PgAlerts::passes() {
  BATON_TRY(PgConnection* const connection, session_.connection());
  BATON_TRY(const PgResult rows, connection->query(fmt::format(
                                     "SELECT monitor, replica, every_ms, {} FROM {} ORDER BY monitor COLLATE \"C\"",
                                     micros_of("passed_at"), session_.table("baton_monitor"))));
  std::vector<MonitorPass> passes;
  for (int row = 0; row < rows.rows(); ++row) {
    passes.push_back({rows.text(row, 0), rows.text(row, 1), Duration(rows.integer(row, 2)),
                      wall_time_at(rows, row, 3).value_or(WallTime{})});
  }
  return passes;
}

}  // namespace baton
