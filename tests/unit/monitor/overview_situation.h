// What stores could say at one moment, put together piece by piece.
#pragma once

#include "monitor/overview.h"

#include <string>
#include <utility>

namespace baton {

class Situation {
 public:
  Situation() {
    facts.settings.config_hash = "h1";
    facts.settings.timings = {Duration(20'000), Duration(5'000), Duration(1'000)};
    facts.repository_there = true;
    facts.view.now = now;
  }

  Situation& job(const std::string& name, Schedule schedule = {}, int restarts = 0) {
    facts.settings.jobs.push_back({name, std::move(schedule), restarts, Duration(5'000)});
    return *this;
  }

  ReplicaRow& replica(const std::string& id, Duration beat_age = Duration(1'000), std::int64_t tokens = 2) {
    ReplicaRow row;
    row.id = id;
    row.pid = 4'711;
    row.tokens = tokens;
    row.config_hash = "h1";
    row.heartbeat = Duration(5'000);
    row.started = now - std::chrono::hours(1);
    row.beat = now - beat_age;
    facts.view.replicas.push_back(row);
    return facts.view.replicas.back();
  }

  LeaseRecord& lease(const std::string& job, const std::string& owner) {
    facts.leases.push_back({job, owner, Duration(20'000), "v1", false, std::nullopt});
    return facts.leases.back();
  }

  JobControl& control(const std::string& job) {
    JobControl control;
    control.job = job;
    control.first_seen = now - std::chrono::hours(2);
    facts.view.jobs.push_back(control);
    return facts.view.jobs.back();
  }

  // A job that is due every 10 s, has run when it was, 2 s ago, and took 340 ms.
  void ran(const std::string& job, const std::string& owner) {
    lease(job, owner);
    JobControl& due = control(job);
    due.phase = due.last_due = now - Duration(2'000);
    run(job, BatchStatus::completed, EndedBy::itself, Duration(1'660));
  }

  // One more execution of the job's newest run, newer than those before; it ended `age` ago, if it did.
  JobExecution& run(const std::string& job, BatchStatus status, EndedBy ended_by = EndedBy::itself,
                    Duration age = Duration(2'000)) {
    InstanceState& instance = facts.runs[job];
    instance.id = 3;
    JobExecution execution;
    execution.id = 10 + static_cast<std::int64_t>(instance.executions.size());
    execution.instance_id = 3;
    execution.job = job;
    execution.status = status;
    execution.ended_by = ended_by;
    execution.fence = 7;
    execution.reason = StartReason::schedule;
    execution.started = now - age - Duration(340);
    if (!is_running(status)) execution.ended = now - age;
    instance.executions.insert(instance.executions.begin(), execution);
    return instance.executions.front();
  }

  Overview overview() const { return make_overview(facts); }
  JobOverview look(const std::string& job) const { return *overview().job(job); }

  OverviewFacts facts;
  const WallTime now{std::chrono::sys_days{std::chrono::year(2026) / 11 / 22} + std::chrono::hours(12)};
};

inline Schedule fixed_delay(Duration delay) {
  Schedule schedule;
  schedule.when = FixedDelaySchedule{delay};
  return schedule;
}

inline Schedule fixed_rate(Duration rate) {
  Schedule schedule;
  schedule.when = FixedRateSchedule{rate};
  return schedule;
}

inline StepExecution running_step(const std::string& name, StepCounts counts) {
  StepExecution step;
  step.name = name;
  step.status = BatchStatus::started;
  step.counts = counts;
  return step;
}

}  // namespace baton
