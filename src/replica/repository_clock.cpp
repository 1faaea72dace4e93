#include "replica/repository_clock.h"

namespace baton {
namespace {

constexpr std::chrono::microseconds century = std::chrono::hours(24LL * 366 * 100);

}  // namespace

void RepositoryClock::answered(WallTime repository_now, Instant at) { reading_ = Reading{repository_now, at}; }

WallTime RepositoryClock::now(Instant now) const { return reading_->time + (now - reading_->at); }

Instant RepositoryClock::when(WallTime time) const {
  if (time > reading_->time + century) return Instant::max();
  if (time < reading_->time - century) return Instant::min();
  return reading_->at + (time - reading_->time);
}

}  // namespace baton
