#include "tests/doubles/memory_replicas.h"

#include "batch/request_rules.h"

namespace baton {

Status MemoryReplicas::beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  const WallTime now = clock_.wall_now();
  auto& rows = write->draft.replicas;
  const auto known = rows.find(mine.id);
  ReplicaRow row = mine;
  row.started = known == rows.end() ? now : known->second.started;
  row.beat = now;
  rows[mine.id] = std::move(row);
  std::erase_if(rows, [&](const auto& one) { return one.second.beat < now - std::chrono::hours(1); });
  for (const std::string& job : jobs) note_memory_job(write->draft, job, now);
  return write->commit();
}

Result<RepositoryView> MemoryReplicas::look() {
  RepositoryView view;
  view.now = clock_.wall_now();
  store_.read([&](const MemoryState& state) {
    for (const auto& [id, row] : state.replicas) view.replicas.push_back(row);
    for (const auto& [name, job] : state.jobs) {
      view.jobs.push_back(job);
      const auto stop = state.stops.find(name);
      if (stop != state.stops.end()) view.jobs.back().stop_instance = stop->second.instance;
    }
    for (const JobExecution& execution : state.executions) {
      if (!is_open(execution)) continue;
      view.open.push_back({execution.job, execution.id, execution.instance_id, execution.status, execution.fence});
    }
  });
  return view;
}

Status MemoryReplicas::offer(const std::string& job, const Offer& offer, Duration valid) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  const WallTime now = clock_.wall_now();
  JobControl& control = note_memory_job(write->draft, job, now);
  BATON_TRY(control.offer, admit_offer(control, offer, valid, now));
  return write->commit();
}

Status MemoryReplicas::clear_offer(const std::string& job) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  const auto found = write->draft.jobs.find(job);
  if (found == write->draft.jobs.end() || !found->second.offer) return {};
  found->second.offer.reset();
  return write->commit();
}

Status MemoryReplicas::answer_request(const Authority& authority, const std::string& request_id,
                                      const std::string& text) {
  BATON_TRY(auto write, MemoryWrite::begin(store_, authority));
  const auto found = write->draft.jobs.find(authority.fence.job);
  if (found == write->draft.jobs.end()) return {};
  JobControl& control = found->second;
  if (!control.request || control.request->id != request_id) return {};
  control.request.reset();
  write->draft.answers[control.job] = {request_id, text};
  return write->commit();
}

Status MemoryReplicas::leave(const std::string& replica) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  if (write->draft.replicas.erase(replica) == 0) return {};
  return write->commit();
}

}  // namespace baton
