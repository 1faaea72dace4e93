// A connection of a lease store: one statement at a time, each within its time, made again when it was lost.
#pragma once

#include "postgres/connection.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace baton {

// Thread-safe: a call waits for those before it, and all of that counts towards its time.
class PgLeaseConnection {
 public:
  explicit PgLeaseConnection(PgSettings settings) : settings_(std::move(settings)) {}
  PgLeaseConnection(const PgLeaseConnection&) = delete;
  PgLeaseConnection& operator=(const PgLeaseConnection&) = delete;
  ~PgLeaseConnection() = default;

  // Connects where it is not connected, so that the next call need not.
  Status connect(Duration timeout);

  // One statement that commits by itself; the server ends it before the time is over. Errors as PgConnection::script;
  // sent again on a new connection only where it surely did nothing. `failure`, if given, is what the server said.
  Result<PgResult> run(const std::string& sql, PgEffect effect, Duration timeout, PgFailure* failure = nullptr);

 private:
  class Turn;
  using Time = std::chrono::steady_clock::time_point;

  tl::unexpected<Error> busy() const;
  Status ready(Time until);
  Result<PgResult> send(const std::string& sql, PgEffect effect, Time until);

  const PgSettings settings_;
  std::mutex mutex_;
  std::condition_variable turn_ended_;
  bool taken_ = false;
  std::unique_ptr<PgConnection> connection_;  // used by whoever has the turn
};

}  // namespace baton
