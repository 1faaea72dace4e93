// baton doctor: what stands in the way of the configuration's jobs, before they meet it.
#include "app/commands.h"
#include "app/doctor_look.h"
#include "app/listing_values.h"
#include "app/text_width.h"

#include <fmt/format.h>

namespace baton {
namespace {

std::string_view level_name(FindingLevel level) {
  switch (level) {
    case FindingLevel::ok: return "ok";
    case FindingLevel::warning: return "warning";
    case FindingLevel::error: return "error";
  }
  return "ok";
}

ExitCode code_of(const Finding& finding) {
  if (finding.level != FindingLevel::error) return ExitCode::done;
  return finding.for_now ? ExitCode::for_now : ExitCode::wrong_config;
}

std::string line_of(const Finding& finding) {
  std::string line = fmt::format("{:<7}  {}: {}", level_name(finding.level), finding.where, finding.what);
  if (!finding.remedy.empty()) line += "; " + finding.remedy;
  return without_controls(std::move(line));
}

}  // namespace

ExitCode doctor_command(const CommandContext& context) {
  ExitCode worst_of_all = ExitCode::done;
  Listing listing{{"level", "where", "what", "remedy", "exit_code"}, {}};
  for (const Finding& finding : look_around(context.config, context.stores, context.natives, context.clock)) {
    worst_of_all = worst(worst_of_all, code_of(finding));
    listing.rows.push_back({std::string(level_name(finding.level)), finding.where, finding.what,
                            text_value(finding.remedy), static_cast<std::int64_t>(code_of(finding))});
    if (!context.json) fmt::print("{}\n", line_of(finding));
  }
  if (context.json) fmt::print("{}", as_json(listing));
  return worst_of_all;
}

}  // namespace baton
