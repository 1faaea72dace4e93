// baton alerts.
#include "app/commands.h"
#include "app/listing_values.h"

#include <fmt/format.h>

namespace baton {

ExitCode alerts_command(const CommandContext& context, std::int64_t limit) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  Listing listing{{"kind", "subject", "first_seen", "last_seen", "seen", "resolved_at", "message"}, {}};
  const auto repository = context.stores.find_repository(RepositoryAccess::read_only);
  if (!repository) return report(repository.error());
  if (*repository != nullptr) {
    const auto alerts = (*repository)->alerts().recent(limit);
    if (!alerts) return report(alerts.error());
    for (const Alert& alert : *alerts) {
      listing.rows.push_back({alert.kind, text_value(alert.subject), time_value(alert.first_seen),
                              time_value(alert.last_seen), alert.count, time_value(alert.resolved), alert.text});
    }
  }
  if (!context.json && listing.rows.empty()) {
    fmt::print("no alerts\n");
    return ExitCode::done;
  }
  fmt::print("{}", context.json ? as_json(listing) : as_text(listing));
  return ExitCode::done;
}

}  // namespace baton
