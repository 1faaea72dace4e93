#include "tests/interop/hold_judge.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace baton {
namespace {

std::string side_of(const std::string& hold) { return hold.substr(0, hold.find('-')); }

}  // namespace

bool HoldJudge::accepts(const HoldCommit& commit, std::chrono::nanoseconds now) {
  Lock& lock = locks_[commit.key];
  if (now >= commit.deadline) {
    ++refused_;
    return false;
  }
  ++accepted_;
  if (lock.hold != commit.hold) enter(lock, commit, now);
  all_[lock.index].last = now;
  lock.deadline = commit.deadline;
  lock.open = commit.what != "leave";
  return true;
}

void HoldJudge::enter(Lock& lock, const HoldCommit& commit, std::chrono::nanoseconds now) {
  if (lock.over.contains(commit.hold)) {
    overlaps_.push_back(fmt::format("{}: {} of {} came after {} had become its holder", commit.key, commit.what,
                                    commit.hold, lock.hold));
  }
  if (lock.open && now < lock.deadline) {
    overlaps_.push_back(fmt::format("{}: {} became its holder {} before the trust of {} ended", commit.key, commit.hold,
                                    lock.deadline - now, lock.hold));
  }
  ++holds_[side_of(commit.hold)];
  if (!lock.hold.empty()) {
    if (side_of(lock.hold) != side_of(commit.hold)) ++changes_of_side_;
    lock.over.insert(lock.hold);
  }
  lock.hold = commit.hold;
  lock.index = all_.size();
  all_.push_back({commit.key, commit.hold, now, now});
}

}  // namespace baton
