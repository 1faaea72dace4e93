// What run_replica's threads share. Only for the replica's own files.
#pragma once

#include "runtime/bell.h"
#include "runtime/errands.h"
#include "runtime/replica.h"
#include "runtime/workers.h"

#include <deque>
#include <map>
#include <mutex>

namespace baton {

// `mutex_` guards the core and all that changes with it. It is never held during a call of a store, of JobWork, of
// `tell`, or during a wait.
class ReplicaShell {
 public:
  ReplicaShell(const ReplicaSettings& settings, const ReplicaParts& parts);
  ReplicaShell(const ReplicaShell&) = delete;
  ReplicaShell& operator=(const ReplicaShell&) = delete;
  ~ReplicaShell() = default;

  // On the thread that decides, until the core has finished.
  void run(const std::stop_token& stop);

  // On any thread.
  ReplicaView view();

 private:
  using Lock = std::unique_lock<std::mutex>;

  class Hold;

  // What belongs to one ownership of a job; the shell's own part of it.
  struct Held {
    std::shared_ptr<Hold> lease;
    Ownership ownership;
    std::stop_source stop;
    std::shared_ptr<RunSignals> signals;  // of the run, once there is one
  };

  // Of an owner or of a closing that waits for a thread: must it not begin any more?
  std::optional<Error> too_late(Instant deadline, const std::stop_token& stop) const;

  void post(ReplicaEvent event);
  void wait(Lock& lock, Instant until);
  void wait_for_event(Lock& lock, Instant next);
  void tick();

  void act(const ReplicaAction& action);
  void carry_out(const RenewLeases& renewal);
  void carry_out(const ListLeases& listing);
  void carry_out(const ReadLease& read);
  void carry_out(const TakeLease& take) { takes_.push_back(take); }
  void send_takes();
  void carry_out(const ReleaseLease& release) { releases_.push_back(release); }
  void send_releases();
  void carry_out(const LookAtRepository& look);
  void carry_out(const WriteOffer& offer);
  void carry_out(const BecomeOwner& become);
  void carry_out(const StartRun& start);
  void carry_out(const StopRun& stop);
  void carry_out(const AskProgress& ask);
  void carry_out(const NoteStall& stall);
  void carry_out(const CloseNobodys& close);
  void carry_out(const Tell& tell);
  void carry_out(const Finish& finish);

  // On the repository's thread.
  RepositoryLooked look(const LookAtRepository& look);
  Result<Replicas*> replicas();

  const ReplicaSettings& settings_;
  const ReplicaParts& parts_;

  std::mutex mutex_;
  Bell bell_;
  std::deque<ReplicaEvent> events_;
  ReplicaCore core_;
  std::map<std::string, Held> held_;  // by job
  std::vector<TakeLease> takes_;      // wanted by one event
  std::vector<ReleaseLease> releases_;
  bool releases_sent_ = false;  // an errand will take all that are in releases_ when its turn comes

  std::unique_ptr<Replicas> replicas_;  // of the repository's thread

  // The last to be made, the first to end: they use all of the above.
  Errands telling_;
  Errands renewing_;
  Errands leasing_;
  Errands repository_;
  Workers owning_;
  Workers running_;
};

}  // namespace baton
