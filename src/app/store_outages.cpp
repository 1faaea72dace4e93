#include "app/store_outages.h"

#include "base/duration.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

constexpr std::size_t most_told = 100;

}  // namespace

void StoreOutages::look_at(Store& store, bool answers, Instant now, WallTime wall_now) const {
  if (answers) {
    store.away_since.reset();
    store.open.reset();
    store.straight = false;
    return;
  }
  if (!store.away_since) store.away_since = now;
  const Duration away = std::chrono::floor<Duration>(now - *store.away_since);
  if (away < rules_.patience) return;
  if (!store.open) {
    store.open.emplace();
    store.open->kind = name(Trouble::store_away);
    store.open->subject = store.subject;
    store.open->first_seen = wall_now - away;
    store.open->teller = rules_.replica;
  } else {
    ++store.open->count;
  }
  store.open->text = fmt::format(
      "{} does not answer replica {} for {}: see its log for why; no job starts, or is watched, until it does",
      store.shown, rules_.replica, to_text(std::chrono::floor<std::chrono::seconds>(away)));
  store.open->last_seen = wall_now;
}

std::optional<Notice> StoreOutages::tell_straight(Store& store, Instant now, WallTime wall_now) {
  if (!store.open) return std::nullopt;
  const bool begins = !std::exchange(store.straight, true);
  const bool due = begins || (rules_.remind > Duration(0) && now - store.notified >= rules_.remind);
  if (!due) return std::nullopt;
  store.notified = now;
  store.open->notified = wall_now;
  if (begins && told_.size() < most_told) told_.push_back(*store.open);
  return Notice{begins ? Notice::Event::begun : Notice::Event::reminder, *store.open, false};
}

// What was away before the repository was has been told as any alert: the first to be told is its reminder.
std::vector<Notice> StoreOutages::look(const ReplicaPulse& pulse, Instant now, WallTime wall_now) {
  const std::array answers{pulse.repository_answers, pulse.leases_answer};
  for (std::size_t i = 0; i < stores_.size(); ++i) look_at(stores_[i], answers[i], now, wall_now);
  std::vector<Notice> notices;
  for (Store& store : stores_) {
    if (pulse.repository_answers) {
      if (store.open && !std::exchange(store.straight, true)) store.notified = now;
    } else if (auto notice = tell_straight(store, now, wall_now)) {
      notices.push_back(*std::move(notice));
    }
  }
  return notices;
}

std::vector<FoundTrouble> StoreOutages::away() const {
  std::vector<FoundTrouble> found;
  for (const Store& store : stores_) {
    if (store.open) found.push_back({Trouble::store_away, store.subject, store.open->text});
  }
  return found;
}

void StoreOutages::entered(const std::vector<Alert>& alerts) {
  std::erase_if(told_, [&](const Alert& told) {
    return std::any_of(alerts.begin(), alerts.end(), [&](const Alert& one) {
      return one.subject == told.subject && one.first_seen == told.first_seen;
    });
  });
}

OutageWatch::OutageWatch(OutageRules rules, const ReplicaWatch& watch, Clock& clock, AlertDesk& desk)
    : outages_(std::move(rules)), thread_([this, &watch, &clock, &desk](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          std::vector<Notice> notices;
          {
            const std::scoped_lock lock(mutex_);
            notices = outages_.look(watch.pulse(), clock.now(), clock.wall_now());
          }
          desk.tell(notices);
          clock.wait_until(clock.now() + between_ticks, stop);
        }
      }) {}

std::vector<FoundTrouble> OutageWatch::away() const {
  const std::scoped_lock lock(mutex_);
  return outages_.away();
}

std::vector<Alert> OutageWatch::told() const {
  const std::scoped_lock lock(mutex_);
  return outages_.told();
}

void OutageWatch::entered(const std::vector<Alert>& alerts) {
  const std::scoped_lock lock(mutex_);
  outages_.entered(alerts);
}

}  // namespace baton
