// Which other replicas live, judged by observation (P19): a row's counter must be seen to change within three of its
// heartbeats on our own clock.
#pragma once

#include "base/clock.h"
#include "batch/replicas.h"

#include <map>
#include <string>
#include <vector>

namespace baton {

// Not thread-safe.
class LiveReplicas {
 public:
  explicit LiveReplicas(std::string own_id) : own_id_(std::move(own_id)) {}

  // `rows` are all that there are; `repository_now` is the repository's clock as of them. A row at first sight lives if
  // its beat is young enough by the repository's own clock; of an older one a change must be seen.
  void observe(const std::vector<ReplicaRow>& rows, WallTime repository_now, Instant now);

  // A lease of this one has run out under our eyes: it is not live until its counter changes again.
  void presume_dead(const std::string& id);

  // True if there is a row, live or not; also for my own id.
  bool has_row(const std::string& id) const { return id == own_id_ || sights_.contains(id); }
  bool live(const std::string& id, Instant now) const;

  // Of the others, those that live now and are not leaving, by id. Valid until the next observe().
  std::vector<const ReplicaRow*> others(Instant now) const;

 private:
  struct Sight {
    ReplicaRow row;
    Instant live_until;
  };

  std::string own_id_;
  std::map<std::string, Sight> sights_;
};

}  // namespace baton
