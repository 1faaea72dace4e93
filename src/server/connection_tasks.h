// The threads that answer, and how many connections may wait for one.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace baton {

// Thread-safe.
class ConnectionTasks {
 public:
  ConnectionTasks(std::size_t threads, std::size_t most_waiting);
  ConnectionTasks(const ConnectionTasks&) = delete;
  ConnectionTasks& operator=(const ConnectionTasks&) = delete;
  // What waits is done.
  ~ConnectionTasks();

  // False where too many wait.
  bool offer(std::function<void()> task);

 private:
  void work();

  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace baton
