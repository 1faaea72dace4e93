// "Did you mean …?"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// The least number of characters to insert, delete, replace, or swap with their neighbour (optimal string alignment),
// upper and lower case being equal.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of the names, where it is near enough to be meant; the first of several.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& names);

// ", did you mean `…`?" or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& names);

}  // namespace baton
