#include "postgres/reject_log.h"

#include <fmt/format.h>

namespace baton {

Result<std::vector<LoggedReject>> PgRejectLog::list(const RejectFilter& filter) {
  std::vector<LoggedReject> rejects;
  BATON_TRY(const bool there, session_.has_table("baton_reject"));
  if (!there) return rejects;
  BATON_TRY(PgConnection * connection, session_.connection());
  BATON_TRY(
      const PgResult rows,
      connection->query(
          fmt::format("SELECT reject_id, job, instance_id, step, job_execution_id, phase, record, line, "
                      "column_name, value, reason, raw FROM {} WHERE repository_id = $1 AND ($2::text IS NULL OR "
                      "job = $2) AND ($3::bigint IS NULL OR job_execution_id = $3) AND reject_id > $4 "
                      "ORDER BY reject_id LIMIT $5::bigint",
                      session_.table("baton_reject")),
          PgParameters::of(filter.repository_id, filter.job, filter.job_execution_id, filter.after, filter.limit)));
  for (int row = 0; row < rows.rows(); ++row) {
    LoggedReject logged;
    logged.reject_id = rows.integer(row, 0);
    logged.job = rows.text(row, 1);
    logged.instance = rows.integer(row, 2);
    logged.step = rows.text(row, 3);
    logged.job_execution_id = rows.integer(row, 4);
    logged.phase = rows.text(row, 5);
    logged.reject.record = static_cast<std::uint64_t>(rows.integer(row, 6));
    logged.reject.line = static_cast<std::uint64_t>(rows.integer(row, 7));
    logged.reject.column = rows.text(row, 8);
    logged.reject.value = rows.text(row, 9);
    logged.reject.reason = rows.text(row, 10);
    logged.reject.raw = rows.text(row, 11);
    rejects.push_back(std::move(logged));
  }
  return rejects;
}

}  // namespace baton
