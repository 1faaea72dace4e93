#include "runtime/errands.h"

namespace baton {

void Errands::give(std::function<void()> errand) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(errand));
  changed_.notify_all();
}

bool Errands::give_if_fewer_wait(std::size_t than, std::function<void()> errand) {
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() >= than) return false;
  waiting_.push_back(std::move(errand));
  changed_.notify_all();
  return true;
}

void Errands::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !busy_; });
}

void Errands::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Errands::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
    const std::function<void()> errand = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    errand();
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace baton
