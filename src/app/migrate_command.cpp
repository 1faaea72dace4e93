// baton migrate: what the repository, the lease store and the databases that jobs write to lack is made.
#include "app/commands.h"
#include "app/listing.h"

#include <fmt/format.h>

namespace baton {

ExitCode migrate_command(const CommandContext& context) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  const auto databases = context.stores.migrate();
  if (!databases) return report(databases.error());
  Listing listing{{"database", "change"}, {}};
  for (const auto& [database, changes] : *databases) {
    for (const std::string& change : changes) listing.rows.push_back({database, change});
    if (context.json) continue;
    for (const std::string& change : changes) fmt::print("{}: {}\n", database, change);
    if (changes.empty()) fmt::print("{}: nothing to do\n", database);
  }
  if (context.json) fmt::print("{}", as_json(listing));
  return ExitCode::done;
}

}  // namespace baton
