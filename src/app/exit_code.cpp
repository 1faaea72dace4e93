#include "app/exit_code.h"

#include <algorithm>
#include <array>

namespace baton {

ExitCode exit_code(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid: return ExitCode::wrong_config;
    case ErrorKind::internal: return ExitCode::job_failed;
    default: return ExitCode::for_now;
  }
}

ExitCode worst(ExitCode a, ExitCode b) {
  constexpr std::array order{ExitCode::done, ExitCode::for_now, ExitCode::job_failed, ExitCode::wrong_usage,
                             ExitCode::wrong_config};
  const auto rank = [&](ExitCode code) { return std::find(order.begin(), order.end(), code); };
  return *std::max(rank(a), rank(b));
}

}  // namespace baton
