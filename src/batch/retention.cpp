#include "batch/retention.h"

#include <algorithm>

namespace baton {
namespace {

constexpr std::size_t instances_at_once = 250;
constexpr std::int64_t rows_at_once = 500;
constexpr Duration shortest_pause(20), longest_pause(5'000);

class Pruning {
 public:
  Pruning(const PruneRequest& request, PruneCounts& counts) : request_(request), counts_(counts) {}

  Status everything() {
    const RetentionAges& ages = request_.ages;
    if (ages.executions) {
      BATON_CHECK(each_prunable(*ages.executions, [this](const auto& instances) { return runs(instances); }));
      const WallTime before = request_.now - *ages.executions;
      BATON_CHECK(repeat(counts_.alerts, [&] { return request_.retention->prune_alerts(before, rows_at_once); }));
    }
    if (!ages.rejects || (ages.executions && *ages.rejects >= *ages.executions)) return {};
    return each_prunable(*ages.rejects, [this](const auto& instances) {
      return each_traces([&](RunTraces& traces) { return rejects(traces, instances); });
    });
  }

 private:
  using Ids = std::vector<std::int64_t>;

  bool stopped() const { return request_.stop.stop_requested(); }

  // Batches until one was not full, with a pause after each that was of some length.
  template <class Batch>
  Status repeat(std::int64_t& counted, Batch batch) {
    for (bool full = true; full && !stopped();) {
      const Instant began = request_.clock->now();
      BATON_TRY(const std::int64_t done, batch());
      counted += done;
      full = done >= rows_at_once;
      const auto took = std::chrono::ceil<Duration>(request_.clock->now() - began);
      if (done == 0) continue;
      request_.clock->wait_until(request_.clock->now() + std::clamp(4 * took, shortest_pause, longest_pause),
                                 request_.stop);
    }
    return {};
  }

  template <class Prune>
  Status each_traces(Prune prune) {
    if (traces_.empty()) {
      BATON_TRY(traces_, request_.open_traces());
    }
    for (RunTraces* traces : traces_) BATON_CHECK(prune(*traces));
    return {};
  }

  Status rejects(RunTraces& traces, const Ids& instances) {
    return repeat(counts_.rejects,
                  [&] { return traces.prune_rejects(request_.repository_id, instances, rows_at_once); });
  }

  Status all_of(RunTraces& traces, const Ids& instances) {
    BATON_CHECK(rejects(traces, instances));
    if (stopped()) return {};
    BATON_TRY([[maybe_unused]] const std::int64_t rows, traces.prune_progress(request_.repository_id, instances));
    return {};
  }

  Status runs(const Ids& instances) {
    BATON_CHECK(each_traces([&](RunTraces& traces) { return all_of(traces, instances); }));
    return repeat(counts_.executions, [&] { return request_.retention->prune_executions(instances, rows_at_once); });
  }

  template <class Prune>
  Status each_prunable(Duration age, Prune prune) {
    PrunableFilter filter{request_.jobs, request_.now - age};
    for (Ids found; !stopped();) {
      BATON_TRY(found, request_.retention->prunable(filter));
      for (auto from = found.begin(); from != found.end() && !stopped();) {
        const auto to = from + std::min<std::ptrdiff_t>(instances_at_once, found.end() - from);
        BATON_CHECK(prune(Ids(from, to)));
        from = to;
      }
      if (found.size() < static_cast<std::size_t>(filter.limit)) return {};
      filter.after = found.back();
    }
    return {};
  }

  const PruneRequest& request_;
  PruneCounts& counts_;
  std::vector<RunTraces*> traces_;
};

}  // namespace

Status prune(const PruneRequest& request, PruneCounts& counts) {
  if (request.jobs.empty() && !request.ages.executions) return {};
  return Pruning(request, counts).everything();
}

}  // namespace baton
