// Forwards to another lease store, and breaks the calls that a test names.
#pragma once

#include "lease/lease_store.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

namespace baton {

enum class LeaseCall { identity, read, list, take, renew, release };

enum class Fault {
  none,
  refuse,        // not done: `retry`
  forbid,        // not done: `invalid`
  lose_request,  // not done, but nobody knows: `unknown_outcome` (a read: `retry`)
  lose_answer,   // done, but nobody knows: `unknown_outcome` (a read: `retry`)
};

// Thread-safe.
class BreakableLeaseStore final : public LeaseStore {
 public:
  explicit BreakableLeaseStore(LeaseStore& inner) : inner_(inner) {}

  // The next calls of that kind meet these faults, one each; then always_() rules.
  void next(LeaseCall call, std::deque<Fault> faults) {
    const std::scoped_lock lock(mutex_);
    faults_[call] = std::move(faults);
  }
  void always(LeaseCall call, Fault fault) {
    const std::scoped_lock lock(mutex_);
    always_[call] = fault;
  }
  // Runs before each call, without a lock: it may block, or change the store behind the caller's back.
  void before(LeaseCall call, std::function<void()> action) {
    const std::scoped_lock lock(mutex_);
    before_[call] = std::move(action);
  }

  int count(LeaseCall call) {
    const std::scoped_lock lock(mutex_);
    return counts_[call];
  }
  // Blocks until so many calls of that kind have been answered.
  void await(LeaseCall call, int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return counts_[call] >= count; });
  }
  // Of one take_all().
  std::size_t most_takes() {
    const std::scoped_lock lock(mutex_);
    return most_takes_;
  }
  // Of one release_all().
  std::size_t most_releases() {
    const std::scoped_lock lock(mutex_);
    return most_releases_;
  }
  // Of the last renew().
  std::size_t batch_size() {
    const std::scoped_lock lock(mutex_);
    return batch_size_;
  }
  Duration last_timeout(LeaseCall call) {
    const std::scoped_lock lock(mutex_);
    return timeouts_[call];
  }

  Result<std::string> identity(Duration timeout) override {
    return call<Result<std::string>>(LeaseCall::identity, timeout, [&] { return inner_.identity(timeout); });
  }
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) override {
    return call<Result<std::optional<LeaseRecord>>>(LeaseCall::read, timeout,
                                                    [&] { return inner_.read(key, timeout); });
  }
  Result<std::vector<LeaseRecord>> list(Duration timeout) override {
    return call<Result<std::vector<LeaseRecord>>>(LeaseCall::list, timeout, [&] { return inner_.list(timeout); });
  }
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) override {
    return call<Status>(LeaseCall::take, timeout, [&] { return inner_.take(mine, seen, timeout); });
  }
  void take_all(std::span<const LeaseTake> takes, Duration timeout,
                const std::function<void(std::size_t, const Status&)>& answered) override {
    {
      const std::scoped_lock lock(mutex_);
      most_takes_ = std::max(most_takes_, takes.size());
    }
    LeaseStore::take_all(takes, timeout, answered);
  }
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override {
    return call<Status>(LeaseCall::release, timeout, [&] { return inner_.release(key, owner_name, version, timeout); });
  }
  void release_all(std::span<const LeaseRelease> releases, Duration timeout,
                   const std::function<void(std::size_t, const Status&)>& answered) override {
    {
      const std::scoped_lock lock(mutex_);
      most_releases_ = std::max(most_releases_, releases.size());
    }
    LeaseStore::release_all(releases, timeout, answered);
  }
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override {
    const Fault fault = begin(LeaseCall::renew, timeout);
    std::vector<Status> answers;
    if (fault == Fault::none || fault == Fault::lose_answer) answers = inner_.renew(renewals, timeout);
    if (fault != Fault::none) answers.assign(renewals.size(), Status(broken(LeaseCall::renew, fault)));
    end(LeaseCall::renew, renewals.size());
    return answers;
  }

 private:
  template <class T, class Call>
  T call(LeaseCall kind, Duration timeout, Call inner) {
    const Fault fault = begin(kind, timeout);
    T answer = broken(kind, fault);
    if (fault == Fault::none) {
      answer = inner();
    } else if (fault == Fault::lose_answer) {
      static_cast<void>(inner());
    }
    end(kind, 0);
    return answer;
  }

  static tl::unexpected<Error> broken(LeaseCall kind, Fault fault) {
    const bool reads = kind == LeaseCall::read || kind == LeaseCall::list || kind == LeaseCall::identity;
    if (fault == Fault::forbid) return fail(ErrorKind::invalid, "no permission");
    if (fault == Fault::refuse || reads) return fail(ErrorKind::retry, "the store is away");
    return fail(ErrorKind::unknown_outcome, "the answer was lost");
  }

  Fault begin(LeaseCall kind, Duration timeout) {
    std::unique_lock lock(mutex_);
    timeouts_[kind] = timeout;
    Fault fault = always_[kind];
    if (std::deque<Fault>& queue = faults_[kind]; !queue.empty()) {
      fault = queue.front();
      queue.pop_front();
    }
    const auto action = before_[kind];
    lock.unlock();
    if (action) action();
    return fault;
  }

  void end(LeaseCall kind, std::size_t batch_size) {
    const std::scoped_lock lock(mutex_);
    ++counts_[kind];
    if (kind == LeaseCall::renew) batch_size_ = batch_size;
    changed_.notify_all();
  }

  LeaseStore& inner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<LeaseCall, std::deque<Fault>> faults_;
  std::map<LeaseCall, Fault> always_;
  std::map<LeaseCall, std::function<void()>> before_;
  std::map<LeaseCall, int> counts_;
  std::map<LeaseCall, Duration> timeouts_;
  std::size_t most_takes_ = 0;
  std::size_t most_releases_ = 0;
  std::size_t batch_size_ = 0;
};

}  // namespace baton
