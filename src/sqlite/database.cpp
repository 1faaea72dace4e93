#include "sqlite/database.h"

#include "sqlite/chunk_transaction.h"
#include "sqlite/fenced_transaction.h"
#include "sqlite/table_writer.h"
#include "sqlite/user_sql.h"

#include <fmt/format.h>
#include <array>
#include <filesystem>

namespace baton {
namespace {

constexpr std::string_view identity_prefix = "sqlite:";

}  // namespace

Result<std::string> sqlite_identity(const std::string& path) {
  std::error_code error;
  const auto canonical = std::filesystem::canonical(path, error);
  if (error) return fail(ErrorKind::invalid, fmt::format("{}: {}", path, error.message()));
  return std::string(identity_prefix) + canonical.string();
}

Result<std::string> sqlite_path(const std::string& identity) {
  if (identity.starts_with(identity_prefix)) return identity.substr(identity_prefix.size());
  return fail(ErrorKind::invalid, fmt::format("{} is no SQLite file", identity));
}

Result<std::int64_t> SqliteDatabase::read_fence(const std::string& repository_id, const std::string& job) {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT fence FROM baton_fence WHERE repository_id = ?1 AND job = ?2"));
  query->bind(1, std::string_view(repository_id)).bind(2, std::string_view(job));
  BATON_TRY(const bool row, query->step());
  const std::int64_t fence = row ? query->integer(0) : 0;
  query->reset();
  return fence;
}

Status raise_sqlite_fence(SqliteConnection& connection, const std::string& repository_id, const std::string& job,
                          std::int64_t from) {
  BATON_TRY(SqliteStatement * raise,
            connection.prepare("INSERT INTO baton_fence (repository_id, job, fence) SELECT ?1, ?2, 1 WHERE ?3 = 0 "
                               "ON CONFLICT DO NOTHING"));
  if (from > 0) {
    BATON_TRY(raise, connection.prepare("UPDATE baton_fence SET fence = ?3 + 1 "
                                        "WHERE repository_id = ?1 AND job = ?2 AND fence = ?3"));
  }
  raise->bind(1, std::string_view(repository_id)).bind(2, std::string_view(job)).bind(3, from);
  BATON_CHECK(raise->run());
  if (connection.changes() == 1) return {};
  return fail(ErrorKind::conflict,
              fmt::format("{}: the fence of \"{}\" is not {} any more", connection.path(), job, from));
}

Status SqliteDatabase::raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) {
  BATON_CHECK(set_durability(connection_, Durability::full));
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  BATON_CHECK(raise_sqlite_fence(connection_, repository_id, job, from));
  return transaction.commit();
}

Result<std::optional<Progress>> SqliteDatabase::read_progress(const ProgressKey& key) {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT job, revision, low_water, ranges, counts, input, fingerprint, input_done, "
                                "closing_done, complete, step_execution_id, counts_before FROM baton_progress "
                                "WHERE repository_id = ?1 AND instance_id = ?2 AND step = ?3"));
  query->bind(1, std::string_view(key.repository_id)).bind(2, key.instance).bind(3, std::string_view(key.step));
  BATON_TRY(const bool row, query->step());
  if (!row) return std::optional<Progress>();
  const std::array<std::string, 5> texts{query->text(2), query->text(3), query->text(4), query->text(5),
                                         query->text(11)};
  Progress progress;
  progress.job = query->text(0);
  progress.revision = query->integer(1);
  progress.fingerprint = query->text(6);
  progress.input_done = query->integer(7) != 0;
  progress.closing_done = static_cast<int>(query->integer(8));
  progress.complete = query->integer(9) != 0;
  progress.step_execution_id = query->integer(10);
  query->reset();
  BATON_TRY(progress.low_water, position_from(texts[0]));
  BATON_TRY(progress.above, ranges_from(texts[1]));
  BATON_TRY(progress.counts, counts_from(texts[2]));
  BATON_TRY(progress.input, input_from(texts[3]));
  BATON_TRY(progress.counts_before, counts_from(texts[4]));
  return std::optional<Progress>(std::move(progress));
}

Result<std::unique_ptr<Transaction>> SqliteDatabase::begin(const Authority& authority, Durability durability) {
  BATON_TRY(FencedTransaction transaction, FencedTransaction::begin(connection_, authority, durability));
  return std::unique_ptr<Transaction>(new SqliteChunkTransaction(connection_, std::move(transaction)));
}

Result<std::int64_t> SqliteDatabase::execute_unprotected(const Authority& authority, const std::string& sql) {
  BATON_TRY(const std::int64_t fence, read_fence(authority.fence.repository_id, authority.fence.job));
  if (fence != authority.fence.value || !authority.guard.passed()) {
    return fail(ErrorKind::lease_lost, fmt::format("another replica owns \"{}\" now", authority.fence.job));
  }
  return run_user_sql(connection_, sql, TransactionControl::allowed);
}

std::unique_ptr<TableWriter> SqliteDatabase::table_writer(const TableSpec& spec, const std::string& where) {
  return make_sqlite_table_writer(connection_, spec, where);
}

}  // namespace baton
