#include "runtime/notice_queue.h"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>

namespace baton {

// A notice on its way to all sinks.
struct NoticeQueue::Sent {
  const Notice notice;
  std::atomic<std::size_t> left;  // sinks
  const std::function<void(const Notice&)>& finished;
  const std::function<void(const Notice&)>& dropped;
  std::atomic<bool> lacking = false;  // a sink that may be well has not got it

  void finish_one() {
    if (--left == 0) (lacking ? dropped : finished)(notice);
  }
  void drop_one(bool tell_again) {
    if (tell_again) lacking = true;
    finish_one();
  }
};

class NoticeQueue::Line {
 public:
  Line(NoticeSink sink, Clock& clock, const std::function<void(const std::string&)>& warn, const NoticeLimits& limits,
       WorkLeft& left)
      : sink_(std::move(sink)), clock_(clock), warn_(warn), limits_(limits), left_(left) {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }

  void add(const std::vector<std::shared_ptr<Sent>>& notices) {
    std::vector<std::shared_ptr<Sent>> dropped;
    bool away = false;
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& notice : notices) waiting_.push_back(notice);
      away = failing_;
      while (waiting_.size() > limits_.waiting) dropped.push_back(drop());
      changed_.notify_all();
    }
    if (dropped.empty()) return;
    warn_(fmt::format("alerts: {} notices for {} are dropped: too many wait", dropped.size(), sink_.shown));
    for (const auto& notice : dropped) {
      notice->drop_one(!away);
      left_.end();
    }
  }

  std::size_t room() {
    const std::scoped_lock lock(mutex_);
    if (failing_) return std::numeric_limits<std::size_t>::max();
    return limits_.waiting - std::min(limits_.waiting, waiting_.size());
  }

 private:
  // The oldest, of which a sink that is away hears no more; the newest where it is told again.
  std::shared_ptr<Sent> drop() {
    std::shared_ptr<Sent> sent = failing_ ? waiting_.front() : waiting_.back();
    failing_ ? waiting_.pop_front() : waiting_.pop_back();
    return sent;
  }

  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
      const std::shared_ptr<Sent> sent = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      if (deliver(sent->notice, stop)) sent->finish_one();
      left_.end();
      lock.lock();
    }
  }

  // False: it was told to end before.
  bool deliver(const Notice& notice, const std::stop_token& stop) {
    Duration pause = limits_.first_pause;
    for (int attempt = 1; !stop.stop_requested(); ++attempt) {
      const Status done = attempt_once(notice, stop);
      if (done) {
        if (set_failing(false)) warn_(fmt::format("alerts: {} takes notices again", sink_.shown));
        return true;
      }
      if (stop.stop_requested()) return false;
      if (!set_failing(true)) warn_(fmt::format("alerts: {}: {}", sink_.shown, done.error().message));
      if (done.error().kind == ErrorKind::invalid || attempt >= limits_.attempts) {
        warn_(fmt::format("alerts: the notice \"{} {}\" is not delivered to {}: {}", notice.alert.kind,
                          notice.alert.subject, sink_.shown, done.error().message));
        return true;
      }
      clock_.wait_until(clock_.now() + pause, stop);
      pause = std::min(pause * 2, limits_.longest_pause);
    }
    return false;
  }

  // What it was before.
  bool set_failing(bool failing) {
    const std::scoped_lock lock(mutex_);
    return std::exchange(failing_, failing);
  }

  Status attempt_once(const Notice& notice, const std::stop_token& stop) {
    try {
      return sink_.deliver(notice, stop);
    } catch (const std::exception& error) {
      return fail(ErrorKind::internal, error.what());
    }
  }

  NoticeSink sink_;
  Clock& clock_;
  const std::function<void(const std::string&)>& warn_;
  const NoticeLimits& limits_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<Sent>> waiting_;
  WorkLeft& left_;
  bool failing_ = false;
  std::jthread thread_;
};

NoticeQueue::NoticeQueue(std::vector<NoticeSink> sinks, Clock& clock, std::function<void(const std::string&)> warn,
                         NoticeLimits limits, std::function<void(const Notice&)> finished,
                         std::function<void(const Notice&)> dropped)
    : clock_(clock),
      warn_(std::move(warn)),
      finished_(std::move(finished)),
      dropped_(std::move(dropped)),
      limits_(limits) {
  for (NoticeSink& sink : sinks) {
    lines_.push_back(std::make_unique<Line>(std::move(sink), clock_, warn_, limits_, left_));
  }
}

NoticeQueue::~NoticeQueue() = default;

void NoticeQueue::tell(const std::vector<Notice>& notices) {
  if (notices.empty()) return;
  std::vector<std::shared_ptr<Sent>> all;
  for (const Notice& notice : notices) {
    if (lines_.empty()) finished_(notice);
    all.push_back(std::shared_ptr<Sent>(new Sent{notice, {lines_.size()}, finished_, dropped_}));
  }
  left_.begin(lines_.size() * all.size());
  for (const auto& line : lines_) line->add(all);
}

std::size_t NoticeQueue::room() {
  std::size_t room = std::numeric_limits<std::size_t>::max();
  for (const auto& line : lines_) room = std::min(room, line->room());
  return room;
}

bool NoticeQueue::wait_until_told(Instant until) { return left_.wait_until_none(clock_, until); }

}  // namespace baton
