// A zone as a list of changes, and the zones of the tests.
#pragma once

#include "schedule/zone.h"

#include <string>
#include <utility>
#include <vector>

namespace baton::testing_schedule {

using std::chrono::sys_seconds;

// A local time, "2026-03-29 02:30:00"; as an instant: of UTC.
LocalSeconds local(const std::string& text);
sys_seconds instant(const std::string& text);
std::string shown(sys_seconds instant);

struct OffsetChange {
  sys_seconds at;
  std::chrono::seconds offset;  // of local time to UTC from then on
};

// Written apart from what it tests: it asks each of the offsets instead of searching.
class TransitionZone : public Zone {
 public:
  TransitionZone(std::string name, std::chrono::seconds first, std::vector<OffsetChange> changes)
      : name_(std::move(name)), first_(first), changes_(std::move(changes)) {}

  const std::string& name() const override { return name_; }
  const std::vector<OffsetChange>& changes() const { return changes_; }
  LocalSeconds to_local(sys_seconds time) const override;
  std::vector<sys_seconds> instants_of(LocalSeconds local) const override;
  sys_seconds end_of_gap(LocalSeconds local) const override;

 private:
  std::chrono::seconds offset_at(sys_seconds time) const;

  std::string name_;
  std::chrono::seconds first_;
  std::vector<OffsetChange> changes_;
};

const TransitionZone& berlin();     // 2026: 02:00 → 03:00 and 03:00 → 02:00
const TransitionZone& lord_howe();  // half an hour: 2026-04-05 02:00 → 01:30, 2026-10-04 02:00 → 02:30
const TransitionZone& havana();     // at midnight: 2026-03-08 00:00 → 01:00, 2026-11-01 01:00 → 00:00
const TransitionZone& apia();       // left out 2011-12-30
const TransitionZone& sao_paulo();  // 2018: 00:00 → 01:00 on 2018-11-04, 00:00 → 23:00 of the day before on 2019-02-17

}  // namespace baton::testing_schedule
