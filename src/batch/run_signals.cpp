#include "batch/run_signals.h"

#include "base/duration.h"

#include <fmt/format.h>

namespace baton {

std::string CutShort::text() const {
  if (cause == Cause::timeout) return fmt::format("timed out: it ran for longer than {}", to_text(limit));
  return fmt::format("stalled: no progress for {}", to_text(limit));
}

}  // namespace baton
