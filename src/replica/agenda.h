// Who wants to be looked at when, by number.
#pragma once

#include <set>
#include <unordered_map>
#include <utility>

namespace baton {

// At most one time for each number. Not thread-safe.
template <class Time>
class Agenda {
 public:
  void set(int who, Time at) {
    const auto known = times_.find(who);
    if (known == times_.end()) {
      times_.emplace(who, at);
    } else {
      if (known->second == at) return;
      order_.erase({known->second, who});
      known->second = at;
    }
    order_.insert({at, who});
  }

  void erase(int who) {
    const auto known = times_.find(who);
    if (known == times_.end()) return;
    order_.erase({known->second, who});
    times_.erase(known);
  }

  bool empty() const { return order_.empty(); }

  // The earliest, by time and then by number. REQUIRES: not empty.
  const std::pair<Time, int>& first() const { return *order_.begin(); }

 private:
  std::unordered_map<int, Time> times_;
  std::set<std::pair<Time, int>> order_;
};

}  // namespace baton
