// The owner names of clients that take locks only to see whether somebody holds them (global monitoring), and give them
// back at once. What such a client holds counts as free, and its release is no owner's.
#pragma once

#include <string>
#include <string_view>

namespace baton {

inline constexpr std::string_view probe_suffix = "/probe";

// `client` is unique per process start and probe.
inline std::string probe_name(const std::string& client) { return client + std::string(probe_suffix); }

inline bool is_probe(std::string_view owner_name) { return owner_name.ends_with(probe_suffix); }

}  // namespace baton
