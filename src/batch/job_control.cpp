#include "batch/job_control.h"

#include <array>

namespace baton {
namespace {

constexpr std::array<std::string_view, 4> request_kind_names{"run", "restart", "abandon", "restart --from-start"};

}  // namespace

std::string_view name(RequestKind kind) { return request_kind_names[static_cast<std::size_t>(kind)]; }

std::optional<RequestKind> parse_request_kind(std::string_view text) {
  for (std::size_t i = 0; i < request_kind_names.size(); ++i) {
    if (request_kind_names[i] == text) return static_cast<RequestKind>(i);
  }
  return std::nullopt;
}

}  // namespace baton
