#include "runtime/stop_watch.h"

namespace baton {

StopWatch::StopWatch(Control& control, Clock& clock, Duration refresh, const std::stop_source& stop)
    : thread_([this, &control, &clock, refresh, stop](std::stop_token ended) {
        while (clock.wait_until(clock.now() + refresh, ended)) {
          const std::int64_t execution = execution_;
          if (execution == 0) continue;
          const Result<bool> wanted = control.stop_requested(execution);
          if (wanted && *wanted) stop.request_stop();
        }
      }) {}

}  // namespace baton
