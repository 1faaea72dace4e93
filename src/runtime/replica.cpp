#include "runtime/replica.h"

#include "runtime/replica_shell.h"

#include <fmt/format.h>
#include <algorithm>
#include <exception>
#include <utility>

namespace baton {
namespace {

// Becoming the owner is a matter of the stores: more at a time would only wait there.
constexpr std::size_t most_becoming = 32;

// No exception of one job's work may end the others.
template <class Work>
auto caught(const std::string& job, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, fmt::format("{}: unexpected: {}", job, error.what()));
  } catch (...) {
    return fail(ErrorKind::internal, fmt::format("{}: an unexpected exception", job));
  }
}

}  // namespace

class ReplicaShell::Hold final : public LeaseHold {
 public:
  Hold(ReplicaShell& shell, std::string job) : shell_(shell), job_(std::move(job)) {}

  Instant trusted_until() const override {
    const Lock lock(shell_.mutex_);
    const HeldLease* lease = shell_.core_.lease(job_);
    return lease == nullptr ? Instant::min() : lease->trusted_until();
  }

  Status renew_now() override {
    Lock lock(shell_.mutex_);
    const HeldLease* lease = shell_.core_.lease(job_);
    const std::uint64_t wanted = lease == nullptr ? 0 : lease->renewals_sent() + 1;
    shell_.events_.emplace_back(RenewalWanted{job_});
    shell_.bell_.ring();
    while (true) {
      lease = shell_.core_.lease(job_);
      const auto failed = [&](ErrorKind kind, std::string_view why) {
        return fail(kind, fmt::format("lease {}: {}", job_, why));
      };
      if (lease == nullptr) return failed(ErrorKind::lease_lost, "this process does not hold it any more");
      if (lease->renewal_proven() >= wanted) return {};
      if (lease->state() != HeldLease::State::held || lease->releasing()) {
        return failed(ErrorKind::lease_lost, lease->releasing() ? "it is released" : lease->reason());
      }
      if (lease->over(shell_.parts_.clock->now())) {
        return failed(ErrorKind::retry, "its time ran out before it was renewed");
      }
      shell_.wait(lock, lease->busy() ? Instant::max() : lease->trusted_until());
    }
  }

 private:
  ReplicaShell& shell_;
  const std::string job_;
};

ReplicaShell::ReplicaShell(const ReplicaSettings& settings, const ReplicaParts& parts)
    : settings_(settings),
      parts_(parts),
      core_(settings, *parts.random),
      owning_(most_becoming),
      running_(static_cast<std::size_t>(settings.tokens) + 1) {}

void ReplicaShell::post(ReplicaEvent event) {
  const std::scoped_lock lock(mutex_);
  events_.push_back(std::move(event));
  bell_.ring();
}

void ReplicaShell::wait(Lock& lock, Instant until) {
  const std::stop_token rung = bell_.listen();
  lock.unlock();
  parts_.clock->wait_until(until, rung);
  lock.lock();
}

// Whoever watches wants a tick now and then, also while nothing happens.
void ReplicaShell::wait_for_event(Lock& lock, Instant next) {
  if (parts_.watch == nullptr) return wait(lock, next);
  tick();
  wait(lock, std::min<Instant>(next, parts_.clock->now() + between_ticks));
}

ReplicaView ReplicaShell::view() {
  const Lock lock(mutex_);
  return core_.view(parts_.clock->now());
}

void ReplicaShell::tick() {
  if (parts_.watch == nullptr) return;
  ReplicaPulse pulse = core_.pulse();
  pulse.at = parts_.clock->now();
  parts_.watch->ticked(pulse);
}

void ReplicaShell::run(const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] { post(ShutdownAsked{}); });
  std::shared_ptr<void> listening;
  if (parts_.listen) listening = parts_.listen([this](const ChangesNoticed& changes) { post(changes); });
  Lock lock(mutex_);
  while (!core_.finished()) {
    if (events_.empty()) {
      const Instant next = core_.next_at();
      if (parts_.clock->now() < next) {
        wait_for_event(lock, next);
        continue;
      }
      events_.emplace_back(TimePassed{});
    }
    const ReplicaEvent event = std::move(events_.front());
    events_.pop_front();
    for (const ReplicaAction& action : core_.on(event, parts_.clock->now())) act(action);
    send_takes();
    send_releases();
    bell_.ring();  // who waits for a renewal looks again
    tick();
  }
  lock.unlock();
  listening.reset();
  repository_.finish();
  telling_.finish();
}

void ReplicaShell::act(const ReplicaAction& action) {
  std::visit([this](const auto& one) { carry_out(one); }, action);
}

void ReplicaShell::carry_out(const RenewLeases& renewal) {
  renewing_.give([this, renewal] {
    LeasesRenewed renewed;
    for (const LeaseRenewal& one : renewal.renewals) renewed.keys.push_back(one.key);
    renewed.answers = parts_.leases->renew(renewal.renewals, renewal.timeout);
    post(std::move(renewed));
  });
}

void ReplicaShell::carry_out(const ListLeases& listing) {
  leasing_.give([this, listing] { post(LeasesListed{parts_.leases->list(listing.timeout)}); });
}

void ReplicaShell::carry_out(const ReadLease& read) {
  leasing_.give([this, read] { post(LeaseRead{read.key, parts_.leases->read(read.key, read.timeout)}); });
}

// All that the core wants at once goes to the store at once: the leases of a thousand jobs are had in a second.
void ReplicaShell::send_takes() {
  if (takes_.empty()) return;
  std::vector<LeaseTake> takes;
  Duration timeout = takes_.front().timeout;
  for (TakeLease& take : takes_) {
    timeout = std::min(timeout, take.timeout);
    takes.push_back({std::move(take.mine), std::move(take.seen)});
  }
  takes_.clear();
  leasing_.give([this, takes = std::move(takes), timeout] {
    parts_.leases->take_all(takes, timeout, [&](std::size_t index, const Status& answer) {
      post(LeaseTaken{takes[index].mine.key, answer});
    });
  });
}

// All that wait for the store's thread go together: at a shutdown everything is released, what is idle at once, and
// runs as they end.
void ReplicaShell::send_releases() {
  if (releases_.empty() || std::exchange(releases_sent_, true)) return;
  leasing_.give([this] {
    Lock lock(mutex_);
    releases_sent_ = false;
    const std::vector<ReleaseLease> wanted = std::exchange(releases_, {});
    lock.unlock();
    Duration timeout = wanted.front().timeout;
    std::vector<LeaseRelease> releases;
    for (const ReleaseLease& one : wanted) {
      timeout = std::min(timeout, one.timeout);
      releases.push_back({one.key, one.owner_name, one.version});
    }
    parts_.leases->release_all(releases, timeout, [&](std::size_t index, const Status& answer) {
      post(LeaseReleased{wanted[index].key, answer});
    });
  });
}

Result<Replicas*> ReplicaShell::replicas() {
  if (replicas_ == nullptr) {
    BATON_TRY(replicas_, parts_.open_replicas());
  }
  return replicas_.get();
}

RepositoryLooked ReplicaShell::look(const LookAtRepository& look) {
  const auto known = replicas();
  if (!known) return {fail(known.error())};
  if (look.beat) {
    if (const Status beaten = (*known)->beat(*look.beat, look.jobs); !beaten) return {fail(beaten.error())};
  }
  // The repository's clock is read first, and the rest takes its time.
  const Instant read_at = parts_.clock->now();
  return {(*known)->look(), read_at};
}

void ReplicaShell::carry_out(const LookAtRepository& wanted) {
  repository_.give([this, wanted] {
    RepositoryLooked looked = look(wanted);
    // A connection that failed is not trusted again.
    if (!looked.view) replicas_.reset();
    post(std::move(looked));
  });
}

void ReplicaShell::carry_out(const WriteOffer& offer) {
  repository_.give([this, offer] {
    const auto known = replicas();
    post(OfferWritten{offer.job,
                      known ? (*known)->offer(offer.job, offer.offer, offer.valid) : Status(fail(known.error()))});
  });
}

std::optional<Error> ReplicaShell::too_late(Instant deadline, const std::stop_token& stop) const {
  if (stop.stop_requested()) return Error{ErrorKind::retry, "stopped before it began"};
  if (parts_.clock->now() < deadline) return std::nullopt;
  return Error{ErrorKind::retry, "a lease of time went by before there was a thread for it"};
}

void ReplicaShell::carry_out(const BecomeOwner& become) {
  auto hold = std::make_shared<Hold>(*this, become.job);
  const std::stop_source source;
  const std::stop_token stop = source.get_token();
  held_.insert_or_assign(become.job, Held{hold, {}, source, nullptr});
  const auto work = [this, job = become.job, deadline = become.deadline, hold, stop] {
    const auto late = too_late(deadline, stop);
    Result<OwnedJob> owned =
        late ? Result<OwnedJob>(fail(*late)) : caught(job, [&] { return parts_.work->own(job, *hold, stop); });
    const std::scoped_lock lock(mutex_);
    if (owned) held_[job].ownership = std::move(owned->ownership);
    events_.emplace_back(
        OwnershipReached{job, owned ? Result<std::optional<LastRun>>(owned->last) : fail(std::move(owned).error())});
    bell_.ring();
  };
  if (const Status given = owning_.give(work); !given) {
    events_.emplace_back(OwnershipReached{become.job, fail(given.error())});
  }
}

void ReplicaShell::carry_out(const StartRun& start) {
  Held& held = held_.at(start.job);
  held.stop = std::stop_source();
  held.signals = std::make_shared<RunSignals>();
  StartRun begun = start;
  begun.order.signals = held.signals;
  const auto work = [this, start = std::move(begun), hold = held.lease, ownership = held.ownership,
                     stop = held.stop.get_token()] {
    post(RunEnded{start.job,
                  caught(start.job, [&] { return parts_.work->run(start.job, *hold, ownership, start.order, stop); })});
  };
  if (const Status given = running_.give(work); !given) {
    events_.emplace_back(RunEnded{start.job, fail(given.error())});
  }
}

void ReplicaShell::carry_out(const StopRun& stop) {
  const auto held = held_.find(stop.job);
  if (held == held_.end()) return;
  if (stop.cut && held->second.signals) held->second.signals->cut(*stop.cut);
  // Its callbacks may ask for the lease: not under the mutex.
  static_cast<void>(running_.give([source = held->second.stop]() mutable { source.request_stop(); }));
}

// The mutex is held, and the answer waits for nothing.
void ReplicaShell::carry_out(const AskProgress& ask) {
  ProgressSeen seen{ask.job, std::nullopt, std::nullopt};
  const auto held = held_.find(ask.job);
  if (held != held_.end() && held->second.signals) {
    seen.began = held->second.signals->began();
    seen.last = held->second.signals->last_progress();
  }
  events_.emplace_back(std::move(seen));
}

void ReplicaShell::carry_out(const NoteStall& stall) {
  if (!parts_.note_stall) return;
  telling_.give([this, stall] { parts_.note_stall(stall); });
}

void ReplicaShell::carry_out(const CloseNobodys& close) {
  auto hold = std::make_shared<Hold>(*this, close.job);
  const std::stop_source source;
  held_.insert_or_assign(close.job, Held{hold, {}, source, nullptr});
  const auto work = [this, job = close.job, deadline = close.deadline, hold, stop = source.get_token()] {
    const auto late = too_late(deadline, stop);
    post(NobodysClosed{
        job, late ? Status(fail(*late)) : caught(job, [&] { return parts_.work->close_nobodys(job, *hold, stop); })});
  };
  if (const Status given = owning_.give(work); !given) {
    events_.emplace_back(NobodysClosed{close.job, fail(given.error())});
  }
}

void ReplicaShell::carry_out(const Tell& tell) {
  telling_.give([this, tell] { parts_.tell(tell); });
}

void ReplicaShell::carry_out(const Finish& /*finish*/) {
  repository_.give([this] {
    const auto known = replicas();
    if (known) static_cast<void>((*known)->leave(settings_.id));
  });
}

void run_replica(const ReplicaSettings& settings, const ReplicaParts& parts, std::stop_token stop) {
  ReplicaShell shell(settings, parts);
  if (parts.watch != nullptr) parts.watch->attach([&shell] { return shell.view(); });
  shell.run(stop);
  if (parts.watch != nullptr) parts.watch->detach();
}

}  // namespace baton
