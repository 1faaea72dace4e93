#include "lease/held_lease.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

bool needs_read_back(const Error& error) {
  return error.kind == ErrorKind::conflict || error.kind == ErrorKind::unknown_outcome;
}

}  // namespace

HeldLease::HeldLease(LeaseRecord mine, Instant sent_at, LeaseTimings timings)
    : record_(std::move(mine)), timings_(timings) {
  trusted_until_ = sent_at;
  trust_from(sent_at);
}

// Others time the record from after they have read it, so from later than the send.
void HeldLease::trust_from(Instant sent_at) {
  trusted_until_ = std::max(trusted_until_, sent_at + record_.lease_duration - timings_.margin());
  renew_at_ = sent_at + timings_.heartbeat;
}

HeldLease::Step HeldLease::next(Instant now) const {
  if (busy_ || over(now)) return Step::none;
  if (must_read_) return attempt_at_ <= now ? Step::read_back : Step::none;
  if (releasing() && attempt_at_ <= now) return Step::release;
  return renew_at_ <= now ? Step::renew : Step::none;
}

Instant HeldLease::next_at() const {
  if (busy_ || state_ != State::held) return Instant::max();
  Instant due = must_read_ ? attempt_at_ : renew_at_;
  if (releasing()) due = std::min(due, attempt_at_);
  return std::min(due, trusted_until_);
}

bool HeldLease::renewable(Instant now, Instant horizon) const {
  return !busy_ && !over(now) && !must_read_ && !releasing() && renew_at_ <= horizon;
}

Duration HeldLease::attempt_timeout(Instant now) const {
  const auto third = std::chrono::duration_cast<Duration>((trusted_until_ - now) / 3);
  return std::max(std::min(timings_.heartbeat, third), Duration(1));
}

LeaseRenewal HeldLease::begin_renewal(std::string new_version, Instant sent_at) {
  busy_ = true;
  sent_at_ = sent_at;
  sent_version_ = std::move(new_version);
  ++renewals_sent_;
  return {record_.key, record_.owner_name, record_.version, sent_version_, timings_.lease};
}

void HeldLease::renewal_answered(const Status& answer, Instant now) {
  busy_ = false;
  if (answer) {
    failing_ = false;
    record_.version = sent_version_;
    record_.lease_duration = timings_.lease;
    renewal_proven_ = renewals_sent_;
    trust_from(sent_at_);
    if (renewal_proven_ < renewal_asked_) renew_at_ = now;  // asked for after this one was sent
    return;
  }
  renew_at_ = failed(answer.error(), now);
  if (needs_read_back(answer.error())) read_next(now);
}

void HeldLease::begin_read_back() { busy_ = true; }

void HeldLease::read_back_answered(const Result<std::optional<LeaseRecord>>& answer, Instant now) {
  busy_ = false;
  if (!answer) {
    attempt_at_ = failed(answer.error(), now);
    return;
  }
  const std::optional<LeaseRecord>& found = *answer;
  if (!found || found->released || found->owner_name != record_.owner_name) {
    std::string what = !found            ? "its record is gone"
                       : found->released ? "its record is released"
                                         : fmt::format("{} owns it", found->owner_name);
    return end(releasing() ? State::released : State::lost, now, std::move(what));
  }
  // My own name, so one of my own writes, whose answer was lost or late: go on from its version. Only the next
  // renewal's success proves it; until then trust stays where it was.
  must_read_ = false;
  record_.version = found->version;
  renew_at_ = std::min(renew_at_, now);
  attempt_at_ = now;
}

void HeldLease::begin_release() { busy_ = true; }

void HeldLease::release_answered(const Status& answer, Instant now) {
  busy_ = false;
  if (answer) return end(State::released, now, "released");
  attempt_at_ = failed(answer.error(), now);
  if (needs_read_back(answer.error())) read_next(now);
}

void HeldLease::ask_renewal(Instant now) {
  renewal_asked_ = renewals_sent_ + 1;
  renew_at_ = std::min(renew_at_, now);
}

void HeldLease::ask_release(Instant now) {
  if (releasing()) return;
  release_asked_at_ = now;
  release_deadline_ = trusted_until_;
  if (!must_read_) attempt_at_ = now;
}

void HeldLease::give_up(Instant now, std::string reason) { end(State::given_up, now, std::move(reason)); }

// Tries again soon, and oftener as trust runs out, but does not hammer a store that refuses at once.
Instant HeldLease::failed(const Error& error, Instant now) {
  failing_ = true;
  reason_ = error.message;
  const auto tenth_of_trust = std::chrono::duration_cast<Duration>((trusted_until_ - now) / 10);
  return now + std::max(std::min(timings_.heartbeat / 5, tenth_of_trust), Duration(10));
}

void HeldLease::read_next(Instant now) {
  must_read_ = true;
  attempt_at_ = now;
}

void HeldLease::end(State state, Instant now, std::string reason) {
  state_ = state;
  reason_ = std::move(reason);
  trusted_until_ = std::min(trusted_until_, now);
}

}  // namespace baton
