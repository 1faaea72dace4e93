#include "sqlite/chunk_transaction.h"

#include "sqlite/execution_rows.h"
#include "sqlite/user_sql.h"

#include <fmt/format.h>
#include <array>

namespace baton {
namespace {

std::string_view name(RejectPhase phase) {
  constexpr std::array<std::string_view, 3> names{"read", "process", "write"};
  return names[static_cast<std::size_t>(phase)];
}

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

Status SqliteChunkTransaction::save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) {
  BATON_TRY(
      SqliteStatement * save,
      connection_.prepare(
          "INSERT INTO baton_progress (repository_id, instance_id, step, job, revision, low_water, ranges, counts, "
          "input, fingerprint, input_done, closing_done, complete, step_execution_id, counts_before) "
          "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15 WHERE ?16 = 0 "
          "ON CONFLICT DO NOTHING"));
  if (expected > 0) {
    BATON_TRY(save, connection_.prepare(
                        "UPDATE baton_progress SET job = ?4, revision = ?5, low_water = ?6, ranges = ?7, counts = ?8, "
                        "input = ?9, fingerprint = ?10, input_done = ?11, closing_done = ?12, complete = ?13, "
                        "step_execution_id = ?14, counts_before = ?15 "
                        "WHERE repository_id = ?1 AND instance_id = ?2 AND step = ?3 AND revision = ?16"));
  }
  save->bind(1, std::string_view(key.repository_id)).bind(2, key.instance).bind(3, std::string_view(key.step));
  save->bind(4, std::string_view(progress.job)).bind(5, expected + 1);
  save->bind(6, std::string_view(to_text(progress.low_water))).bind(7, std::string_view(to_text(progress.above)));
  save->bind(8, std::string_view(to_text(progress.counts))).bind(9, std::string_view(to_text(progress.input)));
  save->bind(10, std::string_view(progress.fingerprint)).bind(11, std::int64_t{progress.input_done});
  save->bind(12, std::int64_t{progress.closing_done}).bind(13, std::int64_t{progress.complete});
  save->bind(14, progress.step_execution_id).bind(15, std::string_view(to_text(progress.counts_before)));
  save->bind(16, expected);
  BATON_CHECK(save->run());
  if (connection_.changes() == 1) return {};
  return fail(ErrorKind::conflict, fmt::format("{}: the progress of step \"{}\" was changed by another replica",
                                               connection_.path(), key.step));
}

Status SqliteChunkTransaction::save_rejects(const ProgressKey& key, const std::string& job,
                                            std::int64_t job_execution_id, const std::vector<Reject>& rejects) {
  if (rejects.empty()) return {};
  BATON_TRY(
      SqliteStatement * insert,
      connection_.prepare("INSERT INTO baton_reject (repository_id, job, instance_id, step, job_execution_id, phase, "
                          "record, line, column_name, value, reason, raw) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"));
  for (const Reject& reject : rejects) {
    insert->bind(1, std::string_view(key.repository_id)).bind(2, std::string_view(job)).bind(3, key.instance);
    insert->bind(4, std::string_view(key.step)).bind(5, job_execution_id).bind(6, name(reject.phase));
    insert->bind(7, static_cast<std::int64_t>(reject.record)).bind(8, static_cast<std::int64_t>(reject.line));
    insert->bind(9, if_any(reject.column)).bind(10, if_any(reject.value));
    insert->bind(11, std::string_view(reject.reason)).bind(12, std::string_view(reject.raw));
    BATON_CHECK(insert->run());
    insert->reset();
  }
  return {};
}

Status SqliteChunkTransaction::forget_rejects(const ProgressKey& key) {
  BATON_TRY(
      SqliteStatement * forget,
      connection_.prepare("DELETE FROM baton_reject WHERE repository_id = ?1 AND instance_id = ?2 AND step = ?3"));
  return forget->bind(1, std::string_view(key.repository_id))
      .bind(2, key.instance)
      .bind(3, std::string_view(key.step))
      .run();
}

Result<std::int64_t> SqliteChunkTransaction::execute(const std::string& sql) {
  return run_user_sql(connection_, sql, TransactionControl::refused);
}

Result<BatchStatus> SqliteChunkTransaction::update_step(StepExecution& step) {
  return update_step_row(connection_, step);
}

}  // namespace baton
