// Threads for work that may last: one for each piece of work under way, at most so many; an idle one is used again.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace baton {

// Thread-safe.
class Workers {
 public:
  explicit Workers(std::size_t most) : most_(most) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  // Ends what is under way, and drops what waits for a thread.
  ~Workers();

  void give(std::function<void()> work);

 private:
  void serve(const std::stop_token& stop);

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  std::list<std::jthread> threads_;
};

}  // namespace baton
