// A thread that does what it is given, in order, for callers that must not wait.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace baton {

// Thread-safe.
class Errands {
 public:
  Errands() : thread_([this](std::stop_token stop) { work(std::move(stop)); }) {}
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;
  // Ends the one under way, and drops the rest.
  ~Errands() { stop(); }

  void give(std::function<void()> errand);
  // False, and nothing is done, where so many wait.
  bool give_if_fewer_wait(std::size_t than, std::function<void()> errand);
  // Waits until everything given so far is done.
  void finish();
  void stop();

 private:
  void work(std::stop_token stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> waiting_;
  bool busy_ = false;
  std::jthread thread_;
};

}  // namespace baton
