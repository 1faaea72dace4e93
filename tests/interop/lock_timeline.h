// Who held each lock of a table when, from looks at the table one after the other, and whether a commit was made by one
// who held its job's lock at that moment.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace baton {

// Times since the epoch of one clock.
struct LockSight {
  std::chrono::nanoseconds begun;
  std::chrono::nanoseconds ended;
  std::map<std::string, std::string> owners;  // by lock; a lock that nobody holds is absent
};

struct OwnerChange {
  std::string from;                 // the owner before
  std::string to;                   // the next owner
  std::chrono::nanoseconds last;    // when the look began that saw the one before for the last time
  std::chrono::nanoseconds first;   // when the look ended that saw the next one first
  std::chrono::nanoseconds nobody;  // from the first look that saw no owner to the last one: 0 where none did
};

// Not thread-safe.
class LockTimeline {
 public:
  // One after the other.
  void add(LockSight sight);

  std::size_t sights() const { return sights_.size(); }
  // The owners of a lock, one after the other.
  std::vector<std::string> owners(const std::string& lock) const;
  std::vector<OwnerChange> changes(const std::string& lock) const;

  // Whether the last look before `at`, the first one after it, or one that was under way saw that owner. Who takes a
  // lock and lets go of it between two looks is none.
  bool may_have_held(const std::string& lock, const std::string& owner, std::chrono::nanoseconds at) const;

 private:
  std::vector<LockSight> sights_;
};

}  // namespace baton
