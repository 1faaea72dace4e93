// What a replica hears and what it wants done, as values. The shell (runtime/replica.h) does the wanted things on real
// threads, the simulation on virtual ones; each action that has an answer gets exactly one event.
#pragma once

#include "batch/owned_job.h"
#include "batch/replicas.h"
#include "baton/result.h"
#include "lease/lease_store.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace baton {

// Events.
struct LeasesRenewed {  // answers RenewLeases
  std::vector<std::string> keys;
  std::vector<Status> answers;  // in the order of keys
};
struct LeasesListed {  // answers ListLeases
  Result<std::vector<LeaseRecord>> records;
};
struct LeaseRead {  // answers ReadLease
  std::string key;
  Result<std::optional<LeaseRecord>> record;
};
struct LeaseTaken {  // answers TakeLease
  std::string key;
  Status answer;
};
struct LeaseReleased {  // answers ReleaseLease
  std::string key;
  Status answer;
};
struct RepositoryLooked {  // answers LookAtRepository
  Result<RepositoryView> view;
  std::optional<Instant> read_at = {};  // of view.now; absent: as of now
};
struct OfferWritten {  // answers WriteOffer
  std::string job;
  Status answer;
};
struct OwnershipReached {  // answers BecomeOwner; the shell keeps the Ownership itself
  std::string job;
  Result<std::optional<LastRun>> last;
};
struct RunEnded {  // answers StartRun
  std::string job;
  Result<RunOutcome> outcome;
};
struct ProgressSeen {  // answers AskProgress
  std::string job;
  std::optional<Instant> began;  // of the execution; absent: it waits for its sessions
  std::optional<Instant> last;   // progress
};
struct NobodysClosed {  // answers CloseNobodys
  std::string job;
  Status answer;
};
struct RenewalWanted {  // LeaseHold::renew_now
  std::string job;
};
struct ChangesNoticed {  // somebody says that these have changed: look now (P6); late, false, lost or twice, it does no
                         // harm
  bool leases = false;
  bool repository = false;
};
struct ShutdownAsked {};  // P22
struct TimePassed {};     // next_at() has come

using ReplicaEvent = std::variant<LeasesRenewed, LeasesListed, LeaseRead, LeaseTaken, LeaseReleased, RepositoryLooked,
                                  OfferWritten, OwnershipReached, RunEnded, ProgressSeen, NobodysClosed, RenewalWanted,
                                  ChangesNoticed, ShutdownAsked, TimePassed>;

// Actions. Calls of the lease store take at most `timeout`. Renewals wait for nothing else; the other calls of the
// lease store may be made one after the other, those of the repository too; takes that are wanted together may be under
// way together.
struct RenewLeases {
  std::vector<LeaseRenewal> renewals;
  Duration timeout{0};
};
struct ListLeases {
  Duration timeout{0};
};
struct ReadLease {
  std::string key;
  Duration timeout{0};
};
struct TakeLease {
  LeaseRecord mine;
  std::optional<LeaseRecord> seen;
  Duration timeout{0};
};
struct ReleaseLease {
  std::string key;
  std::string owner_name;
  std::string version;
  Duration timeout{0};
};
struct LookAtRepository {  // first the beat, if there is one; an error of it is the answer
  std::optional<ReplicaRow> beat;
  std::vector<std::string> jobs;
};
struct WriteOffer {
  std::string job;
  Offer offer;
  Duration valid{0};
};
struct BecomeOwner {
  std::string job;
  Instant deadline{Instant::max()};  // who has not begun by then answers `retry`
};
struct StartRun {
  std::string job;
  RunOrder order;
};
// Ends early what the job's thread does, be it a run, becoming the owner or closing what nobody runs, or still waiting
// for a thread. No answer of its own: that of what is stopped comes.
struct StopRun {
  std::string job;
  std::string why;
  // What is stopped is a run that has failed then.
  std::optional<CutShort> cut = {};
};
struct AskProgress {  // of the run
  std::string job;
};
// The job's run makes no progress; or a run of the job does, or has succeeded, and none may have been noted before.
struct NoteStall {
  std::string job;
  bool stalled = false;
  std::string text;
};
struct CloseNobodys {
  std::string job;
  Instant deadline{Instant::max()};  // as of BecomeOwner
};
struct Tell {  // a line for the log
  enum class Level { info, warning, error };
  Level level = Level::info;
  std::string text;
};
struct Finish {};  // after ShutdownAsked: nothing is held or running any more; the row may go

using ReplicaAction =
    std::variant<RenewLeases, ListLeases, ReadLease, TakeLease, ReleaseLease, LookAtRepository, WriteOffer, BecomeOwner,
                 StartRun, StopRun, AskProgress, NoteStall, CloseNobodys, Tell, Finish>;
using ReplicaActions = std::vector<ReplicaAction>;

}  // namespace baton
