// Writes what monitoring found into the job repository, and tells those who are to be told: once, whoever else found
// it. When they were told is written there too, so that another one tells them if this process dies before.
#pragma once

#include "app/commands.h"
#include "monitor/alert_lifecycle.h"
#include "monitor/notices_under_way.h"
#include "replica/replica_events.h"
#include "runtime/errands.h"
#include "runtime/notice_queue.h"
#include "runtime/work_left.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace baton {

// Thread-safe. What is given outlives it.
class AlertDesk {
 public:
  AlertDesk(const CommandContext& context, std::string replica, const NoticeLimits& limits = {});
  AlertDesk(const AlertDesk&) = delete;
  AlertDesk& operator=(const AlertDesk&) = delete;
  // Waits a moment for what is to be told.
  ~AlertDesk();

  // Lends the desk's own session with the repository, to one caller at a time. What the work said, or the opening of
  // the repository; after an error the next call opens it anew.
  Status with_repository(const std::function<Status(Repository&)>& work);

  // Writes what follows from the findings, given the open alerts, over the caller's connection, and tells of what took
  // effect. `rules` say what is over; when to remind, and who tells, the desk knows.
  Status write(Alerts& alerts, const std::vector<Alert>& open, const std::vector<FoundTrouble>& findings,
               AlertRules rules, WallTime now);

  // Tells what replicas that are gone were to tell and did not, and what this one was to tell and does not know of.
  Status tell_for_others(Alerts& alerts, const std::vector<ReplicaRow>& replicas, WallTime now);

  // Returns at once.
  void tell(const std::vector<Notice>& notices) { queue_.tell(notices); }

  // A run of this process makes no progress, or does again, or has ended. Returns at once; tried again while the
  // repository is away.
  void note(const NoteStall& stall);

 private:
  // In the errands' thread, until it succeeds.
  void write_later(const std::string& about, std::function<Status(Repository&)> work);
  Status write_stall(Repository& repository, const NoteStall& stall);
  // False: the end of the alert was refused.
  Result<bool> try_write_stall(Repository& repository, const NoteStall& stall);
  Result<std::vector<bool>> write(Alerts& alerts, const std::vector<AlertChange>& changes);
  // Those of them that were not under way, and now are.
  std::vector<Notice> take_on(std::vector<Notice> notices);
  void leave(const std::vector<Notice>& notices);
  void finished(const Notice& notice);

  const CommandContext& context_;
  const std::string replica_;
  const Duration refresh_;
  std::mutex lent_;
  std::unique_ptr<Repository> repository_;
  std::mutex under_way_mutex_;
  NoticesUnderWay under_way_;
  std::stop_source stop_;
  WorkLeft to_write_;  // errands
  Errands errands_;
  NoticeQueue queue_;
};

}  // namespace baton
