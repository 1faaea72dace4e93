// What ReplicaCore's files share.
//
// After each event the jobs that it touched are settled: settle() looks at what is known of one job and at the time,
// does what can be done now, and notes when to look again. Nothing else is done for jobs that nothing happened to.
#pragma once

#include "replica/agenda.h"
#include "replica/fair_share.h"
#include "replica/handover.h"
#include "replica/live_replicas.h"
#include "replica/outage.h"
#include "replica/replica_core.h"
#include "replica/replica_job.h"
#include "replica/repository_clock.h"

#include "lease/lease_observer.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace baton {

class ReplicaCore::State {
 public:
  State(ReplicaSettings settings, Random& random);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() = default;

  ReplicaActions on(const ReplicaEvent& event, Instant now);
  Instant next_at() const;
  const CoreJob* find(const std::string& name) const;
  std::int64_t tokens_used() const { return tokens_used_; }
  bool finished() const { return finished_; }
  ReplicaView view(Instant now) const;
  ReplicaPulse pulse() const;

 private:
  using Seen = CoreJob::Seen;
  using Call = CoreJob::Call;
  using Work = CoreJob::Work;

  // replica_core.cpp: events, timers.
  CoreJob* find(const std::string& name);
  void run_timers();
  void ask_stores();
  void settle(CoreJob& job);
  void settle_all();
  void count(CoreJob& job);
  void set_timer(CoreJob& job);
  Instant lease_timer(const CoreJob& job) const;
  void finish_if_done();
  void tell(Tell::Level level, std::string text);
  template <class Action>
  void act(Action action) {
    actions_.emplace_back(std::move(action));
  }

  // lease_keeping.cpp: held leases (P3, P4, P7).
  void handle(const LeasesRenewed& event);
  void handle(const LeaseReleased& event);
  void handle(const RenewalWanted& event);
  void keep_lease(CoreJob& job);
  void drop_lease(CoreJob& job);
  void release(CoreJob& job, std::string why);
  void send_renewals();
  void store_answered(const std::string& what);
  void forget_renewals(bool was_away);
  void store_failed(const std::string& what, const Error& error);
  template <class Action>
  void call(Action action) {
    if (calls_owed_++ == 0) call_answered_at_ = now_;
    act(std::move(action));
  }
  void call_answered();
  void watch_calls();
  Instant hung_from() const;
  bool hangs() const { return loop_hangs_ || renewals_hang_; }
  std::optional<Instant> hung_since() const;
  bool renewals_late() const;

  // lease_listing.cpp: what others hold (P2, P5).
  void handle(const LeasesListed& event);
  void handle(const ChangesNoticed& event);
  void list_leases();
  Instant list_at() const;
  void note(CoreJob& job, const LeaseRecord& record);
  void note_expiry(CoreJob& job);
  void count_holders(const std::vector<LeaseRecord>& records);

  // job_taking.cpp: which lease to take, and taking it (P2, P4, P5, P16, P20).
  void handle(const LeaseTaken& event);
  void handle(const LeaseRead& event);
  void take_what_is_free();
  bool may_take() const;
  bool is_candidate(const CoreJob& job);
  bool offered_to_me(const CoreJob& job) const;
  bool offered_to_another(const CoreJob& job) const;
  void begin_taking(CoreJob& job);
  void take(CoreJob& job, const std::optional<LeaseRecord>& seen);
  void prove(CoreJob& job);
  void had(CoreJob& job, LeaseRecord mine, Instant sent_at);
  void leave_to_listing(CoreJob& job);
  void lease_answered(CoreJob& job, const LeaseRead& event);
  void claim_answered(CoreJob& job, const Status& answer);

  // nobodys_jobs.cpp: executions that nobody runs (P16).
  void handle(const NobodysClosed& event);
  void watch_open_executions();
  void close_what_nobody_runs();
  bool nobodys(const CoreJob& job) const;

  // job_running.cpp: owning, starting, stopping (P8, P10, P18, P22).
  void handle(const OwnershipReached& event);
  void handle(const RunEnded& event);
  void decide(CoreJob& job);
  void begin(CoreJob& job, Work work);
  Instant one_lease_of(CoreJob& job);
  void start_if_due(CoreJob& job);
  bool may_start(const CoreJob& job) const;
  void plan(CoreJob& job);
  void stop(CoreJob& job, std::string why);
  void stop_if_wanted(CoreJob& job);
  void remember(CoreJob& job, std::optional<LastRun> last, bool ran_now);
  void run_done(CoreJob& job, const RunOutcome& outcome);
  void run_failed(CoreJob& job, const Error& error);
  void give_back(CoreJob& job, Tell::Level level, std::string why, std::optional<Duration> for_stall = {});

  // run_watching.cpp: what bounds a run, and whether it makes progress.
  void handle(const ProgressSeen& event);
  void watch_from_start(CoreJob& job);
  void watch_run(CoreJob& job);
  void run_stalled(CoreJob& job, const CutShort& why);
  void cut_short(CoreJob& job, const CutShort& why);
  void end_stall_of_run(CoreJob& job, const Result<RunOutcome>& outcome);
  void end_stall(CoreJob& job, const char* why);

  // repository_looking.cpp: the repository (P8, P17–P19, P21, P22).
  void handle(const RepositoryLooked& event);
  void handle(const ShutdownAsked& event);
  void handle(const TimePassed& event);
  void look();
  bool looks_wanted() const;
  std::optional<Instant> away_from() const;
  void repository_failed(const Error& error);
  void repository_answered(const RepositoryView& view, Instant read_at);
  bool learn(CoreJob& job, const JobControl& seen);
  void stop_what_people_stop();
  void watch_capacity();

  // replica_view.cpp
  JobView view_of(const CoreJob& job) const;

  // job_giving.cpp: offers (P20).
  void handle(const OfferWritten& event);
  void give_one_away();
  CoreJob* idle_job_to_give();
  std::vector<Peer> peers(std::int64_t replicas) const;
  std::int64_t same_configuration() const;
  std::int64_t foreign() const;
  std::int64_t my_target() const;
  std::int64_t my_held() const;
  void follow_handover();
  void end_handover(bool done);

  struct Holder {
    std::int64_t jobs = 0;
    Instant since{};  // first seen holding any
  };

  const ReplicaSettings settings_;
  Random& random_;
  Instant now_{Instant::min()};
  Instant started_at_{};
  bool started_ = false;
  ReplicaActions actions_;

  // Jobs: those of my configuration by id from 0, and those of others with open executions.
  std::vector<std::unique_ptr<CoreJob>> jobs_;
  std::map<std::string, std::unique_ptr<CoreJob>> strangers_;
  std::unordered_map<std::string, CoreJob*> by_name_;
  std::unordered_map<int, CoreJob*> by_id_;
  int next_id_ = 0;
  std::int64_t tokens_used_ = 0;

  // Timers.
  Agenda<Instant> wake_;
  Agenda<WallTime> starts_;  // by the repository's clock

  // Leases.
  LeaseObserver observer_;
  std::set<int> renewals_due_;
  std::size_t renewing_ = 0;  // how many are under way, in one batch
  Instant renewals_sent_at_{};
  bool renewals_hang_ = false;  // it has had no answer for a lease
  RenewalCounts renewals_;
  bool listing_ = false;
  bool list_again_ = false;  // something changed since it was asked for
  bool listed_ = false;      // at least once
  Instant list_sent_at_{};
  bool store_answered_ = false;  // since my last beat
  bool store_heard_ = false;     // at least one listing was answered, if only by an error
  Outage store_outage_;
  std::string told_take_error_;
  int calls_owed_ = 0;  // by the loop that lists, reads, takes and releases
  Instant call_answered_at_{};
  bool loop_hangs_ = false;                // it has not answered anything for a lease
  std::map<std::string, Holder> holders_;  // of jobs of my configuration; not me
  bool pass_wanted_ = false;

  // The repository.
  RepositoryClock clock_;
  LiveReplicas live_;
  std::vector<OpenExecution> open_;
  bool looking_ = false;
  bool look_now_ = false;
  Instant look_sent_at_{};
  Instant view_sent_at_{Instant::min()};  // of the last look that succeeded
  bool looked_ = false;                   // the last look succeeded
  std::optional<Instant> failing_since_;
  bool away_ = false;  // for longer than a lease
  bool row_written_ = false;
  bool names_known_ = false;
  bool beat_sent_ = false;
  std::optional<Instant> beat_at_;
  std::int64_t counter_ = 0;
  std::optional<bool> short_of_tokens_;
  Outage repository_outage_;

  // Hand-over.
  std::optional<Handover> handover_;
  ReceiverBackoffs receivers_;
  bool offering_ = false;  // an offer is being written
  Instant give_at_{Instant::min()};

  CoreJob* closing_ = nullptr;
  bool leaving_ = false;
  bool leaving_told_ = false;
  bool finished_ = false;
};

}  // namespace baton
