// Calls dead man's switches from a thread of its own: one who is away holds nobody up.
#pragma once

#include "runtime/ping_backlog.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace baton {

// `send` gives an answer for each ping, within a bounded time, at once when `stop` is requested, and is called from one
// thread.
struct PingHost {
  std::string shown;  // for the log, without secrets
  std::function<std::vector<Status>(const std::vector<Ping>&, const std::stop_token& stop)> send;
};

// Thread-safe. `clock` and `warn`, which is called from the thread, outlive it.
class PingQueue {
 public:
  PingQueue(PingHost host, const Clock& clock, std::function<void(const std::string&)> warn, PingLimits limits);
  PingQueue(const PingQueue&) = delete;
  PingQueue& operator=(const PingQueue&) = delete;
  // Cuts off what is under way.
  ~PingQueue();

  // Both return at once.
  void add(const Ping& ping);
  // What was not tried yet is sent, once; a failure ends that. The rest is dropped.
  void close() { thread_.request_stop(); }
  // After close(): waits for what it sends, at most until then.
  void wait_until_closed(Instant until);

 private:
  using Lock = std::unique_lock<std::mutex>;

  void work(const std::stop_token& stop);
  void wait(Lock& lock, const std::stop_token& stop);
  std::vector<Status> attempt(const std::vector<Ping>& pings) const;
  // False where one of them failed.
  bool send(Lock& lock, const std::vector<Ping>& pings, const std::stop_token& stop);

  const PingHost host_;
  const Clock& clock_;
  const std::function<void(const std::string&)> warn_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  PingBacklog backlog_;
  bool added_ = false;  // since the thread looked
  bool ended_ = false;  // the thread
  std::stop_source cut_;
  std::jthread thread_;
};

}  // namespace baton
