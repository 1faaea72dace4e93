// Spring Batch's statuses and exit statuses, with its rules for combining them.
// Source of the rules: Spring Batch 5.2's BatchStatus and ExitStatus (values and orders only).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton {

// In Spring's order of severity.
enum class BatchStatus { completed, starting, started, stopping, stopped, failed, abandoned, unknown };

std::string_view name(BatchStatus status);  // "COMPLETED", …
std::optional<BatchStatus> parse_batch_status(std::string_view text);

// STARTING, STARTED or STOPPING.
bool is_running(BatchStatus status);

// Spring's upgradeTo: the worse one, but COMPLETED wins over STARTING and STARTED.
BatchStatus upgraded(BatchStatus status, BatchStatus other);

struct ExitStatus {
  std::string code = "UNKNOWN";
  std::string description;

  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

inline constexpr std::size_t max_exit_description = 2500;  // characters that the column holds

// The exit status that goes with a final status; descriptions are cut to what the column holds.
ExitStatus exit_status(BatchStatus status, std::string description = {});

}  // namespace baton
