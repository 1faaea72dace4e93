#include "postgres/change_listener.h"
#include "postgres/connection.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace baton {

// A channel's name is at most 63 bytes, as a schema's is.
std::string change_channel(const std::string& schema) {
  const std::string prefix = "baton_";
  if (prefix.size() + schema.size() <= 63) return prefix + schema;
  return prefix + fmt::format("{:016x}", XXH64(schema.data(), schema.size(), 0));
}

std::string notify_call(const std::string& schema, PgChange change) {
  return fmt::format("pg_notify({}, '{}')", PgConnection::quoted_text(change_channel(schema)),
                     change == PgChange::leases ? "leases" : "repository");
}

}  // namespace baton
