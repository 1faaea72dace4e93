#include "config/build_config.h"

#include <fmt/format.h>

namespace baton {
namespace {

// What was put in for ${…} may come from a secret: then neither it nor a message that repeats it is shown.
std::string shown_problem(const YamlNode& node, const std::string& key, const std::string& expected,
                          const std::string& message) {
  if (!node.substituted) return message;
  return fmt::format("what replaces the reference in `{}` is wrong: expected {}", key, expected);
}

std::optional<CronSchedule> build_cron(const YamlNode& map, const std::string& key, const BuildContext& context) {
  const YamlNode& text = *get(&map, "cron");
  const auto zone = build_zone(&map, key + ".zone", context);
  auto cron = Cron::parse(text.text);
  if (cron) return CronSchedule{std::move(*cron), zone};
  context.problems.add(text.at, shown_problem(text, key + ".cron",
                                              "six fields of a cron expression (second, minute, hour, day of month, "
                                              "month, day of week) that come together at some time",
                                              cron.error().message));
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const Zone> build_zone(const YamlNode* map, const std::string& key, const BuildContext& context) {
  const YamlNode* name = get(map, "zone");
  if (name == nullptr || name->text == utc()->name()) return utc();
  const auto zone = context.sources.find_zone
                        ? context.sources.find_zone(name->text)
                        : fail(ErrorKind::invalid, fmt::format("there is no time zone `{}`: expected UTC", name->text));
  if (zone) return *zone;
  context.problems.add(name->at, shown_problem(*name, key, "a time zone of the IANA database, such as Europe/Berlin",
                                               zone.error().message));
  return utc();
}

Placed<Schedule> build_schedule(const YamlNode* node, const std::string& job, const BuildContext& context) {
  if (node == nullptr) return {Schedule{}, context.default_place()};
  Placed<Schedule> schedule{Schedule{}, context.place(*node)};
  if (get(node, "fixed_delay") != nullptr) {
    schedule.value.when = FixedDelaySchedule{duration_or(node, "fixed_delay", Duration(0))};
  } else if (get(node, "fixed_rate") != nullptr) {
    schedule.value.when = FixedRateSchedule{duration_or(node, "fixed_rate", Duration(0))};
  } else if (get(node, "cron") != nullptr) {
    auto cron = build_cron(*node, fmt::format("jobs.{}.schedule", job), context);
    if (cron) schedule.value.when = std::move(*cron);
  }
  schedule.value.initial_delay = duration_or(node, "initial_delay", Duration(0));
  schedule.value.jitter = duration_or(node, "jitter", Duration(0));
  return schedule;
}

}  // namespace baton
