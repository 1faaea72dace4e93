#include "app/overview_listing.h"

#include "app/listing_values.h"

#include <algorithm>

namespace baton {
namespace {

// A row that is built together with its headings.
class Columns {
 public:
  void add(const char* heading, Value value) {
    headings.emplace_back(heading);
    row.push_back(std::move(value));
  }

  std::vector<std::string> headings;
  std::vector<Value> row;
};

Value word(std::string_view text) { return std::string(text); }

Value number(const std::optional<std::int64_t>& value) { return value ? Value(*value) : Value(); }

void add_newest(const JobOverview& job, WallTime now, Columns& columns) {
  const std::vector<Value> values = job.newest ? execution_values(*job.newest, now) : std::vector<Value>(8);
  std::size_t i = 0;
  for (const char* heading :
       {"last_status", "started_at", "ended_at", "duration_ms", "read", "written", "filtered", "rejected"}) {
    columns.add(heading, values[i++]);
  }
}

Value running_step(const JobOverview& job) {
  if (!job.newest) return {};
  const auto& steps = job.newest->steps;
  const auto step =
      std::find_if(steps.rbegin(), steps.rend(), [](const StepExecution& one) { return is_running(one.status); });
  return step == steps.rend() ? Value() : word(step->name);
}

void add_next(const JobOverview& job, Columns& columns) {
  const bool starts = job.next.at || job.after_this_run;
  columns.add("next_at", time_value(job.next.at));
  columns.add("next_reason", starts ? word(name(job.next.order.reason)) : Value());
  columns.add("missed", starts ? Value(job.next.order.missed) : Value());
}

void add_health(const JobOverview& job, Columns& columns) {
  const bool judged = job.configured;
  columns.add("health", judged ? word(name(job.health.state)) : Value());
  columns.add("health_reason", text_value(job.health.reason));
  columns.add("expected_at", time_value(job.health.expected));
  columns.add("lateness_ms", judged ? Value(std::int64_t{job.health.lateness.count()}) : Value());
  columns.add("overdue", judged ? Value(job.health.overdue) : Value());
  columns.add("failures", judged ? Value(std::int64_t{job.health.failures}) : Value());
}

void add_asked(const JobOverview& job, WallTime now, Columns& columns) {
  const JobControl* control = job.control ? &*job.control : nullptr;
  const JobRequest* request = control != nullptr && control->request ? &*control->request : nullptr;
  columns.add("request", request != nullptr ? word(name(request->kind)) : Value());
  columns.add("requested_by", request != nullptr ? text_value(request->by) : Value());
  columns.add("requested_at", request != nullptr ? time_value(request->at) : Value());
  const Pause* pause = control != nullptr && control->paused(now) ? &*control->pause : nullptr;
  columns.add("paused_by", pause != nullptr ? word(pause->by) : Value());
  columns.add("pause_reason", pause != nullptr ? text_value(pause->reason) : Value());
  columns.add("paused_since", pause != nullptr ? time_value(pause->since) : Value());
  columns.add("paused_until", pause != nullptr ? time_value(pause->until) : Value());
  const bool offered = control != nullptr && control->offer;
  columns.add("offered_to", offered ? word(control->offer->to) : Value());
}

Columns columns_of(const Overview& overview, const JobOverview& job) {
  Columns columns;
  columns.add("job", job.job);
  columns.add("schedule", job.configured ? Value(to_text(job.schedule)) : Value());
  columns.add("owner", text_value(job.owner()));
  add_newest(job, overview.now, columns);
  columns.add("owner_state", word(name(job.owner_state)));
  columns.add("state", word(name(job.state)));
  columns.add("reason", text_value(job.reason));
  columns.add("step", running_step(job));
  add_next(job, columns);
  add_asked(job, overview.now, columns);
  add_health(job, columns);
  return columns;
}

void add_lease(const JobOverview& job, Columns& columns) {
  columns.add("lease_owner", job.lease ? word(job.lease->owner_name) : Value());
  columns.add("lease_released", job.lease ? word(job.lease->released ? "yes" : "no") : Value());
  columns.add("lease_duration_ms", job.lease ? Value(std::int64_t{job.lease->lease_duration.count()}) : Value());
  columns.add("fence", number(job.fence));
}

void add_replica(const Overview& overview, const std::string& owner, Columns& columns) {
  const auto found = std::find_if(overview.replicas.begin(), overview.replicas.end(),
                                  [&](const ReplicaOverview& one) { return one.row.id == owner; });
  const ReplicaOverview* replica = found == overview.replicas.end() ? nullptr : &*found;
  columns.add("replica_pid", replica != nullptr ? Value(replica->row.pid) : Value());
  columns.add("replica_beat_at", replica != nullptr ? time_value(replica->row.beat) : Value());
  columns.add("replica_tokens", replica != nullptr ? Value(replica->row.tokens) : Value());
  columns.add("replica_owned", replica != nullptr ? Value(replica->owned) : Value());
}

void add_execution(const JobOverview& job, Columns& columns) {
  const JobExecution* run = job.newest ? &*job.newest : nullptr;
  const bool ended = run != nullptr && !is_running(run->status);
  columns.add("execution_id", run != nullptr ? Value(run->id) : Value());
  columns.add("instance_id", run != nullptr ? Value(run->instance_id) : Value());
  columns.add("execution_reason", run != nullptr && run->fence ? word(name(run->reason)) : Value());
  columns.add("execution_replica", run != nullptr ? text_value(run->replica) : Value());
  columns.add("ended_by", ended ? word(name(run->ended_by)) : Value());
  columns.add("message", run != nullptr ? text_value(run->exit.description) : Value());
}

}  // namespace

Listing overview_listing(const Overview& overview) {
  Listing listing;
  for (const JobOverview& job : overview.jobs) {
    Columns columns = columns_of(overview, job);
    listing.headings = std::move(columns.headings);
    listing.rows.push_back(std::move(columns.row));
  }
  return listing;
}

Listing explanation_listing(const Overview& overview, const JobOverview& job, const Explanation& explanation) {
  Columns columns = columns_of(overview, job);
  columns.add("explanation", explanation.sentence);
  add_lease(job, columns);
  add_replica(overview, job.holder(), columns);
  add_execution(job, columns);
  columns.add("first_seen", job.control ? time_value(job.control->first_seen) : Value());
  columns.add("last_due", job.control ? time_value(job.control->last_due) : Value());
  columns.add("next_due", time_value(job.next.order.due));
  columns.add("stop_instance", job.control ? number(job.control->stop_instance) : Value());
  columns.add("jobs", overview.configured_jobs);
  columns.add("live_replicas", overview.live_replicas);
  columns.add("live_tokens", overview.live_tokens);
  return {std::move(columns.headings), {std::move(columns.row)}};
}

}  // namespace baton
