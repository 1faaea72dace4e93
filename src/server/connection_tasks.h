// The threads that answer, and how many connections may wait for one.
#pragma once

#include <httplib.h>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace baton {

class ConnectionTasks final : public httplib::TaskQueue {
 public:
  ConnectionTasks(std::size_t threads, std::size_t most_waiting);
  ConnectionTasks(const ConnectionTasks&) = delete;
  ConnectionTasks& operator=(const ConnectionTasks&) = delete;
  ~ConnectionTasks() override { shutdown(); }

  // Where too many wait, it is done at once on the caller's thread, with refusing() true there.
  void enqueue(std::function<void()> task) override;
  void shutdown() override;

  static bool refusing();

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
