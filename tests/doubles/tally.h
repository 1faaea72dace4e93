// Counts what happens on other threads, for a test that waits for it.
#pragma once

#include <gtest/gtest.h>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace baton {

// Thread-safe.
class Tally {
 public:
  void add() {
    const std::scoped_lock lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  int count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
  }
  // Until it happened `count` times in all; a minute without that fails the test.
  void await(int count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(1), [&] { return count_ >= count; }))
        << "it happened " << count_ << " times, not " << count;
  }
  void await_more(int count) { await(this->count() + count); }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

}  // namespace baton
