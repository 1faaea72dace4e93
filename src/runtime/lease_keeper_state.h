// What the keeper's thread and its callers share. Only for LeaseKeeper's own files.
#pragma once

#include "lease/held_lease.h"
#include "lease/lease_observer.h"
#include "runtime/bell.h"
#include "runtime/lease_keeper.h"

#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace baton {

struct LeaseKeeper::Entry {
  HeldLease lease;
};

// `mutex` guards all that changes. It is never held during a call of the store, a line of the log, or a wait: who gets
// a lock passed lets go of it meanwhile.
struct LeaseKeeper::Shared {
  using Lock = std::unique_lock<std::mutex>;

  Shared(LeaseStore& the_store, Clock& the_clock, Random& the_random, LeaseTimings the_timings,
         std::string the_owner_name, Log the_log)
      : store(the_store),
        clock(the_clock),
        random(the_random),
        timings(the_timings),
        owner_name(std::move(the_owner_name)),
        log(std::move(the_log)) {}

  void wait(Lock& lock, Instant until);
  void log_unlocked(Lock& lock, const std::vector<std::string>& lines);

  // Forgets leases that are over.
  void drop_over(Lock& lock, Instant now);
  // Renews in one batch what is due, and what would be soon. False if nothing is.
  bool renew_due(Lock& lock, Instant now);
  // Reads back one after the other what is due, but not for so long that renewals come late. False if nothing is.
  bool read_due(Lock& lock, Instant now);
  // When the keeper's thread has something to do.
  Instant next_at() const;
  // One call for one lease, and its answer.
  void perform(Lock& lock, Entry& entry, HeldLease::Step step, Instant now);
  // Logs that renewals began to fail, or succeed again.
  void note_failures(Lock& lock, std::size_t failed, std::size_t sent, const std::string& error);

  LeaseStore& store;
  Clock& clock;
  Random& random;
  const LeaseTimings timings;
  const std::string owner_name;
  const Log log;

  std::mutex mutex;
  Bell bell;
  bool stopping = false;
  bool failing = false;
  std::map<std::string, std::shared_ptr<Entry>> held;
  std::set<std::string> taking;
  LeaseObserver observer;
};

class LeaseKeeper::Hold final : public LeaseHold {
 public:
  Hold(std::shared_ptr<Shared> shared, std::shared_ptr<Entry> entry)
      : shared_(std::move(shared)), entry_(std::move(entry)) {}

  Instant trusted_until() const override;
  Status renew_now() override;

 private:
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Entry> entry_;
};

// One call of LeaseKeeper::take(): reads, decides, waits, until the lease is had or the time is used up.
class LeaseKeeper::Taking {
 public:
  Taking(Shared& shared, const std::string& key, std::optional<Duration> wait, std::stop_token stop);

  Result<HeldLease> run();

 private:
  // Had, or an error that ends it, or empty: look again.
  using Outcome = Result<std::optional<HeldLease>>;

  Outcome look();
  Outcome try_take(const std::optional<LeaseRecord>& seen);
  Outcome try_renew(LeaseRecord mine);
  Outcome had(LeaseRecord mine, Instant sent_at);
  Outcome wait_for_holder(const LeaseRecord& held, Instant look_again_at, Instant now);
  Outcome wait_for_store(const Error& error);
  Outcome look_again_soon(const Error& error);

  Shared& shared_;
  const std::string& key_;
  std::stop_token stop_;
  const Instant began_;
  std::optional<Instant> give_up_at_;
  bool hurried_ = false;
  bool told_ = false;  // who holds it
  struct Sent {
    LeaseRecord record;
    Instant at;
  };
  std::optional<Sent> unknown_;  // a take whose answer was lost
};

}  // namespace baton
