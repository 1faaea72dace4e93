// Who asks, as it is recorded in pauses and requests.
#pragma once

#include <string>

namespace baton {

// user@host.
std::string person();

}  // namespace baton
