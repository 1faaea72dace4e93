#include "postgres/repository_parts.h"
#include "postgres/short_transaction.h"

#include <fmt/format.h>

namespace baton {

Result<std::unique_ptr<PgRepositoryRecord>> PgRepositoryRecord::open(PgSession& session) {
  BATON_TRY(PgConnection * connection, session.connection());
  BATON_TRY(const PgResult rows,
            connection->query(fmt::format("SELECT repository_id FROM {} ORDER BY schema_version LIMIT 1",
                                          session.table("baton_repository"))));
  if (rows.rows() == 0) {
    return fail(ErrorKind::invalid, fmt::format("{}: {} is empty: baton migrate makes the job repository",
                                                session.settings().shown, session.table("baton_repository")));
  }
  return std::unique_ptr<PgRepositoryRecord>(new PgRepositoryRecord(session, rows.text(0, 0)));
}

Result<std::optional<std::string>> PgRepositoryRecord::lease_store() {
  BATON_TRY(PgConnection * connection, session_.connection());
  BATON_TRY(const PgResult rows,
            connection->query(fmt::format("SELECT max(lease_store) FROM {}", session_.table("baton_repository"))));
  return rows.optional_text(0, 0);
}

Status PgRepositoryRecord::adopt_lease_store(const std::string& identity) {
  BATON_TRY(const std::optional<std::string> known, lease_store());
  if (known == identity) return {};
  if (!known) {
    BATON_TRY(PgConnection * connection, session_.connection());
    BATON_TRY(const PgResult adopted,
              connection->query(
                  fmt::format("UPDATE {0} SET lease_store = $1 WHERE lease_store IS NULL AND NOT EXISTS (SELECT 1 FROM "
                              "{0} WHERE lease_store IS NOT NULL)",
                              session_.table("baton_repository")),
                  PgParameters::of(identity), PgEffect::commits));
    if (adopted.changed() > 0) return {};
    return adopt_lease_store(identity);  // another replica was first
  }
  return fail(ErrorKind::invalid,
              fmt::format("{}: this repository's leases are kept in the lease store {}, but locks.* names the lease "
                          "store {}: replicas with different ones would both run a job. Name the old one; if it is "
                          "lost and no replica runs, forget it with: UPDATE {} SET lease_store = NULL",
                          session_.settings().shown, *known, identity, session_.table("baton_repository")));
}

Result<std::vector<std::string>> PgRepositoryRecord::fenced_databases(const std::string& job) {
  BATON_TRY(PgConnection * connection, session_.connection());
  BATON_TRY(const PgResult rows,
            connection->query(fmt::format("SELECT database FROM {} WHERE job = $1 ORDER BY database COLLATE \"C\"",
                                          session_.table("baton_job_database")),
                              PgParameters::of(job)));
  std::vector<std::string> databases;
  for (int row = 0; row < rows.rows(); ++row) databases.push_back(rows.text(row, 0));
  return databases;
}

// One message, which commits by itself (P8).
Status PgRepositoryRecord::raise_fence(const std::string& job, std::int64_t from,
                                       const std::vector<std::string>& databases) {
  BATON_TRY(PgConnection * connection, session_.connection());
  const std::string id = PgConnection::quoted_text(repository_id_);
  const std::string name = PgConnection::quoted_text(job);
  const std::string fence = session_.table("baton_fence");
  const std::string raise =
      from == 0 ? fmt::format(
                      "INSERT INTO {} AS f (repository_id, job, fence) VALUES ({}, {}, 1) ON CONFLICT "
                      "(repository_id, job) DO UPDATE SET fence = 1 WHERE f.fence = 0 RETURNING 1",
                      fence, id, name)
                : fmt::format(
                      "UPDATE {} SET fence = fence + 1 WHERE repository_id = {} AND job = {} AND fence = {} "
                      "RETURNING 1",
                      fence, id, name, from);
  std::string listed;
  for (const std::string& database : databases) {
    listed += (listed.empty() ? "" : ", ") + PgConnection::quoted_text(database);
  }
  BATON_TRY(const auto results,
            run_in_transaction(
                *connection, "ISOLATION LEVEL READ COMMITTED READ WRITE",
                fmt::format("SET LOCAL synchronous_commit = on; WITH raised AS ({}), noted AS (INSERT INTO {} (job, "
                            "database) SELECT {}, d FROM unnest(ARRAY[{}]::text[]) d WHERE EXISTS (SELECT 1 FROM "
                            "raised) ON CONFLICT DO NOTHING) SELECT count(*) FROM raised",
                            raise, session_.table("baton_job_database"), name, listed),
                PgEffect::commits));
  if (results.at(2).integer(0, 0) == 1) return {};
  return fail(ErrorKind::conflict,
              fmt::format("{}: the fence of \"{}\" is not {} any more", session_.settings().shown, job, from));
}

}  // namespace baton
