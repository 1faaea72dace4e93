// LISTEN: a release, an offer or a request is noticed at once, not at the next refresh (P6).
#pragma once

#include "base/clock.h"
#include "baton/result.h"
#include "postgres/settings.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace baton {

class PgConnection;

// What changed.
enum class PgChange { leases, repository };

// The channel of a schema's changes; its payload is "leases" or "repository".
std::string change_channel(const std::string& schema);

// "pg_notify('channel', 'leases')": to be selected in the statement or transaction that makes the change.
std::string notify_call(const std::string& schema, PgChange change);

// Listens on a thread and a connection of its own, until it is destroyed; connects again after a loss, with pauses of 1
// s doubling to 30 s, and then calls once for each kind of change, since something may have been missed. Notifications
// are a help only: nothing depends on them. Both functions are called on that thread and must not wait for its end.
class PgChangeListener {
 public:
  struct Listening {
    PgSettings settings;  // with the schema whose changes are meant; else the first of the session's search_path
    std::function<void(PgChange)> changed;
    std::function<void(const std::string&)> cannot = {};  // why not, once for all attempts up to one that succeeds
  };

  explicit PgChangeListener(Listening listening);
  PgChangeListener(const PgChangeListener&) = delete;
  PgChangeListener& operator=(const PgChangeListener&) = delete;
  ~PgChangeListener();

 private:
  void listen(const std::stop_token& stop);
  Result<std::unique_ptr<PgConnection>> connect() const;
  void follow(PgConnection& connection, const std::stop_token& stop) const;
  void tell(bool leases, bool repository) const;

  const Listening listening_;
  int wake_fd_ = -1;
  std::jthread thread_;
};

}  // namespace baton
