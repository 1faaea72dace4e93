// Looks at a running replica from other threads, without a call of a store, and without waiting for a replica that
// hangs.
#pragma once

#include "replica/replica_view.h"

#include <functional>
#include <memory>
#include <mutex>

namespace baton {

// Thread-safe.
class ReplicaWatch {
 public:
  // As of the last tick of the thread that decides; before the first one it is not ready.
  ReplicaPulse pulse() const;

  // Where the replica hangs, one caller waits for it, and the others have what was seen last.
  std::shared_ptr<const ReplicaView> view() const;

  // The replica's side. While it is attached, `look` is called on the threads that want a view.
  void attach(std::function<ReplicaView()> look);
  void detach();
  void ticked(const ReplicaPulse& pulse);

 private:
  mutable std::mutex looking_;  // during a call of look_
  std::function<ReplicaView()> look_;

  mutable std::mutex mutex_;
  ReplicaPulse pulse_;
  mutable std::shared_ptr<const ReplicaView> seen_ = std::make_shared<ReplicaView>();
};

// True if the thread that decides took a step of late, as it does every second, whatever the stores do; and no call of
// the lease store hangs for that long and a lookup. A store that is away does not make them hang: each call has a
// timeout, beyond which only the system looks up names, with timeouts of its own.
bool loops_tick(const ReplicaPulse& pulse, Duration live_within, Instant now);

inline constexpr Duration between_ticks{1'000};
inline constexpr Duration longest_lookup{60'000};  // of a name; three servers that are away take half of it

}  // namespace baton
