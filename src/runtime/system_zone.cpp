#include "runtime/system_zone.h"

#include "base/suggestion.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <exception>

namespace baton {
namespace {

using std::chrono::sys_seconds;

class SystemZone : public Zone {
 public:
  // Reads the zone's rules, so that no later call does. Throws where they cannot be read.
  explicit SystemZone(const date::time_zone& rules) : name_(rules.name()), rules_(rules) {
    (void)rules_.get_info(sys_seconds{});
  }

  const std::string& name() const override { return name_; }

  LocalSeconds to_local(sys_seconds time) const override {
    return LocalSeconds(time.time_since_epoch() + rules_.get_info(time).offset);
  }

  std::vector<sys_seconds> instants_of(LocalSeconds local) const override {
    const date::local_info info = at(local);
    switch (info.result) {
      case date::local_info::unique: return {instant(local, info.first)};
      case date::local_info::ambiguous: return {instant(local, info.first), instant(local, info.second)};
      default: return {};
    }
  }

  sys_seconds end_of_gap(LocalSeconds local) const override { return at(local).second.begin; }

 private:
  date::local_info at(LocalSeconds local) const {
    return rules_.get_info(date::local_seconds(local.time_since_epoch()));
  }

  static sys_seconds instant(LocalSeconds local, const date::sys_info& info) {
    return sys_seconds(local.time_since_epoch() - info.offset);
  }

  std::string name_;
  const date::time_zone& rules_;  // the database is never unloaded
};

// What comes after the last slash: people often know the city only.
std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

std::string suggested(const std::string& name, const date::tzdb& database) {
  std::vector<std::string> names;
  std::vector<std::string> last_parts;
  for (const date::time_zone& zone : database.zones) {
    names.push_back(zone.name());
    last_parts.push_back(last_part(zone.name()));
  }
  const auto city = nearest(last_part(name), last_parts);
  for (std::size_t i = 0; city && i < names.size(); ++i) {
    const bool is_same_name = edit_distance(last_part(name), *city) == 0;
    if (is_same_name && last_parts[i] == *city) return fmt::format(", did you mean `{}`?", names[i]);
  }
  return did_you_mean(name, names);
}

}  // namespace

Result<std::shared_ptr<const Zone>> find_zone(const std::string& name) {
  if (name == utc()->name()) return utc();
  try {
    const date::tzdb& database = date::get_tzdb();
    for (const date::time_zone& zone : database.zones) {
      if (zone.name() == name) return std::make_shared<const SystemZone>(zone);
    }
    const std::string hint = suggested(name, database);
    return fail(ErrorKind::invalid, fmt::format("there is no time zone `{}`{} a name of the IANA database, such as UTC "
                                                "or Europe/Berlin",
                                                name, hint.empty() ? ": expected" : hint + " Expected"));
  } catch (const std::exception& error) {
    return fail(ErrorKind::invalid, fmt::format("the time zone `{}` cannot be read from the system's database: {}; "
                                                "install the package tzdata, or use UTC",
                                                name, error.what()));
  }
}

}  // namespace baton
