// A ReplicaCore whose outside world is the test: time stands still until the test moves it, and the test answers.
#pragma once

#include "replica/replica_core.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace baton {

using std::chrono::milliseconds;
using std::chrono::seconds;

// When the repository's clock starts.
inline const WallTime noon{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(12)};

inline ReplicaJob job_every(const std::string& name, Duration delay) {
  return {name, Schedule{FixedDelaySchedule{delay}, Duration(0), Duration(0)}, 0, Duration(5'000)};
}

inline ReplicaJob manual_job(const std::string& name) {
  return {name, Schedule{ManualSchedule{}, Duration(0), Duration(0)}, 0, Duration(5'000)};
}

// lease 20 s, heartbeat 5 s, refresh 1 s.
inline ReplicaSettings settings_of(std::int64_t tokens, std::vector<ReplicaJob> jobs) {
  ReplicaSettings settings;
  settings.id = "me";
  settings.tokens = tokens;
  settings.config_hash = "hash";
  settings.jobs = std::move(jobs);
  return settings;
}

inline LastRun completed(std::int64_t instance, WallTime ended) {
  LastRun last;
  last.instance = last.execution = instance;
  last.status = BatchStatus::completed;
  last.ended = ended;
  return last;
}

inline LastRun unfinished_run(BatchStatus status, EndedBy ended_by, WallTime ended, int failures = 0) {
  LastRun last = completed(1, ended);
  last.status = status;
  last.ended_by = ended_by;
  last.unfinished = true;
  last.failures = failures;
  return last;
}

inline RunOutcome launched(const LastRun& last) {
  RunOutcome outcome;
  outcome.last = last;
  outcome.execution.emplace();
  outcome.execution->id = last.execution;
  return outcome;
}

class ScriptedReplica {
 public:
  explicit ScriptedReplica(ReplicaSettings settings) : settings_(std::move(settings)), core(settings_, random_) {
    for (const ReplicaJob& job : settings_.jobs) {
      JobControl control;
      control.job = job.name;
      control.first_seen = noon;
      view.jobs.push_back(control);
    }
  }

  // The event's actions are added to those that nobody has taken yet.
  void on(const ReplicaEvent& event) {
    for (ReplicaAction& action : core.on(event, now)) actions.push_back(std::move(action));
  }

  void pass(Duration time) {
    const Instant until = now + time;
    while (core.next_at() <= until) {
      now = std::max(now, core.next_at());
      on(TimePassed{});
      ASSERT_GT(core.next_at(), now) << "it would spin";
      if (answers_alone) answer_stores();
    }
    now = until;
  }

  // Takes the actions of one kind, in order.
  template <class Action>
  std::vector<Action> take() {
    std::vector<Action> found;
    std::vector<ReplicaAction> others;
    for (ReplicaAction& action : actions) {
      if (auto* one = std::get_if<Action>(&action)) {
        found.push_back(std::move(*one));
      } else {
        others.push_back(std::move(action));
      }
    }
    actions = std::move(others);
    return found;
  }

  // The only action of its kind.
  template <class Action>
  Action one() {
    std::vector<Action> found = take<Action>();
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? Action{} : found.front();
  }

  WallTime repository_now() const { return noon + (now - start); }

  void answer_look() {
    one<LookAtRepository>();
    look_answered();
  }
  void look_answered() {
    view.now = repository_now();
    on(RepositoryLooked{view});
  }

  // Answers listings, looks, takes, renewals and releases as healthy stores would, until none is asked for.
  void answer_stores() {
    for (bool any = true; any;) {
      any = false;
      for (const RenewLeases& renewal : take<RenewLeases>()) any = answered(renewal);
      for (const TakeLease& one : take<TakeLease>()) any = answered(one);
      for (const ReadLease& read : take<ReadLease>()) {
        any = true;
        const auto found = leases.find(read.key);
        on(LeaseRead{read.key, found == leases.end() ? std::nullopt : std::optional(found->second)});
      }
      for (const ReleaseLease& release : take<ReleaseLease>()) {
        any = true;
        leases.at(release.key).released = true;
        on(LeaseReleased{release.key, {}});
      }
      if (!take<ListLeases>().empty()) {
        any = true;
        on(LeasesListed{listing()});
      }
      if (const auto looks = take<LookAtRepository>(); !looks.empty() && repository_answers) {
        any = true;
        if (looks.front().beat) beats.push_back(*looks.front().beat);
        look_answered();
      }
    }
  }

  // Healthy stores, and every job that can be owned is, with these last runs.
  void own_all(const std::map<std::string, LastRun>& last = {}) {
    on(TimePassed{});
    answer_stores();
    own(last);
  }
  void own(const std::map<std::string, LastRun>& last = {}) {
    for (const BecomeOwner& become : take<BecomeOwner>()) {
      const auto found = last.find(become.job);
      on(OwnershipReached{become.job, found == last.end() ? std::nullopt : std::optional(found->second)});
    }
    answer_stores();
  }

  std::vector<LeaseRecord> listing() const {
    std::vector<LeaseRecord> records;
    for (const auto& [key, record] : leases) records.push_back(record);
    return records;
  }

  void held_by(const std::string& owner, const std::string& key, const std::string& version = "v1",
               Duration duration = Duration(20'000)) {
    leases[key] = LeaseRecord{key, owner, duration, version, false, std::nullopt};
  }
  void released_by(const std::string& owner, const std::string& key) {
    held_by(owner, key, "r");
    leases[key].released = true;
  }

  JobControl& control(const std::string& job) {
    for (JobControl& control : view.jobs) {
      if (control.job == job) return control;
    }
    ADD_FAILURE() << "no job " << job;
    return view.jobs.front();
  }

  // A replica with the same configuration that has just beaten.
  ReplicaRow& replica(const std::string& id, std::int64_t tokens) {
    for (ReplicaRow& row : view.replicas) {
      if (row.id == id) return row;
    }
    ReplicaRow row;
    row.id = id;
    row.tokens = tokens;
    row.config_hash = "hash";
    row.heartbeat = Duration(5'000);
    row.started = row.beat = repository_now();
    view.replicas.push_back(row);
    return view.replicas.back();
  }
  void beat(const std::string& id) {
    ReplicaRow& row = replica(id, 1);
    ++row.counter;
    row.beat = repository_now();
  }

  std::vector<std::string> told(Tell::Level level) {
    std::vector<std::string> texts;
    for (const Tell& tell : take<Tell>()) {
      if (tell.level == level) texts.push_back(tell.text);
    }
    return texts;
  }

 private:
  bool answered(const RenewLeases& renewal) {
    LeasesRenewed event;
    for (const LeaseRenewal& one : renewal.renewals) {
      event.keys.push_back(one.key);
      LeaseRecord& record = leases[one.key];
      if (store_is_full) {
        event.answers.push_back(fail(ErrorKind::invalid, "disk full"));
        continue;
      }
      const bool mine = record.owner_name == one.owner_name && record.version == one.version && !record.released;
      if (mine) record.version = one.new_version;
      event.answers.push_back(mine ? Status{} : Status(fail(ErrorKind::conflict, "not yours")));
    }
    on(event);
    return true;
  }

  bool answered(const TakeLease& take) {
    const auto found = leases.find(take.mine.key);
    const auto there = found == leases.end() ? std::nullopt : std::optional(found->second);
    if (there == take.seen) leases[take.mine.key] = take.mine;
    on(LeaseTaken{take.mine.key, there == take.seen ? Status{} : Status(fail(ErrorKind::conflict, "changed"))});
    return true;
  }

  SeededRandom random_{1};
  ReplicaSettings settings_;

 public:
  ReplicaCore core;
  const Instant start{std::chrono::hours(1)};
  Instant now = start;
  std::vector<ReplicaAction> actions;
  RepositoryView view;
  std::map<std::string, LeaseRecord> leases;
  std::vector<ReplicaRow> beats;
  bool answers_alone = true;  // pass() answers the stores
  bool repository_answers = true;
  bool store_is_full = false;  // it lists and reads, and renews nothing
};

}  // namespace baton
