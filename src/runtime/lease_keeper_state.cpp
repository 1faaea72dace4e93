#include "runtime/lease_keeper_state.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {

using Step = HeldLease::Step;
using State = HeldLease::State;

void LeaseKeeper::Shared::wait(Lock& lock, Instant until) {
  const std::stop_token rung = bell.listen();
  lock.unlock();
  clock.wait_until(until, rung);
  lock.lock();
}

void LeaseKeeper::Shared::log_unlocked(Lock& lock, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  lock.unlock();
  for (const std::string& line : lines) log(line);
  lock.lock();
}

void LeaseKeeper::Shared::drop_over(Lock& lock, Instant now) {
  std::vector<std::string> lines;
  for (auto one = held.begin(); one != held.end();) {
    HeldLease& lease = one->second->lease;
    // What is being released is its releaser's to end.
    if (!lease.over(now) || lease.releasing()) {
      ++one;
      continue;
    }
    if (lease.state() == State::held) {
      lease.give_up(now, lease.failing() ? "its time ran out: " + lease.reason() : "its time ran out");
    }
    lines.push_back(fmt::format("lease {}: lost, {}", lease.key(), lease.reason()));
    one = held.erase(one);
  }
  if (!lines.empty()) bell.ring();
  log_unlocked(lock, lines);
}

bool LeaseKeeper::Shared::renew_due(Lock& lock, Instant now) {
  const auto due = [&](const Entry& entry) { return !entry.lease.releasing() && entry.lease.next(now) == Step::renew; };
  if (std::none_of(held.begin(), held.end(), [&](const auto& one) { return due(*one.second); })) return false;
  const Instant soon = now + timings.heartbeat / 2;
  std::vector<std::shared_ptr<Entry>> batch;
  std::vector<LeaseRenewal> renewals;
  Duration timeout = timings.heartbeat;
  for (const auto& [key, entry] : held) {
    if (!due(*entry) && !entry->lease.renewable(now, soon)) continue;
    timeout = std::min(timeout, entry->lease.attempt_timeout(now));
    renewals.push_back(entry->lease.begin_renewal(uuid(random), now));
    batch.push_back(entry);
  }
  lock.unlock();
  std::vector<Status> answers = store.renew(renewals, timeout);
  const Instant answered_at = clock.now();
  lock.lock();
  answers.resize(batch.size(), fail(ErrorKind::unknown_outcome, "the lease store gave no answer"));
  std::size_t failed = 0;
  std::string error;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i]->lease.renewal_answered(answers[i], answered_at);
    if (answers[i]) continue;
    ++failed;
    error = answers[i].error().message;
  }
  bell.ring();
  note_failures(lock, failed, batch.size(), error);
  return true;
}

bool LeaseKeeper::Shared::read_due(Lock& lock, Instant now) {
  std::vector<std::shared_ptr<Entry>> due;
  for (const auto& [key, entry] : held) {
    if (!entry->lease.releasing() && entry->lease.next(now) == Step::read_back) due.push_back(entry);
  }
  const Instant stop_at = now + timings.heartbeat / 4;
  for (const auto& entry : due) {
    const Instant sent_at = clock.now();
    if (sent_at > stop_at) break;
    if (!entry->lease.releasing() && entry->lease.next(sent_at) == Step::read_back) {
      perform(lock, *entry, Step::read_back, sent_at);
    }
  }
  return !due.empty();
}

Instant LeaseKeeper::Shared::next_at() const {
  Instant next = Instant::max();
  for (const auto& [key, entry] : held) {
    if (!entry->lease.releasing()) next = std::min(next, entry->lease.next_at());
  }
  return next;
}

void LeaseKeeper::Shared::perform(Lock& lock, Entry& entry, Step step, Instant now) {
  HeldLease& lease = entry.lease;
  const Duration timeout = lease.attempt_timeout(now);
  const LeaseRecord record = lease.record();
  if (step == Step::renew) {
    const LeaseRenewal renewal = lease.begin_renewal(uuid(random), now);
    lock.unlock();
    std::vector<Status> answers = store.renew({&renewal, 1}, timeout);
    answers.resize(1, fail(ErrorKind::unknown_outcome, "the lease store gave no answer"));
    lock.lock();
    lease.renewal_answered(answers.front(), clock.now());
  } else if (step == Step::read_back) {
    lease.begin_read_back();
    lock.unlock();
    const auto answer = store.read(record.key, timeout);
    lock.lock();
    lease.read_back_answered(answer, clock.now());
  } else if (step == Step::release) {
    lease.begin_release();
    lock.unlock();
    const Status answer = store.release(record.key, record.owner_name, record.version, timeout);
    lock.lock();
    lease.release_answered(answer, clock.now());
  }
  bell.ring();
}

void LeaseKeeper::Shared::note_failures(Lock& lock, std::size_t failed, std::size_t sent, const std::string& error) {
  if (std::exchange(failing, failed > 0) == (failed > 0)) return;
  log_unlocked(lock, {failed > 0 ? fmt::format("{} of {} leases not renewed: {}; trying again", failed, sent, error)
                                 : std::string("leases are renewed again")});
}

}  // namespace baton
