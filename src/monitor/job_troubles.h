// What of one job a person should know, as far as the job repository says it: for the replica that owns the job and for
// the global monitors. Both judge by these rules alone, so that neither ends what the other one has found.
#pragma once

#include "batch/alerts.h"
#include "monitor/job_health.h"
#include "monitor/trouble.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

struct JobSeen {
  const ReplicaJob& job;
  const JobHealth& health;
  const JobControl* control = nullptr;  // null: no replica and no person has named the job yet
  const InstanceState* run = nullptr;   // its newest run; null: it never ran
  const Alert* stalled = nullptr;       // the open alert that says so
  bool overdue = false;                 // the open alerts say so
  std::string held_back = {};           // why a person should look at its run; empty: none need
  WallTime now{};                       // by the repository's clock
  Duration paused_long{86'400'000};
};

// overdue, failing, held_back, stalled while that is not over, paused_long; in that order. A job that is overdue stays
// so while a run lasts that began late too.
std::vector<FoundTrouble> job_troubles(const JobSeen& seen);

// Whether the subject of such an alert is a job.
bool is_about_a_job(Trouble trouble);

// That an alert of the job is over for every configuration that has the job: neither its schedule nor a limit decides
// it. While live replicas have different configurations, only such alerts are ended.
bool healed_for_all(Trouble trouble, const JobHealth& health, const JobControl* control, WallTime now);

}  // namespace baton
