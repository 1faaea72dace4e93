#include "postgres/chunk_transaction.h"

#include "base/utf8.h"
#include "postgres/execution_rows.h"
#include "postgres/user_sql.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>

namespace baton {
namespace {

std::string_view name(RejectPhase phase) {
  constexpr std::array<std::string_view, 3> names{"read", "process", "write"};
  return names[static_cast<std::size_t>(phase)];
}

// A row of COPY's text format that every database takes, whatever is in it: a refused record may be anything.
class RejectRow {
 public:
  explicit RejectRow(const PgServerEncoding& encoding) : encoding_(encoding) {}

  void add(std::int64_t number) { text_ += fmt::format("{}\t", number); }

  // Bytes that are no UTF-8 and zero bytes become U+FFFD, characters that the database lacks escapes.
  void add(std::string_view text) {
    while (!text.empty()) {
      const std::size_t bytes = text.front() == '\0' ? 0 : utf8_character_bytes(text);
      for (const char c : encoding_.stored(bytes == 0 ? "\xEF\xBF\xBD" : text.substr(0, bytes))) add(c);
      text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    text_ += '\t';
  }

  void add_if_any(std::string_view text) {
    if (text.empty()) {
      text_ += "\\N\t";
    } else {
      add(text);
    }
  }

  std::string finish() && {
    text_.back() = '\n';
    return std::move(text_);
  }

 private:
  void add(char c) {
    switch (c) {
      case '\\': text_ += "\\\\"; break;
      case '\n': text_ += "\\n"; break;
      case '\r': text_ += "\\r"; break;
      case '\t': text_ += "\\t"; break;
      default: text_ += c;
    }
  }

  const PgServerEncoding& encoding_;
  std::string text_;
};

std::string row_of(const PgServerEncoding& encoding, const ProgressKey& key, const std::string& job,
                   std::int64_t job_execution_id, const Reject& reject) {
  RejectRow row(encoding);
  row.add(key.repository_id);
  row.add(job);
  row.add(key.instance);
  row.add(key.step);
  row.add(job_execution_id);
  row.add(name(reject.phase));
  row.add(static_cast<std::int64_t>(reject.record));
  row.add(static_cast<std::int64_t>(reject.line));
  row.add_if_any(reject.column);
  row.add_if_any(reject.value);
  row.add(reject.reason);
  row.add(reject.raw);
  return std::move(row).finish();
}

}  // namespace

PgChunkTransaction::~PgChunkTransaction() {
  transaction_.reset();
  if (user_sql_ran_) session_.drop();
}

Status PgChunkTransaction::save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) {
  const std::string table = session_.table("baton_progress");
  PgParameters values =
      PgParameters::of(key.repository_id, key.instance, key.step, progress.job, expected + 1,
                       to_text(progress.low_water), to_text(progress.above), to_text(progress.counts),
                       to_text(progress.input), progress.fingerprint, progress.input_done, progress.closing_done,
                       progress.complete, progress.step_execution_id, to_text(progress.counts_before));
  std::string sql = fmt::format(
      "INSERT INTO {} (repository_id, instance_id, step, job, revision, low_water, ranges, counts, input, fingerprint, "
      "input_done, closing_done, complete, step_execution_id, counts_before) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING",
      table);
  if (expected > 0) {
    sql = fmt::format(
        "UPDATE {} SET job = $4, revision = $5, low_water = $6, ranges = $7, counts = $8, input = $9, "
        "fingerprint = $10, input_done = $11, closing_done = $12, complete = $13, step_execution_id = $14, "
        "counts_before = $15 WHERE repository_id = $1 AND instance_id = $2 AND step = $3 AND revision = $16",
        table);
    values.add(expected);
  }
  BATON_TRY(const PgResult saved, connection().query(sql, values));
  if (saved.changed() == 1) return {};
  return fail(ErrorKind::conflict, fmt::format("{}: the progress of step \"{}\" was changed by another replica",
                                               connection().shown(), key.step));
}

Status PgChunkTransaction::save_rejects(const ProgressKey& key, const std::string& job, std::int64_t job_execution_id,
                                        const std::vector<Reject>& rejects) {
  if (rejects.empty()) return {};
  BATON_CHECK(connection().copy_in(
      fmt::format("COPY {} (repository_id, job, instance_id, step, job_execution_id, phase, record, line, column_name, "
                  "value, reason, raw) FROM STDIN",
                  session_.table("baton_reject"))));
  for (const Reject& reject : rejects) {
    BATON_CHECK(connection().copy_data(row_of(connection().encoding(), key, job, job_execution_id, reject)));
  }
  BATON_TRY(const auto ended, connection().copy_end());
  const std::int64_t saved = ended.front().changed();
  if (saved == static_cast<std::int64_t>(rejects.size())) return {};
  return fail(ErrorKind::internal,
              fmt::format("{}: {} of {} rejects saved", connection().shown(), saved, rejects.size()));
}

Status PgChunkTransaction::forget_rejects(const ProgressKey& key) {
  BATON_TRY(const PgResult done,
            connection().query(fmt::format("DELETE FROM {} WHERE repository_id = $1 AND instance_id = $2 AND step = $3",
                                           session_.table("baton_reject")),
                               PgParameters::of(key.repository_id, key.instance, key.step)));
  return {};
}

Result<std::int64_t> PgChunkTransaction::execute(const std::string& sql) {
  user_sql_ran_ = true;
  BATON_TRY(const std::int64_t changed, run_pg_user_sql(session_, connection(), sql, PgTransactionControl::refused));
  // Baton's own statements follow in the same transaction, as its own role.
  BATON_CHECK(connection().restore_settings());
  BATON_CHECK(transaction_->set_durability());
  return changed;
}

Result<BatchStatus> PgChunkTransaction::update_step(StepExecution& step) {
  return update_pg_step_row(connection(), session_, step);
}

}  // namespace baton
