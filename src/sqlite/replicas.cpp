#include "sqlite/replicas.h"

#include "batch/request_rules.h"
#include "sqlite/execution_rows.h"
#include "sqlite/fenced_transaction.h"
#include "sqlite/job_rows.h"
#include "sqlite/time_text.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr std::chrono::hours longest_silence(1);  // of a replica whose row is kept

Status write_row(SqliteConnection& connection, const ReplicaRow& mine, WallTime now) {
  BATON_TRY(SqliteStatement * write,
            connection.prepare(
                "INSERT INTO baton_replica (id, pid, tokens, owned, jobs, config_hash, counter, heartbeat_ms, leaving, "
                "started_at, beat_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10) ON CONFLICT (id) DO UPDATE "
                "SET pid = ?2, tokens = ?3, owned = ?4, jobs = ?5, config_hash = ?6, counter = ?7, heartbeat_ms = ?8, "
                "leaving = ?9, beat_at = ?10"));
  write->bind(1, std::string_view(mine.id)).bind(2, mine.pid).bind(3, mine.tokens).bind(4, mine.owned);
  write->bind(5, mine.jobs).bind(6, std::string_view(mine.config_hash)).bind(7, mine.counter);
  write->bind(8, std::int64_t{mine.heartbeat.count()}).bind(9, std::int64_t{mine.leaving});
  return write->bind(10, std::string_view(time_text(now))).run();
}

Status remove_silent(SqliteConnection& connection, WallTime now) {
  BATON_TRY(SqliteStatement * remove, connection.prepare("DELETE FROM baton_replica WHERE beat_at < ?1"));
  return remove->bind(1, std::string_view(time_text(now - longest_silence))).run();
}

ReplicaRow replica_from(const SqliteStatement& row) {
  ReplicaRow replica;
  replica.id = row.text(0);
  replica.pid = row.integer(1);
  replica.tokens = row.integer(2);
  replica.owned = row.integer(3);
  replica.jobs = row.integer(4);
  replica.config_hash = row.text(5);
  replica.counter = row.integer(6);
  replica.heartbeat = Duration(row.integer(7));
  replica.leaving = row.integer(8) != 0;
  replica.started = time_from(row.text(9)).value_or(WallTime{});
  replica.beat = time_from(row.text(10)).value_or(WallTime{});
  return replica;
}

}  // namespace

// Nobody would see what is written to it, and nothing of what others write would be seen.
Status SqliteReplicas::check_file() const {
  if (!connection_.file_has_moved()) return {};
  return fail(ErrorKind::retry, fmt::format("{}: the file was deleted or moved while it was open", connection_.path()));
}

Status SqliteReplicas::note_jobs(const std::vector<std::string>& jobs, WallTime now) {
  if (jobs == noted_) return {};
  for (const std::string& job : jobs) BATON_CHECK(note_job(connection_, job, now));
  return {};
}

Status SqliteReplicas::beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) {
  BATON_CHECK(check_file());
  BATON_CHECK(set_durability(connection_, Durability::relaxed));
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  const WallTime now = clock_.wall_now();
  BATON_CHECK(write_row(connection_, mine, now));
  BATON_CHECK(remove_silent(connection_, now));
  BATON_CHECK(note_jobs(jobs, now));
  BATON_CHECK(transaction.commit());
  noted_ = jobs;
  return {};
}

Result<std::vector<ReplicaRow>> SqliteReplicas::read_replicas() {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT id, pid, tokens, owned, jobs, config_hash, counter, heartbeat_ms, leaving, "
                                "started_at, beat_at FROM baton_replica ORDER BY id"));
  std::vector<ReplicaRow> replicas;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return replicas;
    replicas.push_back(replica_from(*query));
  }
}

Result<std::vector<OpenExecution>> SqliteReplicas::read_open_executions() {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare(fmt::format(
                "SELECT i.JOB_NAME, e.JOB_EXECUTION_ID, e.JOB_INSTANCE_ID, e.STATUS, b.fence FROM BATCH_JOB_EXECUTION "
                "e JOIN BATCH_JOB_INSTANCE i USING (JOB_INSTANCE_ID) LEFT JOIN baton_execution b ON b.job_execution_id "
                "= e.JOB_EXECUTION_ID WHERE e.JOB_EXECUTION_ID IN ({}) ORDER BY e.JOB_EXECUTION_ID",
                open_execution_ids)));
  std::vector<OpenExecution> open;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return open;
    OpenExecution execution{query->text(0), query->integer(1), query->integer(2), BatchStatus::unknown, std::nullopt};
    execution.status = parse_batch_status(query->text(3)).value_or(BatchStatus::unknown);
    if (!query->is_null(4)) execution.fence = query->integer(4);
    open.push_back(std::move(execution));
  }
}

Result<RepositoryView> SqliteReplicas::look() {
  BATON_CHECK(check_file());
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin_reading(connection_));
  RepositoryView view;
  view.now = clock_.wall_now();
  BATON_TRY(view.replicas, read_replicas());
  BATON_TRY(view.jobs, read_jobs(connection_));
  BATON_TRY(view.open, read_open_executions());
  BATON_CHECK(transaction.commit());
  return view;
}

Status SqliteReplicas::offer(const std::string& job, const Offer& offer, Duration valid) {
  BATON_CHECK(set_durability(connection_, Durability::relaxed));
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  const WallTime now = clock_.wall_now();
  BATON_CHECK(note_job(connection_, job, now));
  BATON_TRY(const JobControl control, read_job(connection_, job));
  BATON_TRY(const Offer made, admit_offer(control, offer, valid, now));
  BATON_CHECK(write_offer(connection_, job, made));
  return transaction.commit();
}

Status SqliteReplicas::clear_offer(const std::string& job) {
  BATON_CHECK(set_durability(connection_, Durability::relaxed));
  return write_offer(connection_, job, std::nullopt);
}

Status SqliteReplicas::answer_request(const Authority& authority, const std::string& request_id,
                                      const std::string& text) {
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, Durability::full));
  const std::string& job = authority.fence.job;
  BATON_TRY(const JobControl control, read_job(connection_, job));
  if (!control.request || control.request->id != request_id) return {};
  BATON_CHECK(write_request(connection_, job, std::nullopt));
  BATON_CHECK(write_answer(connection_, job, request_id, text));
  return transaction.commit();
}

Status SqliteReplicas::leave(const std::string& replica) {
  BATON_TRY(SqliteStatement * remove, connection_.prepare("DELETE FROM baton_replica WHERE id = ?1"));
  return remove->bind(1, std::string_view(replica)).run();
}

}  // namespace baton
