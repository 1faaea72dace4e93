// What the one who watches a run, and the run, tell each other while it lasts: that it makes progress, and why it is
// cut short.
#pragma once

#include "base/clock.h"

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace baton {

// Why a run is cancelled that has failed then.
struct CutShort {
  enum class Cause { timeout, stall };
  Cause cause = Cause::timeout;
  Duration limit{0};

  // "timed out: it ran for longer than 30s", "stalled: no progress for 5s".
  std::string text() const;
};

// Thread-safe.
class RunSignals {
 public:
  // An execution was launched; it has ended.
  void begin(Instant now) {
    progressed(now);
    began_.store(now.time_since_epoch().count());
  }
  void ended() { began_.store(never); }

  // Rows were read or written, a statement or a child process has ended, a step began.
  void progressed(Instant now) { last_.store(now.time_since_epoch().count()); }

  // Empty where no execution is under way.
  std::optional<Instant> began() const { return instant(began_); }
  std::optional<Instant> last_progress() const { return instant(last_); }

  // The run will be asked to stop because of this.
  void cut(const CutShort& why) {
    cause_.store(static_cast<int>(why.cause));
    limit_ms_.store(why.limit.count());
    is_cut_.store(true);
  }
  std::optional<CutShort> why_cut() const {
    if (!is_cut_.load()) return std::nullopt;
    return CutShort{static_cast<CutShort::Cause>(cause_.load()), Duration(limit_ms_.load())};
  }

 private:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

  static std::optional<Instant> instant(const std::atomic<std::int64_t>& time) {
    const std::int64_t known = time.load();
    if (known == never) return std::nullopt;
    return Instant(Instant::duration(known));
  }

  std::atomic<std::int64_t> began_{never};
  std::atomic<std::int64_t> last_{never};
  std::atomic<bool> is_cut_{false};
  std::atomic<int> cause_{0};
  std::atomic<std::int64_t> limit_ms_{0};
};

}  // namespace baton
