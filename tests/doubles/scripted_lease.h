// A lease that a test renews, loses or lets run out.
#pragma once

#include "lease/lease_hold.h"

#include <deque>
#include <functional>
#include <mutex>

namespace baton {

// Thread-safe.
class ScriptedLease final : public LeaseHold {
 public:
  explicit ScriptedLease(Instant trusted_until) : trusted_until_(trusted_until) {}

  Instant trusted_until() const override {
    const std::scoped_lock lock(mutex_);
    return trusted_until_;
  }

  Status renew_now() override {
    std::unique_lock lock(mutex_);
    ++renewals_;
    Status answer;
    if (!answers_.empty()) {
      answer = answers_.front();
      answers_.pop_front();
    }
    const auto action = on_renewal_;
    lock.unlock();
    if (action) action();
    return answer;
  }

  void trust_until(Instant until) {
    const std::scoped_lock lock(mutex_);
    trusted_until_ = until;
  }
  // Of the next renewals; later ones succeed.
  void answer(std::deque<Status> answers) {
    const std::scoped_lock lock(mutex_);
    answers_ = std::move(answers);
  }
  void on_renewal(std::function<void()> action) {
    const std::scoped_lock lock(mutex_);
    on_renewal_ = std::move(action);
  }
  int renewals() const {
    const std::scoped_lock lock(mutex_);
    return renewals_;
  }

 private:
  mutable std::mutex mutex_;
  Instant trusted_until_;
  std::deque<Status> answers_;
  std::function<void()> on_renewal_;
  int renewals_ = 0;
};

}  // namespace baton
