// Time zones with the rules of the system's database (Debian's tzdata).
#pragma once

#include "baton/result.h"
#include "schedule/zone.h"

#include <memory>
#include <string>

namespace baton {

// A zone by its name in the IANA database, Europe/Zurich; UTC needs no database. `invalid` with the nearest names for
// one that is unknown, and where the system has no database. Thread-safe.
//
// The database holds the changes until 2037; after that the last offset stays.
Result<std::shared_ptr<const Zone>> find_zone(const std::string& name);

}  // namespace baton
