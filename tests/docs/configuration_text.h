// Configurations in documents: whole ones, and fragments that are completed so that `baton validate` can judge them.
#pragma once

#include <optional>
#include <set>
#include <string>

namespace baton {

// A YAML block as a whole configuration, by its outermost keys: with `jobs` it is whole; keys of the top level get one
// job beside them; keys of a job become that job, keys of a step its step, and what these lack (steps, name, read,
// write) is added. Two connections are there, `warehouse` and `shop`, unless the block has some. Empty where the keys
// are none of these.
std::optional<std::string> whole_configuration(const std::string& block);

// The jobs for a block of application.properties.
std::string jobs_beside_properties();

// The names N of the `${N}` of a configuration, without those that have a default; `${file:…}` too.
std::set<std::string> references(const std::string& text);

}  // namespace baton
