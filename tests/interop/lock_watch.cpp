#include "tests/interop/lock_watch.h"

#include "runtime/system_clock.h"
#include "tests/interop/lock_peer.h"

#include <regex>
#include <utility>

namespace baton {
namespace {

constexpr Duration pause(20);

std::chrono::nanoseconds now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
}

std::string without_uuid(const std::string& owner) {
  static const std::regex uuid("-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$");
  return std::regex_replace(owner, uuid, "");
}

}  // namespace

LockWatch::LockWatch(LockTable table)
    : thread_([this, table = std::move(table)](const std::stop_token& stop) { look_again_and_again(stop, table); }) {}

void LockWatch::look_again_and_again(const std::stop_token& stop, const LockTable& table) {
  SystemClock clock;
  LockPeer peer(LockSide::baton, table, {});
  while (!stop.stop_requested()) {
    LockSight sight{now(), {}, {}};
    const nlohmann::json locks = peer.locks();
    for (const auto& [key, lock] : locks.items()) {
      if (!lock.value("released", false)) sight.owners[key] = without_uuid(lock.value("owner", ""));
    }
    sight.ended = now();
    {
      const std::lock_guard guard(mutex_);
      owners_ = sight.owners;
      timeline_.add(std::move(sight));
    }
    clock.wait_until(clock.now() + pause, stop);
  }
}

std::vector<std::string> LockWatch::locks_of(const std::string& owner) const {
  const std::lock_guard guard(mutex_);
  std::vector<std::string> locks;
  for (const auto& [lock, holder] : owners_) {
    if (holder == owner) locks.push_back(lock);
  }
  return locks;
}

const LockTimeline& LockWatch::end() {
  thread_ = {};
  return timeline_;
}

}  // namespace baton
