#include "sqlite/reject_log.h"

namespace baton {

Result<std::vector<LoggedReject>> SqliteRejectLog::list(const RejectFilter& filter) {
  std::vector<LoggedReject> rejects;
  BATON_TRY(const bool there, connection_.has_table("baton_reject"));
  if (!there) return rejects;
  BATON_TRY(SqliteStatement * query,
            connection_.prepare(
                "SELECT reject_id, job, instance_id, step, job_execution_id, phase, record, line, column_name, "
                "value, reason, raw FROM baton_reject WHERE repository_id = ?1 AND (?2 IS NULL OR job = ?2) "
                "AND (?3 IS NULL OR job_execution_id = ?3) AND reject_id > ?4 ORDER BY reject_id LIMIT ?5"));
  query->bind(1, std::string_view(filter.repository_id)).bind(2, filter.job);
  if (filter.job_execution_id) query->bind(3, *filter.job_execution_id);
  query->bind(4, filter.after).bind(5, filter.limit);
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return rejects;
    LoggedReject logged;
    logged.reject_id = query->integer(0);
    logged.job = query->text(1);
    logged.instance = query->integer(2);
    logged.step = query->text(3);
    logged.job_execution_id = query->integer(4);
    logged.phase = query->text(5);
    logged.reject.record = static_cast<std::uint64_t>(query->integer(6));
    logged.reject.line = static_cast<std::uint64_t>(query->integer(7));
    logged.reject.column = query->text(8);
    logged.reject.value = query->text(9);
    logged.reject.reason = query->text(10);
    logged.reject.raw = query->text(11);
    rejects.push_back(std::move(logged));
  }
}

}  // namespace baton
