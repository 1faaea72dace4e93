// Writes what monitoring found into the job repository, and tells those who are to be told: once, whoever else found
// it.
#pragma once

#include "app/log.h"
#include "app/stores.h"
#include "replica/replica_events.h"
#include "runtime/errands.h"
#include "runtime/notice_queue.h"

#include <functional>
#include <memory>
#include <vector>

namespace baton {

// Thread-safe. What is given outlives it.
class AlertDesk {
 public:
  AlertDesk(const Config& config, const Stores& stores, Clock& clock, Log& log);
  AlertDesk(const AlertDesk&) = delete;
  AlertDesk& operator=(const AlertDesk&) = delete;
  // Waits a moment for what is to be told.
  ~AlertDesk();

  // Writes the changes over the caller's connection and tells of those that took effect.
  Status write(Alerts& alerts, const std::vector<AlertChange>& changes);

  // A run of this process makes no progress, or does again, or has ended. Returns at once; tried again while the
  // repository is away.
  void note(const NoteStall& stall);

 private:
  Status write_stall(const NoteStall& stall);

  const Stores& stores_;
  Clock& clock_;
  Log& log_;
  const Duration refresh_;
  NoticeQueue queue_;
  std::unique_ptr<Repository> repository_;  // of the errands' thread
  std::stop_source stop_;
  Errands errands_;
};

}  // namespace baton
