// What a database would say of commits that are made under locks: refused past the deadline that comes with each (P12's
// guard), else accepted; and whether what was accepted shows two holders of one lock at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace baton {

struct HoldCommit {
  std::string what;  // "enter", "commit" or "leave"
  std::string key;
  std::string hold;                   // SIDE-NUMBER/COUNT, its own for each time a lock is held
  std::chrono::nanoseconds deadline;  // on CLOCK_MONOTONIC: until when its holder trusts the lock, as it is now
};

// From the first accepted commit of a holder to its last.
struct JudgedHold {
  std::string key;
  std::string hold;
  std::chrono::nanoseconds entered;
  std::chrono::nanoseconds last;
};

// Not thread-safe.
class HoldJudge {
 public:
  // True if it is accepted. One moment after another.
  bool accepts(const HoldCommit& commit, std::chrono::nanoseconds now);

  const std::vector<JudgedHold>& all() const { return all_; }
  // Each pair of holders that overlapped, for people.
  const std::vector<std::string>& overlaps() const { return overlaps_; }
  std::size_t accepted() const { return accepted_; }
  std::size_t refused() const { return refused_; }
  // How often each side became a lock's holder, and how often after the other side.
  std::map<std::string, std::size_t> holds() const { return holds_; }
  std::size_t changes_of_side() const { return changes_of_side_; }

 private:
  struct Lock {
    std::string hold;
    std::chrono::nanoseconds deadline{};
    bool open = false;
    std::size_t index = 0;  // in all_
    std::set<std::string> over;
  };

  void enter(Lock& lock, const HoldCommit& commit, std::chrono::nanoseconds now);

  std::map<std::string, Lock> locks_;
  std::vector<JudgedHold> all_;
  std::map<std::string, std::size_t> holds_;
  std::vector<std::string> overlaps_;
  std::size_t accepted_ = 0;
  std::size_t refused_ = 0;
  std::size_t changes_of_side_ = 0;
};

}  // namespace baton
