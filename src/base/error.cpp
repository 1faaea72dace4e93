#include "baton/error.h"

namespace baton {

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::retry: return "retry";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::lease_lost: return "lease_lost";
    case ErrorKind::unknown_outcome: return "unknown_outcome";
    case ErrorKind::invalid: return "invalid";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

}  // namespace baton
