#include "batch/status.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

constexpr std::array<std::string_view, 8> names{"COMPLETED", "STARTING", "STARTED",   "STOPPING",
                                                "STOPPED",   "FAILED",   "ABANDONED", "UNKNOWN"};

// The first `limit` bytes, without cutting a character in two.
std::string cut(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  text.resize(limit);
  return text;
}

}  // namespace

std::string_view name(BatchStatus status) { return names[static_cast<std::size_t>(status)]; }

std::optional<BatchStatus> parse_batch_status(std::string_view text) {
  const auto* found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<BatchStatus>(found - names.begin());
}

bool is_running(BatchStatus status) {
  return status == BatchStatus::starting || status == BatchStatus::started || status == BatchStatus::stopping;
}

BatchStatus upgraded(BatchStatus status, BatchStatus other) {
  if (status > BatchStatus::started || other > BatchStatus::started) return std::max(status, other);
  if (status == BatchStatus::completed || other == BatchStatus::completed) return BatchStatus::completed;
  return std::max(status, other);
}

ExitStatus exit_status(BatchStatus status, std::string description) {
  return {std::string(is_running(status) ? "EXECUTING" : name(status)),
          cut(std::move(description), max_exit_description)};
}

}  // namespace baton
