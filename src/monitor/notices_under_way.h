// The notices that a process has taken on: those it writes, tells, or has told before that is recorded. What the
// repository says it is to tell and is not among them was lost on the way: nobody heard that it was written, or there
// was no room for it.
#pragma once

#include "monitor/alert_lifecycle.h"

#include <set>
#include <string>
#include <tuple>

namespace baton {

// Not thread-safe.
class NoticesUnderWay {
 public:
  // False: it is among them already.
  bool add(const Notice& notice) { return keys_.insert(key_of(notice)).second; }
  void remove(const Notice& notice) { keys_.erase(key_of(notice)); }
  bool contains(const Notice& notice) const { return keys_.contains(key_of(notice)); }

 private:
  using Key = std::tuple<Notice::Event, std::string, std::string, WallTime, WallTime>;

  // An alert begins once, however late that is told.
  static Key key_of(const Notice& notice) {
    const Alert& alert = notice.alert;
    const bool begun = notice.event == Notice::Event::begun;
    return {notice.event, alert.kind, alert.subject, alert.first_seen, begun ? alert.first_seen : alert.notified};
  }

  std::set<Key> keys_;
};

}  // namespace baton
