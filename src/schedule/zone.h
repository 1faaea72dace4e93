// A time zone, as schedules need it. The rules come from the system's database; whoever makes a Zone reads that.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace baton {

using LocalSeconds = std::chrono::local_seconds;

// Immutable, and so thread-safe.
class Zone {
 public:
  Zone() = default;
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
  virtual ~Zone() = default;

  virtual const std::string& name() const = 0;  // of the IANA database

  // What clocks in the zone show then.
  virtual LocalSeconds to_local(std::chrono::sys_seconds time) const = 0;

  // The instants at which they show `local`, in order: one; two where clocks are set back over it; none where they
  // skip it.
  virtual std::vector<std::chrono::sys_seconds> instants_of(LocalSeconds local) const = 0;

  // Where `local` is skipped: the first instant after the gap. REQUIRES: instants_of(local) is empty.
  virtual std::chrono::sys_seconds end_of_gap(LocalSeconds local) const = 0;
};

// UTC, which needs no database.
std::shared_ptr<const Zone> utc();

}  // namespace baton
