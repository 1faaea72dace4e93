// Binary attributes in JSON (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton {

std::string to_base64(std::string_view bytes);

// Empty if the text is not base64 with its padding.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace baton
