// Arrays as parameters of statements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

// For $1::bigint[] and $1::text[].
std::string array_parameter(const std::vector<std::int64_t>& numbers);
std::string array_parameter(const std::vector<std::string>& texts);

}  // namespace baton
