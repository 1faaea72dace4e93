#include "sqlite/job_rows.h"

#include "batch/parameters_text.h"
#include "sqlite/time_text.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr const char* columns =
    "job, first_seen, phase, last_due, stop_instance, paused_by, paused_reason, paused_at, paused_until, request_id, "
    "request_kind, request_by, request_at, request_parameters, request_even_paused, request_after_instance, "
    "offered_to, offered_by, offered_at";

std::optional<WallTime> time_at(const SqliteStatement& row, int column) {
  return row.is_null(column) ? std::nullopt : time_from(row.text(column));
}

std::optional<std::int64_t> integer_at(const SqliteStatement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

std::optional<std::string> text_of(const std::optional<WallTime>& time) {
  return time ? std::optional(time_text(*time)) : std::nullopt;
}

Result<std::optional<JobRequest>> request_from(const SqliteStatement& row) {
  if (row.is_null(9)) return std::optional<JobRequest>();
  JobRequest request;
  request.id = row.text(9);
  request.kind = parse_request_kind(row.text(10)).value_or(RequestKind::run);
  request.by = row.text(11);
  request.at = time_at(row, 12).value_or(WallTime{});
  BATON_TRY(request.parameters, parameters_from(row.text(0), row.text(13)));
  request.even_paused = row.integer(14) != 0;
  request.after_instance = integer_at(row, 15);
  return std::optional(std::move(request));
}

Result<JobControl> job_from(const SqliteStatement& row) {
  JobControl job;
  job.job = row.text(0);
  job.first_seen = time_at(row, 1).value_or(WallTime{});
  job.phase = time_at(row, 2);
  job.last_due = time_at(row, 3);
  job.stop_instance = integer_at(row, 4);
  if (!row.is_null(7)) {
    job.pause = Pause{row.text(5), row.text(6), time_at(row, 7).value_or(WallTime{}), time_at(row, 8)};
  }
  BATON_TRY(job.request, request_from(row));
  if (!row.is_null(16)) job.offer = Offer{row.text(16), row.text(17), time_at(row, 18).value_or(WallTime{})};
  return job;
}

}  // namespace

Status note_job(SqliteConnection& connection, const std::string& job, WallTime now) {
  BATON_TRY(SqliteStatement * note,
            connection.prepare("INSERT INTO baton_job (job, first_seen) VALUES (?1, ?2) ON CONFLICT DO NOTHING"));
  return note->bind(1, std::string_view(job)).bind(2, std::string_view(time_text(now))).run();
}

Result<JobControl> read_job(SqliteConnection& connection, const std::string& job) {
  BATON_TRY(SqliteStatement * query,
            connection.prepare(fmt::format("SELECT {} FROM baton_job WHERE job = ?1", columns)));
  query->bind(1, std::string_view(job));
  BATON_TRY(const bool row, query->step());
  JobControl unknown;
  unknown.job = job;
  if (!row) return unknown;
  Result<JobControl> known = job_from(*query);
  query->reset();
  return known;
}

Result<std::vector<JobControl>> read_jobs(SqliteConnection& connection) {
  BATON_TRY(SqliteStatement * query, connection.prepare(fmt::format("SELECT {} FROM baton_job ORDER BY job", columns)));
  std::vector<JobControl> jobs;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return jobs;
    Result<JobControl> job = job_from(*query);
    if (!job) query->reset();
    BATON_TRY(jobs.emplace_back(), std::move(job));
  }
}

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

Status write_pause(SqliteConnection& connection, const std::string& job, const std::optional<Pause>& pause) {
  BATON_TRY(SqliteStatement * write,
            connection.prepare("UPDATE baton_job SET paused_by = ?2, paused_reason = ?3, paused_at = ?4, "
                               "paused_until = ?5 WHERE job = ?1"));
  write->bind(1, std::string_view(job));
  if (pause) {
    write->bind(2, std::string_view(pause->by)).bind(3, std::string_view(pause->reason));
    write->bind(4, std::string_view(time_text(pause->since))).bind(5, text_of(pause->until));
  }
  return write->run();
}

Status write_request(SqliteConnection& connection, const std::string& job, const std::optional<JobRequest>& request) {
  BATON_TRY(SqliteStatement * write,
            connection.prepare("UPDATE baton_job SET request_id = ?2, request_kind = ?3, request_by = ?4, request_at = "
                               "?5, request_parameters = ?6, request_even_paused = ?7, request_after_instance = ?8 "
                               "WHERE job = ?1"));
  write->bind(1, std::string_view(job));
  if (request) {
    write->bind(2, std::string_view(request->id)).bind(3, name(request->kind)).bind(4, std::string_view(request->by));
    write->bind(5, std::string_view(time_text(request->at)));
    write->bind(6, std::string_view(parameters_text(request->parameters)));
    write->bind(7, std::int64_t{request->even_paused});
    if (request->after_instance) write->bind(8, *request->after_instance);
  }
  return write->run();
}

Status write_answer(SqliteConnection& connection, const std::string& job, const std::string& request,
                    const std::string& text) {
  BATON_TRY(SqliteStatement * write,
            connection.prepare("UPDATE baton_job SET answer_id = ?2, answer_text = ?3 WHERE job = ?1"));
  write->bind(1, std::string_view(job)).bind(2, std::string_view(request)).bind(3, std::string_view(text));
  return write->run();
}

Status write_offer(SqliteConnection& connection, const std::string& job, const std::optional<Offer>& offer) {
  BATON_TRY(SqliteStatement * write,
            connection.prepare("UPDATE baton_job SET offered_to = ?2, offered_by = ?3, offered_at = ?4 WHERE job = "
                               "?1"));
  write->bind(1, std::string_view(job));
  if (offer) {
    write->bind(2, std::string_view(offer->to)).bind(3, std::string_view(offer->by));
    write->bind(4, std::string_view(time_text(offer->at)));
  }
  return write->run();
}

Status write_due(SqliteConnection& connection, const std::string& job, WallTime due) {
  BATON_TRY(SqliteStatement * write,
            connection.prepare("UPDATE baton_job SET last_due = ?2, phase = coalesce(phase, ?2) WHERE job = ?1"));
  return write->bind(1, std::string_view(job)).bind(2, std::string_view(time_text(due))).run();
}

}  // namespace baton
