#include "postgres/job_rows.h"

#include "batch/parameters_text.h"
#include "postgres/change_listener.h"
#include "postgres/row_values.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr std::size_t longest_text = 10'000;

// The columns of job_from, in its order.
std::string columns() {
  return fmt::format(
      "job, {}, {}, {}, stop_instance, paused_by, paused_reason, {}, {}, request_id, request_kind, request_by, {}, "
      "request_parameters, request_even_paused, request_after_instance, offered_to, offered_by, {}",
      micros_of("first_seen"), micros_of("phase"), micros_of("last_due"), micros_of("paused_at"),
      micros_of("paused_until"), micros_of("request_at"), micros_of("offered_at"));
}

std::optional<std::int64_t> integer_at(const PgResult& rows, int row, int column) {
  return rows.is_null(row, column) ? std::nullopt : std::optional(rows.integer(row, column));
}

Result<std::optional<JobRequest>> request_from(const PgResult& rows, int row) {
  if (rows.is_null(row, 9)) return std::optional<JobRequest>();
  JobRequest request;
  request.id = rows.text(row, 9);
  request.kind = parse_request_kind(rows.text(row, 10)).value_or(RequestKind::run);
  request.by = rows.text(row, 11);
  request.at = wall_time_at(rows, row, 12).value_or(WallTime{});
  BATON_TRY(request.parameters, parameters_from(rows.text(row, 0), rows.text(row, 13)));
  request.even_paused = rows.boolean(row, 14);
  request.after_instance = integer_at(rows, row, 15);
  return std::optional(std::move(request));
}

Result<JobControl> job_from(const PgResult& rows, int row) {
  JobControl job;
  job.job = rows.text(row, 0);
  job.first_seen = wall_time_at(rows, row, 1).value_or(WallTime{});
  job.phase = wall_time_at(rows, row, 2);
  job.last_due = wall_time_at(rows, row, 3);
  job.stop_instance = integer_at(rows, row, 4);
  if (!rows.is_null(row, 7)) {
    job.pause = Pause{rows.text(row, 5), rows.text(row, 6), wall_time_at(rows, row, 7).value_or(WallTime{}),
                      wall_time_at(rows, row, 8)};
  }
  BATON_TRY(job.request, request_from(rows, row));
  if (!rows.is_null(row, 16)) {
    job.offer = Offer{rows.text(row, 16), rows.text(row, 17), wall_time_at(rows, row, 18).value_or(WallTime{})};
  }
  return job;
}

Result<JobControl> read_one(const PgTables& tables, const std::string& job, const char* locking) {
  BATON_TRY(const PgResult rows, tables.connection.query(fmt::format("SELECT {} FROM {} WHERE job = $1 {}", columns(),
                                                                     tables["baton_job"], locking),
                                                         PgParameters::of(job)));
  if (rows.rows() > 0) return job_from(rows, 0);
  JobControl unknown;
  unknown.job = job;
  return unknown;
}

Status update(const PgTables& tables, const std::string& assignments, const PgParameters& parameters) {
  BATON_TRY(const PgResult done,
            tables.connection.query(fmt::format("UPDATE {} SET {} WHERE job = $1", tables["baton_job"], assignments),
                                    parameters));
  return {};
}

std::string stored(const PgTables& tables, const std::string& text) {
  return storable_text(text, longest_text, tables.connection.encoding());
}

}  // namespace

Result<JobControl> lock_job(const PgTables& tables, const std::string& job, WallTime now) {
  BATON_TRY(const PgResult noted,
            tables.connection.query(fmt::format("INSERT INTO {} (job, first_seen) VALUES ($1, $2::timestamptz) ON "
                                                "CONFLICT DO NOTHING",
                                                tables["baton_job"]),
                                    PgParameters::of(job, timestamp_text(now))));
  return read_one(tables, job, "FOR NO KEY UPDATE");
}

Result<JobControl> read_job(const PgTables& tables, const std::string& job) { return read_one(tables, job, ""); }

std::string select_jobs(const PgSession& names) {
  return fmt::format("SELECT {} FROM {} ORDER BY job COLLATE \"C\"", columns(), names.table("baton_job"));
}

Result<std::vector<JobControl>> jobs_from(const PgResult& rows) {
  std::vector<JobControl> jobs;
  for (int row = 0; row < rows.rows(); ++row) {
    BATON_TRY(jobs.emplace_back(), job_from(rows, row));
  }
  return jobs;
}

Result<std::optional<PgStopRequest>> read_stop_request(const PgTables& tables, const std::string& job) {
  BATON_TRY(const PgResult rows,
            tables.connection.query(fmt::format("SELECT stop_instance, stop_by FROM {} WHERE job = $1 AND "
                                                "stop_instance IS NOT NULL",
                                                tables["baton_job"]),
                                    PgParameters::of(job)));
  if (rows.rows() == 0) return std::optional<PgStopRequest>();
  return std::optional(PgStopRequest{rows.integer(0, 0), rows.text(0, 1)});
}

Status write_stop_request(const PgTables& tables, const std::string& job, const PgStopRequest& request, WallTime now) {
  return update(tables, "stop_instance = $2, stop_by = $3, stop_at = $4::timestamptz",
                PgParameters::of(job, request.instance, stored(tables, request.by), timestamp_text(now)));
}

Status clear_stop_request(const PgTables& tables, const std::string& job) {
  return update(tables, "stop_instance = NULL, stop_by = NULL, stop_at = NULL", PgParameters::of(job));
}

Status write_pause(const PgTables& tables, const std::string& job, const std::optional<Pause>& pause) {
  PgParameters values = PgParameters::of(job);
  if (pause) {
    values.add(stored(tables, pause->by)).add(stored(tables, pause->reason));
    values.add(timestamp_text(pause->since)).add(timestamp_text(pause->until));
  } else {
    values.add_null().add_null().add_null().add_null();
  }
  return update(tables,
                "paused_by = $2, paused_reason = $3, paused_at = $4::timestamptz, paused_until = $5::timestamptz",
                values);
}

Status write_request(const PgTables& tables, const std::string& job, const std::optional<JobRequest>& request) {
  PgParameters values = PgParameters::of(job);
  if (request) {
    values.add(request->id).add(name(request->kind)).add(stored(tables, request->by)).add(timestamp_text(request->at));
    values.add(parameters_text(request->parameters)).add(request->even_paused).add(request->after_instance);
  } else {
    for (int column = 0; column < 7; ++column) values.add_null();
  }
  return update(tables,
                "request_id = $2, request_kind = $3, request_by = $4, request_at = $5::timestamptz, "
                "request_parameters = $6, request_even_paused = $7, request_after_instance = $8",
                values);
}

Status write_answer(const PgTables& tables, const std::string& job, const std::string& request,
                    const std::string& text) {
  return update(tables, "answer_id = $2, answer_text = $3", PgParameters::of(job, request, stored(tables, text)));
}

Status write_offer(const PgTables& tables, const std::string& job, const std::optional<Offer>& offer) {
  PgParameters values = PgParameters::of(job);
  if (offer) {
    values.add(offer->to).add(offer->by).add(timestamp_text(offer->at));
  } else {
    values.add_null().add_null().add_null();
  }
  return update(tables, "offered_to = $2, offered_by = $3, offered_at = $4::timestamptz", values);
}

Status write_due(const PgTables& tables, const std::string& job, WallTime due) {
  return update(tables, "last_due = $2::timestamptz, phase = coalesce(phase, $2::timestamptz)",
                PgParameters::of(job, timestamp_text(due)));
}

Status notify_repository_change(const PgTables& tables) {
  BATON_TRY(const PgResult told,
            tables.connection.query("SELECT " + notify_call(tables.names.schema(), PgChange::repository)));
  return {};
}

}  // namespace baton
