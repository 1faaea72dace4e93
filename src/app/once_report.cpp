#include "app/once_report.h"

#include "app/listing.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

double seconds_of(const OnceReport& report) {
  return std::max(0.001, static_cast<double>(report.elapsed.count()) / 1'000.0);
}

Listing listing_of(const std::vector<OnceReport>& reports) {
  Listing listing{{"job", "status", "execution_id", "instance_id", "read", "written", "filtered", "rejected",
                   "duration_ms", "rows_per_second", "exit_code", "message"},
                  {}};
  for (const OnceReport& report : reports) {
    std::vector<Value> row{report.job};
    if (report.execution) {
      const StepCounts counts = report.execution->counts();
      row.insert(row.end(),
                 {std::string(name(report.execution->status)), report.execution->id, report.execution->instance_id,
                  counts.records(), counts.write, counts.filter, counts.rejected(),
                  std::int64_t{report.elapsed.count()}, static_cast<double>(counts.records()) / seconds_of(report)});
    } else {
      row.insert(row.end(), 9, Value());
    }
    row.emplace_back(static_cast<std::int64_t>(report.code));
    row.emplace_back(report.message.empty() ? Value() : Value(report.message));
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

}  // namespace

ExitCode exit_code(const JobExecution& execution) {
  switch (execution.status) {
    case BatchStatus::completed: return ExitCode::done;
    case BatchStatus::stopped:
      return execution.ended_by == EndedBy::shutdown ? ExitCode::for_now : ExitCode::job_failed;
    default: return ExitCode::job_failed;
  }
}

std::string summary_line(const OnceReport& report) {
  if (!report.execution) return fmt::format("{}: not run", report.job);
  const StepCounts counts = report.execution->counts();
  return fmt::format("{} {}: read {}, written {}, filtered {}, rejected {}, {:.2f} s, {:.0f} rows/s", report.job,
                     name(report.execution->status), counts.records(), counts.write, counts.filter, counts.rejected(),
                     seconds_of(report), static_cast<double>(counts.records()) / seconds_of(report));
}

ExitCode print_reports(const CommandContext& context, const std::vector<OnceReport>& reports) {
  ExitCode code = ExitCode::done;
  for (const OnceReport& one : reports) {
    code = worst(code, one.code);
    if (!one.message.empty()) context.log.error(fmt::format("{}: {}", one.job, one.message));
    if (!context.json) fmt::print("{}\n", summary_line(one));
  }
  if (context.json) fmt::print("{}", as_json(listing_of(reports)));
  return code;
}

}  // namespace baton
