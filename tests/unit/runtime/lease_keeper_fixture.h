// A keeper on a clock that the test moves, and a store that it can break.
#pragma once

#include "runtime/lease_keeper.h"
#include "tests/doubles/breakable_lease_store.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

namespace baton {

using Taken = Result<std::shared_ptr<LeaseHold>>;

inline constexpr Duration some_time{1'000};

class LeaseKeeperFixture : public testing::Test {
 protected:
  LeaseKeeperFixture() { keeper_ = make_keeper("me"); }

  std::unique_ptr<LeaseKeeper> make_keeper(const std::string& owner) {
    return std::make_unique<LeaseKeeper>(store_, clock_, random_, timings_, owner, [this](std::string line) {
      const std::scoped_lock lock(log_mutex_);
      log_ += line + "\n";
    });
  }

  std::shared_ptr<LeaseHold> take(const std::string& key) {
    Taken taken = keeper_->take(key, Duration(0), {});
    EXPECT_TRUE(taken) << taken.error().message;
    return taken.value_or(nullptr);
  }
  void put(const LeaseRecord& record) { ASSERT_TRUE(memory_.take(record, stored(record.key), some_time)); }
  std::optional<LeaseRecord> stored(const std::string& key) { return memory_.read(key, some_time).value(); }
  LeaseRecord others(const std::string& key) const { return {key, "other", timings_.lease, "v-other", false, {}}; }

  // Runs `call` on a thread of its own, and moves the clock from one awaited moment to the next until it has
  // returned. `waiting` is how many other threads wait meanwhile: one for each keeper.
  template <class Call>
  void drive(Call call, std::size_t waiting = 1) {
    std::atomic<bool> done = false;
    std::jthread thread([&](std::stop_token stop) {
      call();
      done = true;
      clock_.wait_until(Instant::max(), stop);
    });
    for (Instant next = clock_.await_waiters(waiting + 1); !done; next = clock_.await_waiters(waiting + 1)) {
      ASSERT_LT(next, Instant::max()) << "all wait for ever";
      clock_.advance_to(next);
    }
  }

  // Moves the clock and waits until the keeper has done what is due.
  void advance(Duration by) {
    clock_.await_waiters(1);
    clock_.advance(by);
    clock_.await_waiters(1);
  }

  std::string log() {
    const std::scoped_lock lock(log_mutex_);
    return log_;
  }
  Duration since(Instant then) const { return std::chrono::duration_cast<Duration>(clock_.now() - then); }

  ManualClock clock_;
  SeededRandom random_{7};
  LeaseTimings timings_{Duration(20'000), Duration(5'000), Duration(1'000)};
  MemoryLeaseStore memory_{random_};
  BreakableLeaseStore store_{memory_};
  std::mutex log_mutex_;
  std::string log_;
  std::unique_ptr<LeaseKeeper> keeper_;
};

}  // namespace baton
