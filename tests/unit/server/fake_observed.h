// What a test wants to be shown.
#pragma once

#include "server/observed.h"

#include <functional>

namespace baton {

class FakeObserved final : public Observed {
 public:
  FakeObserved() {
    shown.version = "1.2.3";
    shown.replica = "host-1";
    well.live = well.ready = true;
    well.parts = {{"repository", true}, {"leaseStore", true}};
  }

  MetricsSnapshot metrics() const override {
    if (on_metrics) on_metrics();
    return shown;
  }
  ServerHealth health() const override { return well; }

  MetricsSnapshot shown;
  ServerHealth well;
  std::function<void()> on_metrics;
};

inline JobMetrics job_metrics(const std::string& name) {
  JobMetrics job;
  job.job = name;
  return job;
}

}  // namespace baton
