#include "postgres/database.h"

#include "postgres/chunk_transaction.h"
#include "postgres/fenced_transaction.h"
#include "postgres/table_writer.h"
#include "postgres/user_sql.h"

#include <fmt/format.h>

namespace baton {
namespace {

// A part of an identity: a slash in a name separates nothing.
std::string part(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '/' || c == '%') {
      text += c == '/' ? "%2F" : "%25";
    } else {
      text += c;
    }
  }
  return text;
}

std::string raise_statement(const PgSession& names, const std::string& repository_id, const std::string& job,
                            std::int64_t from) {
  const std::string table = names.table("baton_fence");
  const std::string repository = PgConnection::quoted_text(repository_id);
  const std::string name = PgConnection::quoted_text(job);
  if (from == 0) {
    return fmt::format("INSERT INTO {} (repository_id, job, fence) VALUES ({}, {}, 1) ON CONFLICT DO NOTHING", table,
                       repository, name);
  }
  return fmt::format("UPDATE {} SET fence = {} WHERE repository_id = {} AND job = {} AND fence = {}", table, from + 1,
                     repository, name, from);
}

Status raised(const PgConnection& connection, const PgResult& change, const std::string& job, std::int64_t from) {
  if (change.changed() == 1) return {};
  return fail(ErrorKind::conflict,
              fmt::format("{}: the fence of \"{}\" is not {} any more", connection.shown(), job, from));
}

}  // namespace

Result<std::string> pg_identity(PgConnection& connection, const std::string& schema) {
  BATON_TRY(const PgResult row, connection.query("SELECT system_identifier, pg_catalog.current_database() FROM "
                                                 "pg_catalog.pg_control_system()"));
  return fmt::format("postgresql:{}/{}/{}", row.view(0, 0), part(row.view(0, 1)), part(schema));
}

Result<std::int64_t> PgDatabase::read_fence(const std::string& repository_id, const std::string& job) {
  BATON_TRY(PgConnection* const connection, session_.connection());
  BATON_TRY(const PgResult row,
            connection->query(fmt::format("SELECT fence FROM {} WHERE repository_id = $1 AND job = $2",
                                          session_.table("baton_fence")),
                              PgParameters::of(repository_id, job)));
  return row.rows() == 0 ? 0 : row.integer(0, 0);
}

Status raise_pg_fence(PgConnection& connection, const PgSession& names, const std::string& repository_id,
                      const std::string& job, std::int64_t from) {
  BATON_TRY(const auto done, connection.script(raise_statement(names, repository_id, job, from)));
  return raised(connection, done.front(), job, from);
}

// One message that commits by itself: a process that is stopped here holds no row lock on the fence.
Status PgDatabase::raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) {
  BATON_TRY(PgConnection* const connection, session_.connection());
  const auto done = connection->script(
      fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = on; {}; COMMIT",
                  raise_statement(session_, repository_id, job, from)),
      PgEffect::commits);
  if (done) return raised(*connection, done->at(2), job, from);
  if (connection->in_transaction()) session_.drop();
  return fail(done.error());
}

Status PgDatabase::end_older_transactions(const Fence& fence) {
  BATON_TRY(PgConnection* const connection, session_.connection());
  return baton::end_older_transactions(*connection, session_.table("baton_fence"), fence);
}

Result<std::optional<Progress>> PgDatabase::read_progress(const ProgressKey& key) {
  BATON_TRY(PgConnection* const connection, session_.connection());
  BATON_TRY(
      const PgResult row,
      connection->query(fmt::format("SELECT job, revision, low_water, ranges, counts, input, fingerprint, input_done, "
                                    "closing_done, complete, step_execution_id, counts_before FROM {} "
                                    "WHERE repository_id = $1 AND instance_id = $2 AND step = $3",
                                    session_.table("baton_progress")),
                        PgParameters::of(key.repository_id, key.instance, key.step)));
  if (row.rows() == 0) return std::optional<Progress>();
  Progress progress;
  progress.job = row.text(0, 0);
  progress.revision = row.integer(0, 1);
  BATON_TRY(progress.low_water, position_from(row.text(0, 2)));
  BATON_TRY(progress.above, ranges_from(row.text(0, 3)));
  BATON_TRY(progress.counts, counts_from(row.text(0, 4)));
  BATON_TRY(progress.input, input_from(row.text(0, 5)));
  progress.fingerprint = row.text(0, 6);
  progress.input_done = row.boolean(0, 7);
  progress.closing_done = static_cast<int>(row.integer(0, 8));
  progress.complete = row.boolean(0, 9);
  progress.step_execution_id = row.integer(0, 10);
  BATON_TRY(progress.counts_before, counts_from(row.text(0, 11)));
  return std::optional<Progress>(std::move(progress));
}

Result<std::unique_ptr<Transaction>> PgDatabase::begin(const Authority& authority, Durability durability) {
  BATON_TRY(PgFencedTransaction transaction, PgFencedTransaction::begin(session_, authority, durability));
  return std::unique_ptr<Transaction>(new PgChunkTransaction(std::move(transaction)));
}

Result<std::int64_t> PgDatabase::execute_unprotected(const Authority& authority, const std::string& sql) {
  BATON_TRY(const std::int64_t fence, read_fence(authority.fence.repository_id, authority.fence.job));
  const Error not_mine{ErrorKind::lease_lost, fmt::format("another replica owns \"{}\" now", authority.fence.job)};
  if (fence != authority.fence.value) return fail(not_mine);
  BATON_TRY(PgConnection* const connection, session_.connection());
  const auto changed = run_pg_user_sql(session_, *connection, sql, PgTransactionControl::allowed, [&]() -> Status {
    return authority.guard.passed() ? Status() : fail(not_mine);
  });
  const bool left_open = connection->in_transaction();
  const std::string shown = connection->shown();
  session_.drop();  // with whatever the text left behind in it
  if (!changed || !left_open) return changed;
  return fail(
      ErrorKind::invalid,
      fmt::format("{}: the statement left a transaction open, which was rolled back: end it with COMMIT", shown));
}

std::unique_ptr<TableWriter> PgDatabase::table_writer(const TableSpec& spec, const std::string& where) {
  return make_pg_table_writer(session_, spec, where);
}

}  // namespace baton
