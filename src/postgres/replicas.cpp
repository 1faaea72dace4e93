#include "batch/request_rules.h"
#include "postgres/change_listener.h"
#include "postgres/fenced_transaction.h"
#include "postgres/job_rows.h"
#include "postgres/open_executions.h"
#include "postgres/repository_parts.h"
#include "postgres/short_transaction.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr const char* silence = "interval '1 hour'";  // of a replica whose row is kept

std::string write_row(const PgTables& tables, const ReplicaRow& mine, const std::string& now) {
  const auto quoted = [&](std::string_view text) {
    return PgConnection::quoted_text(storable_text(text, 1'000, tables.connection.encoding()));
  };
  return fmt::format(
      "INSERT INTO {} (id, pid, tokens, owned, jobs, config_hash, counter, heartbeat_ms, leaving, started_at, beat_at) "
      "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {now}, {now}) ON CONFLICT (id) DO UPDATE SET pid = excluded.pid, "
      "tokens = excluded.tokens, owned = excluded.owned, jobs = excluded.jobs, config_hash = excluded.config_hash, "
      "counter = excluded.counter, heartbeat_ms = excluded.heartbeat_ms, leaving = excluded.leaving, "
      "beat_at = excluded.beat_at",
      tables["baton_replica"], quoted(mine.id), mine.pid, mine.tokens, mine.owned, mine.jobs, quoted(mine.config_hash),
      mine.counter, mine.heartbeat.count(), mine.leaving, fmt::arg("now", now));
}

std::string select_replicas(const PgSession& names) {
  return fmt::format(
      "SELECT id, pid, tokens, owned, jobs, config_hash, counter, heartbeat_ms, leaving, {}, {} FROM {} "
      "ORDER BY id COLLATE \"C\"",
      micros_of("started_at"), micros_of("beat_at"), names.table("baton_replica"));
}

std::string select_open(const PgSession& names) {
  return fmt::format(
      "SELECT i.job_name, e.job_execution_id, e.job_instance_id, e.status, b.fence FROM {} e JOIN {} i "
      "USING (job_instance_id) LEFT JOIN {} b USING (job_execution_id) WHERE e.job_execution_id = "
      "ANY({}) AND {} ORDER BY e.job_execution_id",
      names.table("batch_job_execution"), names.table("batch_job_instance"), names.table("baton_execution"),
      open_candidates(names), is_open(names));
}

std::vector<ReplicaRow> replicas_from(const PgResult& rows) {
  std::vector<ReplicaRow> replicas;
  for (int row = 0; row < rows.rows(); ++row) {
    ReplicaRow replica;
    replica.id = rows.text(row, 0);
    replica.pid = rows.integer(row, 1);
    replica.tokens = rows.integer(row, 2);
    replica.owned = rows.integer(row, 3);
    replica.jobs = rows.integer(row, 4);
    replica.config_hash = rows.text(row, 5);
    replica.counter = rows.integer(row, 6);
    replica.heartbeat = Duration(rows.integer(row, 7));
    replica.leaving = rows.boolean(row, 8);
    replica.started = wall_time_at(rows, row, 9).value_or(WallTime{});
    replica.beat = wall_time_at(rows, row, 10).value_or(WallTime{});
    replicas.push_back(std::move(replica));
  }
  return replicas;
}

std::vector<OpenExecution> open_from(const PgResult& rows) {
  std::vector<OpenExecution> open;
  for (int row = 0; row < rows.rows(); ++row) {
    OpenExecution execution{rows.text(row, 0), rows.integer(row, 1), rows.integer(row, 2), BatchStatus::unknown,
                            std::nullopt};
    execution.status = parse_batch_status(rows.view(row, 3)).value_or(BatchStatus::unknown);
    if (!rows.is_null(row, 4)) execution.fence = rows.integer(row, 4);
    open.push_back(std::move(execution));
  }
  return open;
}

}  // namespace

// In one order everywhere, so that two replicas never wait for each other.
std::string PgReplicas::note_jobs(const std::vector<std::string>& jobs, const std::string& now) const {
  if (jobs == noted_ || jobs.empty()) return {};
  std::vector<std::string> ordered = jobs;
  std::sort(ordered.begin(), ordered.end());
  std::string rows;
  for (const std::string& job : ordered) {
    rows += fmt::format("{}({}, {})", rows.empty() ? "" : ", ", PgConnection::quoted_text(job), now);
  }
  return fmt::format("; INSERT INTO {} (job, first_seen) VALUES {} ON CONFLICT DO NOTHING", session_.table("baton_job"),
                     rows);
}

// One message, so that a replica that is stopped in the middle of it locks nothing.
Status PgReplicas::beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) {
  const Status written = repeated(session_, [&]() -> Status {
    BATON_TRY(PgConnection * connection, session_.connection());
    const std::string now = clock_.instead == nullptr
                                ? "statement_timestamp()"
                                : fmt::format("'{}'::timestamptz", timestamp_text(clock_.instead->wall_now()));
    const std::string remove_silent =
        fmt::format("DELETE FROM {} WHERE beat_at < {} - {}", session_.table("baton_replica"), now, silence);
    BATON_TRY(const auto done, run_relaxed(*connection,
                                           fmt::format("{}; {}{}", write_row({*connection, session_}, mine, now),
                                                       remove_silent, note_jobs(jobs, now)),
                                           PgEffect::commits));
    return {};
  });
  BATON_CHECK(written);
  noted_ = jobs;
  return check_executions(session_);
}

Result<RepositoryView> PgReplicas::look() {
  BATON_TRY(PgConnection * connection, session_.connection());
  BATON_TRY(const auto results,
            run_in_transaction(
                *connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY",
                fmt::format("{}; SELECT {}; {}; {}; {}", open_candidates_settings, micros_of("clock_timestamp()"),
                            select_replicas(session_), select_jobs(session_), select_open(session_)),
                PgEffect::none));
  RepositoryView view;
  view.now = clock_.at(wall_time_at(results.at(3), 0, 0).value_or(WallTime{}));
  view.replicas = replicas_from(results.at(4));
  BATON_TRY(view.jobs, jobs_from(results.at(5)));
  view.open = open_from(results.at(6));
  return view;
}

Status PgReplicas::offer(const std::string& job, const Offer& offer, Duration valid) {
  return repeated(session_, [&]() -> Status {
    BATON_TRY(PgShortTransaction transaction, PgShortTransaction::begin(session_, Durability::relaxed));
    const PgTables tables = transaction.tables();
    const WallTime now = clock_.at(transaction.server_time());
    BATON_TRY(const JobControl control, lock_job(tables, job, now));
    BATON_TRY(const Offer made, admit_offer(control, offer, valid, now));
    BATON_CHECK(write_offer(tables, job, made));
    BATON_CHECK(notify_repository_change(tables));
    return transaction.commit();
  });
}

Status PgReplicas::clear_offer(const std::string& job) {
  return repeated(session_, [&]() -> Status {
    BATON_TRY(PgShortTransaction transaction, PgShortTransaction::begin(session_, Durability::relaxed));
    BATON_CHECK(write_offer(transaction.tables(), job, std::nullopt));
    return transaction.commit();
  });
}

Status PgReplicas::answer_request(const Authority& authority, const std::string& request_id, const std::string& text) {
  return repeated(session_, [&]() -> Status {
    BATON_TRY(PgFencedTransaction transaction, PgFencedTransaction::begin(session_, authority, Durability::full));
    const PgTables tables{transaction.connection(), session_};
    const std::string& job = authority.fence.job;
    BATON_TRY(const JobControl control, lock_job(tables, job, clock_.at(transaction.server_time())));
    if (!control.request || control.request->id != request_id) return {};
    BATON_CHECK(write_request(tables, job, std::nullopt));
    BATON_CHECK(write_answer(tables, job, request_id, text));
    return transaction.commit();
  });
}

Status PgReplicas::leave(const std::string& replica) {
  BATON_TRY(PgConnection * connection, session_.connection());
  BATON_TRY(const PgResult left,
            connection->query(fmt::format("DELETE FROM {} WHERE id = $1", session_.table("baton_replica")),
                              PgParameters::of(replica), PgEffect::commits));
  return {};
}

}  // namespace baton
