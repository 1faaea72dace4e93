#include "sqlite/stop_requests.h"

namespace baton {

Result<std::optional<StopRequest>> read_stop_request(SqliteConnection& connection, const std::string& job) {
  BATON_TRY(SqliteStatement * query, connection.prepare("SELECT stop_instance, stop_by FROM baton_job WHERE job = ?1"));
  query->bind(1, std::string_view(job));
  BATON_TRY(const bool row, query->step());
  std::optional<StopRequest> request;
  if (row && !query->is_null(0)) request = StopRequest{query->integer(0), query->text(1)};
  query->reset();
  return request;
}

Status clear_stop_request(SqliteConnection& connection, const std::string& job) {
  BATON_TRY(
      SqliteStatement * clear,
      connection.prepare("UPDATE baton_job SET stop_instance = NULL, stop_by = NULL, stop_at = NULL WHERE job = ?1"));
  return clear->bind(1, std::string_view(job)).run();
}

Status note_job(SqliteConnection& connection, const std::string& job, const std::string& now) {
  BATON_TRY(SqliteStatement * note,
            connection.prepare("INSERT INTO baton_job (job, first_seen) VALUES (?1, ?2) ON CONFLICT DO NOTHING"));
  return note->bind(1, std::string_view(job)).bind(2, std::string_view(now)).run();
}

}  // namespace baton
