#include "runtime/ping_queue.h"

#include <exception>
#include <utility>

namespace baton {

PingQueue::PingQueue(PingHost host, const Clock& clock, std::function<void(const std::string&)> warn, PingLimits limits)
    : host_(std::move(host)), clock_(clock), warn_(std::move(warn)), backlog_(limits) {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

PingQueue::~PingQueue() {
  thread_.request_stop();
  cut_.request_stop();
}

void PingQueue::wait_until_closed(Instant until) {
  Lock lock(mutex_);
  const Instant now = clock_.now();
  if (until > now) changed_.wait_for(lock, until - now, [this] { return ended_; });
}

void PingQueue::add(const Ping& ping) {
  const std::scoped_lock lock(mutex_);
  backlog_.add(ping);
  added_ = true;
  changed_.notify_all();
}

void PingQueue::wait(Lock& lock, const std::stop_token& stop) {
  const auto added = [this] { return std::exchange(added_, false); };
  const Instant next = backlog_.next_time();
  if (next == Instant::max()) {
    changed_.wait(lock, stop, added);
  } else if (next > clock_.now()) {
    changed_.wait_for(lock, stop, next - clock_.now(), added);
  }
}

std::vector<Status> PingQueue::attempt(const std::vector<Ping>& pings) const {
  try {
    return host_.send(pings, cut_.get_token());
  } catch (const std::exception& error) {
    return {pings.size(), fail(ErrorKind::internal, error.what())};
  }
}

bool PingQueue::send(Lock& lock, const std::vector<Ping>& pings, const std::stop_token& stop) {
  lock.unlock();
  const std::vector<Status> answers = attempt(pings);
  lock.lock();
  std::vector<std::string> told;
  bool all_done = true;
  for (std::size_t i = 0; i < pings.size(); ++i) {
    all_done = all_done && answers[i];
    std::vector<std::string> lines = backlog_.judge(pings[i], answers[i], clock_.now());
    if (stop.stop_requested() && !answers[i] && answers[i].error().kind != ErrorKind::invalid) {
      lines = {pings[i].subject + ": not called: the program ends"};  // nobody tries again
    }
    for (std::string& line : lines) told.push_back(std::move(line));
  }
  lock.unlock();
  for (const std::string& line : told) warn_(host_.shown + ": " + line);
  lock.lock();
  return all_done;
}

void PingQueue::work(const std::stop_token& stop) {
  Lock lock(mutex_);
  bool away = false;
  while (!stop.stop_requested()) {
    const std::vector<Ping> pings = backlog_.take(clock_.now());
    if (pings.empty()) {
      wait(lock, stop);
    } else {
      away = !send(lock, pings, stop) && stop.stop_requested();
    }
  }
  while (!away && !cut_.stop_requested()) {
    const std::vector<Ping> rest = backlog_.take_untried();
    away = rest.empty() || !send(lock, rest, stop);
  }
  ended_ = true;
  changed_.notify_all();
}

}  // namespace baton
