#include "schedule/zone.h"

namespace baton {
namespace {

class UtcZone : public Zone {
 public:
  const std::string& name() const override { return name_; }

  LocalSeconds to_local(std::chrono::sys_seconds time) const override { return LocalSeconds(time.time_since_epoch()); }

  std::vector<std::chrono::sys_seconds> instants_of(LocalSeconds local) const override { return {instant(local)}; }

  std::chrono::sys_seconds end_of_gap(LocalSeconds local) const override { return instant(local); }

 private:
  static std::chrono::sys_seconds instant(LocalSeconds local) {
    return std::chrono::sys_seconds(local.time_since_epoch());
  }

  std::string name_ = "UTC";
};

}  // namespace

std::shared_ptr<const Zone> utc() {
  static const auto zone = std::make_shared<const UtcZone>();
  return zone;
}

}  // namespace baton
