// Text in roff, for manual pages.
#pragma once

#include <string>

namespace baton::roff {

// Text that holds what roff would take for a request, an escape or a hyphen.
std::string escaped(const std::string& text);
std::string bold(const std::string& text);
std::string italic(const std::string& text);

}  // namespace baton::roff
