// DynamoDB's condition and update expressions, as far as lock clients use them: conditions that are joined by AND, and
// SET … REMOVE ….
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace baton {

// `item` is null where there is none. `said` is the request. Throws std::invalid_argument for what it does not know.
bool condition_holds(const std::string& expression, const nlohmann::json& item, const nlohmann::json& said);
void apply_update(const std::string& expression, nlohmann::json& item, const nlohmann::json& said);

}  // namespace baton
