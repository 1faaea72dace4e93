// Where a replica says that it serves metrics and health.
#pragma once

#include <optional>
#include <string>

namespace baton {

// By its log; absent where that does not say so yet: a log that is read as it comes may end amid the number.
inline std::optional<int> served_port(const std::string& log) {
  const std::string before = "metrics and health at http://127.0.0.1:";
  const auto at = log.find(before);
  if (at == std::string::npos || log.find('/', at + before.size()) == std::string::npos) return std::nullopt;
  return std::stoi(log.substr(at + before.size()));
}

}  // namespace baton
