// Threads for work that may last: one for each piece of work under way, at most so many; an idle one is used again.
#pragma once

#include "baton/result.h"

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
  using ThreadMaker = std::function<std::jthread(std::function<void(std::stop_token)>)>;

  // `make_thread` throws std::system_error where the system has no more.
  explicit Workers(
      std::size_t most, ThreadMaker make_thread = [](auto work) { return std::jthread(std::move(work)); })
      : most_(most), make_thread_(std::move(make_thread)) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  // Ends what is under way, and drops what waits for a thread.
  ~Workers();

  // Where no further thread can be had, the work waits for one of those that there are; `retry` if there is none: it
  // is not done then.
  Status give(std::function<void()> work);

 private:
  void serve(const std::stop_token& stop);

  const std::size_t most_;
  const ThreadMaker make_thread_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  std::list<std::jthread> threads_;
};

}  // namespace baton
