// A limited number of sessions with one database, used again and again.
#pragma once

#include "postgres/session.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

class PgPooled;

// Thread-safe. It outlives what was taken from it.
class PgPool {
 public:
  // At most `limit` sessions are out at a time. One that nobody wanted for `idle` is closed, at the next call. `tables`
  // as in PgSession.
  PgPool(PgSettings settings, std::string tables, int limit, Duration idle = Duration(300'000));
  PgPool(const PgPool&) = delete;
  PgPool& operator=(const PgPool&) = delete;
  ~PgPool() = default;

  // A session as it is after its connection was opened, whatever was done on it before; a new one connects at its first
  // use. First come, first served. `retry` where none comes free within `timeout`, naming the limit and the key that
  // raises it, or `stop` was requested.
  Result<PgPooled> take(Duration timeout, std::stop_token stop = {});

  int out() const;      // now
  int idle() const;     // connected, and waiting to be taken
  int waiting() const;  // who want one

 private:
  friend class PgPooled;
  using Time = std::chrono::steady_clock::time_point;
  struct Idle {
    std::unique_ptr<PgSession> session;
    Time since;
  };

  void give_back(std::unique_ptr<PgSession> session);
  std::unique_ptr<PgSession> idle_session();
  std::vector<Idle> take_stale();

  const PgSettings settings_;
  const std::string tables_;
  const int limit_;
  const Duration longest_idle_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::uint64_t> queue_;  // who waits, in order
  std::uint64_t last_ticket_ = 0;
  int out_ = 0;
  std::deque<Idle> idle_sessions_;  // the longest first
};

// A session that was taken; given back at the end.
class PgPooled {
 public:
  PgPooled(PgPooled&& other) noexcept = default;
  PgPooled(const PgPooled&) = delete;
  PgPooled& operator=(const PgPooled&) = delete;
  PgPooled& operator=(PgPooled&&) = delete;
  ~PgPooled();

  PgSession& operator*() const { return *session_; }
  PgSession* operator->() const { return session_.get(); }

 private:
  friend class PgPool;
  PgPooled(PgPool& pool, std::unique_ptr<PgSession> session) : pool_(&pool), session_(std::move(session)) {}

  PgPool* pool_;
  std::unique_ptr<PgSession> session_;  // null where it was moved from
};

}  // namespace baton
