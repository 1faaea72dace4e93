// What a simulated replica does for each action of its core.
#include "tests/simulation/job_work.h"
#include "tests/simulation/replica_hold.h"

#include <utility>

namespace baton {
namespace {

Error failure_of(CallFate fate, bool writes) {
  if (fate == CallFate::refused) return {ErrorKind::retry, "cannot be reached"};
  return {writes ? ErrorKind::unknown_outcome : ErrorKind::retry, "no answer in time"};
}

}  // namespace

// Errands of one line are done one after the other, as by one thread.
void ReplicaProcess::errand(std::function<void()> start, std::deque<std::function<void()>>& line) {
  line.push_back(std::move(start));
  if (line.size() == 1) line.front()();
}

void ReplicaProcess::errand_done(std::deque<std::function<void()>>& line) {
  line.pop_front();
  if (!line.empty()) line.front()();
}

template <class T>
void ReplicaProcess::ask_leases(bool serial, Duration timeout, bool writes, std::function<T()> at_server,
                                std::function<void(Result<T>)> answered) {
  auto start = [this, serial, timeout, writes, at_server = std::move(at_server), answered = std::move(answered)] {
    auto slot = std::make_shared<std::optional<T>>();
    world_.network.call(
        host_.leases, timeout,
        [slot, at_server](const Network::Answer& answer) {
          *slot = at_server();
          answer();
        },
        [this, serial, writes, slot, answered](CallFate fate) {
          deliver([this, serial, writes, slot, answered, fate] {
            if (serial) errand_done(lease_line_);
            const bool has_answer = fate == CallFate::answered;
            answered(has_answer ? Result<T>(std::move(**slot)) : fail(failure_of(fate, writes)));
          });
        });
  };
  if (serial) return errand(std::move(start), lease_line_);
  start();
}

void ReplicaProcess::carry_out(const RenewLeases& action) {
  std::vector<std::string> keys;
  for (const LeaseRenewal& renewal : action.renewals) keys.push_back(renewal.key);
  ask_leases<std::vector<Status>>(
      false, action.timeout, true, [this, renewals = action.renewals] { return world_.leases.renew(renewals); },
      [this, keys](Result<std::vector<Status>> answers) {
        if (!answers) answers = std::vector<Status>(keys.size(), fail(answers.error()));
        post(LeasesRenewed{keys, std::move(*answers)});
      });
}

void ReplicaProcess::carry_out(const ListLeases& action) {
  using Records = Result<std::vector<LeaseRecord>>;
  ask_leases<Records>(
      true, action.timeout, false, [this] { return world_.leases.list(); },
      [this](Result<Records> records) { post(LeasesListed{records ? std::move(*records) : fail(records.error())}); });
}

void ReplicaProcess::carry_out(const ReadLease& action) {
  using Record = Result<std::optional<LeaseRecord>>;
  ask_leases<Record>(
      true, action.timeout, false, [this, key = action.key] { return world_.leases.read(key); },
      [this, key = action.key](Result<Record> record) {
        post(LeaseRead{key, record ? std::move(*record) : fail(record.error())});
      });
}

// Takes may be under way together.
void ReplicaProcess::carry_out(const TakeLease& action) {
  ask_leases<Status>(
      false, action.timeout, true,
      [this, mine = action.mine, seen = action.seen] { return world_.leases.take(mine, seen); },
      [this, key = action.mine.key](Result<Status> answer) {
        post(LeaseTaken{key, answer ? std::move(*answer) : fail(answer.error())});
      });
}

void ReplicaProcess::carry_out(const ReleaseLease& action) {
  ask_leases<Status>(
      true, action.timeout, true,
      [this, action] { return world_.leases.release(action.key, action.owner_name, action.version); },
      [this, key = action.key](Result<Status> answer) {
        post(LeaseReleased{key, answer ? std::move(*answer) : fail(answer.error())});
      });
}

void ReplicaProcess::carry_out(const LookAtRepository& action) {
  errand(
      [this, action] {
        auto slot = std::make_shared<Result<RepositoryView>>();
        world_.network.call(
            host_.databases.at(world_.repository.identity()), world_.plan.database_timeout,
            [this, action, slot](const Network::Answer& answer) {
              if (action.beat) static_cast<void>(world_.repository.beat(*action.beat, action.jobs));
              *slot = world_.repository.look();
              answer();
            },
            [this, slot](CallFate fate) {
              deliver([this, slot, fate] {
                errand_done(repository_line_);
                if (fate != CallFate::answered) *slot = fail(failure_of(fate, false));
                post(RepositoryLooked{std::move(*slot)});
              });
            });
      },
      repository_line_);
}

void ReplicaProcess::carry_out(const WriteOffer& action) {
  errand(
      [this, action] {
        auto slot = std::make_shared<Status>();
        world_.network.call(
            host_.databases.at(world_.repository.identity()), world_.plan.database_timeout,
            [this, action, slot](const Network::Answer& answer) {
              *slot = world_.repository.offer(action.job, action.offer, action.valid);
              answer();
            },
            [this, slot, job = action.job](CallFate fate) {
              deliver([this, slot, job, fate] {
                errand_done(repository_line_);
                if (fate != CallFate::answered) *slot = fail(failure_of(fate, true));
                post(OfferWritten{job, std::move(*slot)});
              });
            });
      },
      repository_line_);
}

void ReplicaProcess::carry_out(const BecomeOwner& action) {
  Tenure tenure;
  tenure.hold = std::make_shared<Hold>(*this, action.job);
  tenure.acquisition = world_.leases.acquisition_of(action.job, id());
  world_.trace.event("becomes the owner", action.job, id(), "acquisition", tenure.acquisition);
  spawn(action.job, [this, name = action.job, hold = tenure.hold, acquisition = tenure.acquisition,
                     stop = tenure.stop.get_token()] {
    SimulatedJobWork work(*this, *job(name), *hold, acquisition);
    OwnedJobParts parts = work.parts();
    parts.stop = stop;
    Result<OwnedJob> owned = own_job(parts);
    work.settle();
    world_.trace.event("P8 is over", name, id(), owned ? "owner" : owned.error().message);
    if (owned) tenures_.at(name).ownership = owned->ownership;
    post(OwnershipReached{name, owned ? Result<std::optional<LastRun>>(owned->last) : fail(owned.error())});
  });
  tenures_.insert_or_assign(action.job, std::move(tenure));
}

void ReplicaProcess::carry_out(const StartRun& action) {
  Tenure& tenure = tenures_.at(action.job);
  tenure.stop = std::stop_source();
  tenure.signals = std::make_shared<RunSignals>();
  RunOrder order = action.order;
  order.signals = tenure.signals;
  const std::uint64_t run = ++tenure.run;
  world_.trace.event("run", action.job, id(), name(action.order.reason));
  spawn(action.job, [this, action, order, run, hold = tenure.hold, acquisition = tenure.acquisition,
                     ownership = tenure.ownership, stop = tenure.stop.get_token()] {
    SimulatedJobWork work(*this, *job(action.job), *hold, acquisition);
    Result<RunOutcome> outcome = run_owned(work.parts(), ownership, order, stop);
    work.settle();
    world_.trace.event("run is over", action.job, id(), outcome ? outcome->message : outcome.error().message);
    const auto now = tenures_.find(action.job);
    const bool told_before = now == tenures_.end() || now->second.acquisition != acquisition || now->second.run != run;
    if (!told_before) post(RunEnded{action.job, std::move(outcome)});
  });
}

void ReplicaProcess::carry_out(const StopRun& action) {
  const auto found = tenures_.find(action.job);
  if (found == tenures_.end()) return;
  world_.trace.event("stop", action.job, id(), action.why);
  if (action.cut && found->second.signals) found->second.signals->cut(*action.cut);
  found->second.stop.request_stop();
  if (!world_.bugs.release_before_end) return;
  ++found->second.run;
  post(RunEnded{action.job, RunOutcome{}});
}

void ReplicaProcess::carry_out(const AskProgress& action) {
  const auto found = tenures_.find(action.job);
  const bool runs = found != tenures_.end() && found->second.signals;
  post(ProgressSeen{action.job, runs ? found->second.signals->began() : std::nullopt,
                    runs ? found->second.signals->last_progress() : std::nullopt});
}

void ReplicaProcess::carry_out(const NoteStall& action) {
  world_.trace.event(action.stalled ? "stalled" : "stalled no more", action.job, id(), action.text);
  if (world_.note_stall) world_.note_stall(id(), action);
}

void ReplicaProcess::carry_out(const CloseNobodys& action) {
  const std::int64_t acquisition = world_.leases.acquisition_of(action.job, id());
  world_.trace.event("closes nobody's", action.job, id(), "acquisition", acquisition);
  closing_.insert(action.job);
  spawn(action.job, [this, name = action.job, acquisition] {
    Hold hold(*this, name);
    SimulatedJob unknown;
    unknown.settings.name = name;
    SimulatedJobWork work(*this, unknown, hold, acquisition);
    const Status closed = close_nobodys(work.parts(), name);
    work.settle();
    world_.trace.event("nobody's are closed", name, id(), closed ? "all" : closed.error().message);
    closing_.erase(name);
    post(NobodysClosed{name, closed});
  });
}

void ReplicaProcess::carry_out(const Tell& action) { world_.trace.event("says", id(), action.text); }

void ReplicaProcess::carry_out(const Finish& /*action*/) {
  world_.trace.event("finishes", id());
  errand(
      [this] {
        world_.network.call(
            host_.databases.at(world_.repository.identity()), world_.plan.database_timeout,
            [this](const Network::Answer& answer) {
              static_cast<void>(world_.repository.leave(id()));
              answer();
            },
            [this](CallFate /*fate*/) { deliver([this] { crash(); }); });
      },
      repository_line_);
}

}  // namespace baton
