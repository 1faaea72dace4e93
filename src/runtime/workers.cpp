#include "runtime/workers.h"

#include <fmt/format.h>
#include <system_error>
#include <utility>

namespace baton {

Workers::~Workers() {
  std::list<std::jthread> threads;
  {
    const std::scoped_lock lock(mutex_);
    threads = std::move(threads_);
    for (std::jthread& thread : threads) thread.request_stop();
  }
  threads.clear();
}

Status Workers::give(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(work));
  if (idle_ >= waiting_.size() || threads_.size() >= most_) {
    changed_.notify_one();
    return {};
  }
  try {
    threads_.push_back(make_thread_([this](const std::stop_token& stop) { serve(stop); }));
  } catch (const std::system_error& error) {
    if (threads_.empty()) {
      waiting_.pop_back();
      return fail(ErrorKind::retry, fmt::format("no thread could be made: {}", error.what()));
    }
    changed_.notify_one();
  }
  return {};
}

void Workers::serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    const bool found = changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
    --idle_;
    if (!found || stop.stop_requested()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace baton
