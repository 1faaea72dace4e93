#include "runtime/ping_backlog.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

bool is_start(const Ping& ping) { return ping.kind == PingKind::start; }

}  // namespace

// A start replaces a start, but no end: that may be a failure. An end replaces everything but the start of its own run,
// and that too once it could not be sent.
void PingBacklog::add(const Ping& ping) {
  std::deque<Ping>& waiting = subjects_[ping.subject].waiting;
  if (waiting.empty()) order_.push_back(ping.subject);
  if (is_start(ping)) {
    std::erase_if(waiting, is_start);
    if (waiting.size() > 1) waiting.pop_front();
  } else {
    const bool started = !waiting.empty() && is_start(waiting.back()) && waiting.back().attempts == 0;
    waiting.erase(waiting.begin(), waiting.end() - (started ? 1 : 0));
  }
  waiting.push_back(ping);
}

std::vector<Ping> PingBacklog::take_where(const std::function<bool(const Subject&)>& ready) {
  std::vector<Ping> taken;
  std::deque<std::string> rest, served;
  for (std::string& name : order_) {
    Subject& subject = subjects_[name];
    if (taken.size() == limits_.at_once || !ready(subject)) {
      rest.push_back(std::move(name));
      continue;
    }
    taken.push_back(std::move(subject.waiting.front()));
    subject.waiting.pop_front();
    if (!subject.waiting.empty()) served.push_back(std::move(name));
  }
  order_ = std::move(rest);
  order_.insert(order_.end(), served.begin(), served.end());
  return taken;
}

std::vector<Ping> PingBacklog::take(Instant now) {
  return take_where([now](const Subject& subject) { return subject.not_before <= now; });
}

std::vector<Ping> PingBacklog::take_untried() {
  return take_where([](const Subject& subject) { return subject.waiting.front().attempts == 0; });
}

void PingBacklog::put_off(Ping ping, Subject& subject, Instant now) {
  subject.pause =
      subject.pause == Duration(0) ? limits_.first_pause : std::min(subject.pause * 2, limits_.longest_pause);
  subject.not_before = now + subject.pause;
  std::deque<Ping>& waiting = subject.waiting;
  const bool newer = !waiting.empty() && (is_start(ping) || !is_start(waiting.back()));
  if (newer || ++ping.attempts == limits_.attempts) return;
  if (waiting.empty()) order_.push_back(ping.subject);
  waiting.push_front(std::move(ping));
}

std::vector<std::string> PingBacklog::judge(const Ping& ping, const Status& done, Instant now) {
  Subject& subject = subjects_[ping.subject];
  if (!done && done.error().kind != ErrorKind::invalid) {
    put_off(ping, subject, now);
    if (!failing_.insert(ping.subject).second || failing_.size() > 1) return {};
    return {fmt::format("{}: {}; trying again", ping.subject, done.error().message)};
  }
  subject.pause = Duration(0);
  subject.not_before = Instant::min();
  std::vector<std::string> told;
  if (failing_.erase(ping.subject) > 0 && failing_.empty()) told.emplace_back("pings arrive again");
  if (!std::exchange(subject.refused, !done) && !done) {
    told.push_back(fmt::format("{}: {}", ping.subject, done.error().message));
  }
  return told;
}

Instant PingBacklog::next_time() const {
  Instant next = Instant::max();
  for (const std::string& name : order_) next = std::min(next, subjects_.at(name).not_before);
  return next;
}

}  // namespace baton
