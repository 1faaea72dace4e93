// The types of job parameters: Java's classes by their short names, values in the ISO forms that Spring Batch stores.
#pragma once

#include <string>
#include <vector>

namespace baton {

// Short names, then the full class names.
const std::vector<std::string>& parameter_type_names();

// java.lang.Long → Long; a short name stays.
std::string short_type_name(const std::string& name);

// Whether the value can be read as the type, named shortly.
bool is_parameter_value(const std::string& type, const std::string& value);

// For messages, for example "2024-01-15".
std::string example_value(const std::string& type);

}  // namespace baton
