// What the one who watches a run, and the run, tell each other while it lasts: that it makes progress, and why it is
// cut short.
#pragma once

#include "base/clock.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace baton {

// Thread-safe.
class RunSignals {
 public:
  // Rows were read or written, a statement or a child process has ended, a step began. The first call is the beginning
  // of the execution.
  void progressed(Instant now) {
    const std::int64_t at = now.time_since_epoch().count();
    std::int64_t none = never;
    began_.compare_exchange_strong(none, at);
    last_.store(at);
  }

  // Empty before the first progress.
  std::optional<Instant> began() const { return at(began_); }
  std::optional<Instant> last_progress() const { return at(last_); }

  // The run will be asked to stop, and has failed then: with this message.
  void fail_with(std::string message) {
    const std::scoped_lock lock(mutex_);
    failure_ = std::move(message);
  }
  std::optional<std::string> failure() const {
    const std::scoped_lock lock(mutex_);
    return failure_;
  }

 private:
  static constexpr std::int64_t never = INT64_MIN;

  static std::optional<Instant> at(const std::atomic<std::int64_t>& time) {
    const std::int64_t known = time.load();
    return known == never ? std::nullopt : std::optional(Instant(Instant::duration(known)));
  }

  std::atomic<std::int64_t> began_{never};
  std::atomic<std::int64_t> last_{never};
  mutable std::mutex mutex_;
  std::optional<std::string> failure_;
};

}  // namespace baton
