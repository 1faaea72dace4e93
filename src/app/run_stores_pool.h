// The stores of all jobs of a process, within the `pool` of each database: used again, and never more sessions than
// that.
#pragma once

#include "app/stores.h"
#include "config/session_needs.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace baton {

class PooledStores;

// How long somebody waits for sessions.
struct PoolWait {
  std::optional<Duration> longest;  // absent: until `stop`
  std::stop_token stop = {};
  std::function<void(const std::string&)> began;  // told once why, where it has to wait at all
};

// Each run takes all of its sessions at once, so that no two wait for each other. Of those that want sessions with the
// same database the one that asked first gets them first. Stores that wait for their next use are closed where their
// sessions are wanted otherwise. Thread-safe; it outlives what was taken from it.
class RunStoresPool {
 public:
  RunStoresPool(const Config& config, const Stores& stores);

  // The stores of the job's connections. `retry`, naming the key that allows more, where the time is over; or what
  // opening them said.
  Result<PooledStores> take(const JobConfig& job, const PoolWait& wait);

 private:
  friend class PooledStores;
  struct Idle {
    std::string connections;
    SessionCounts sessions;
    std::unique_ptr<RunStores> stores;
  };
  struct Waiter {
    std::uint64_t ticket = 0;
    const SessionCounts* wanted = nullptr;
  };
  using Lock = std::unique_lock<std::mutex>;

  std::optional<std::string> short_of(std::uint64_t ticket, const SessionCounts& wanted) const;
  std::string all_in_use(const std::string& connection) const;
  Status wait_for(const SessionCounts& wanted, const PoolWait& wait);
  std::list<Idle> make_room(const Idle& wanted, std::unique_ptr<RunStores>& found);
  void let_go(const SessionCounts& sessions);
  void give_back(Idle used, bool usable);

  const Config& config_;
  const Stores& stores_;
  const SessionCounts allowed_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Waiter> waiting_;
  std::uint64_t last_ticket_ = 0;
  SessionCounts taken_;   // by runs, or about to be closed
  std::list<Idle> idle_;  // the longest first
};

// Stores that were taken; at the end they are closed, or kept for the next use where they are known to be usable.
class PooledStores {
 public:
  PooledStores(PooledStores&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), taken_(std::move(other.taken_)), usable_(other.usable_) {}
  PooledStores(const PooledStores&) = delete;
  PooledStores& operator=(const PooledStores&) = delete;
  PooledStores& operator=(PooledStores&&) = delete;
  ~PooledStores();

  RunStores& operator*() const { return *taken_.stores; }
  RunStores* operator->() const { return taken_.stores.get(); }
  void usable_again() { usable_ = true; }

 private:
  friend class RunStoresPool;
  PooledStores(RunStoresPool& pool, RunStoresPool::Idle taken) : pool_(&pool), taken_(std::move(taken)) {}

  RunStoresPool* pool_;  // null where it was moved from
  RunStoresPool::Idle taken_;
  bool usable_ = false;
};

}  // namespace baton
