#include "tests/docs/configuration_text.h"

#include "config/description.h"

#include <regex>
#include <sstream>

namespace baton {
namespace {

constexpr const char* step_of_a_load = "{ name: load, read: { csv: { path: a.csv } }, write: { table: { name: a } } }";

std::set<std::string> keys_of(const Shape& shape) {
  const std::vector<std::string> keys = shape.known_keys();
  return {keys.begin(), keys.end()};
}

std::set<std::string> outermost_keys(const std::string& block) {
  std::set<std::string> keys;
  std::istringstream lines(block);
  const std::regex key("^(- +)?([A-Za-z_][A-Za-z0-9_.]*):.*");
  std::smatch found;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, found, key)) keys.insert(found[2]);
  }
  return keys;
}

bool are_within(const std::set<std::string>& keys, const std::set<std::string>& known) {
  for (const std::string& key : keys) {
    if (known.count(key) == 0) return false;
  }
  return !keys.empty();
}

std::string indented(const std::string& block, const std::string& first, const std::string& rest) {
  std::string text;
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) text += (text.empty() ? first : rest) + line + "\n";
  return text;
}

std::string as_job(const std::string& block, const std::set<std::string>& keys) {
  std::string text = "jobs:\n  job:\n" + indented(block, "    ", "    ");
  if (keys.count("steps") == 0) text += std::string("    steps: [ ") + step_of_a_load + " ]\n";
  return text;
}

std::string as_step(const std::string& block, const std::set<std::string>& keys) {
  std::string text = "jobs:\n  job:\n    steps:\n";
  const bool is_item = block.starts_with("- ");
  text += indented(block, is_item ? "      " : "      - ", is_item ? "      " : "        ");
  const bool is_load = keys.count("sql") == 0 && keys.count("command") == 0;
  if (keys.count("name") == 0) text += "        name: step\n";
  if (is_load && keys.count("read") == 0) text += "        read: { csv: { path: a.csv } }\n";
  if (is_load && keys.count("write") == 0) text += "        write: { table: { name: a, mode: replace } }\n";
  return text;
}

}  // namespace

std::optional<std::string> whole_configuration(const std::string& block) {
  const Shape& top = configuration_shape();
  const Shape& job = top.find("jobs")->shape.inner[0];
  const Shape& step = job.find("steps")->shape.inner[0];
  const std::set<std::string> keys = outermost_keys(block);
  std::string text = block;
  if (!are_within(keys, keys_of(top))) {
    if (are_within(keys, keys_of(job))) {
      text = as_job(block, keys);
    } else if (are_within(keys, keys_of(step))) {
      text = as_step(block, keys);
    } else {
      return std::nullopt;
    }
  } else if (keys.count("jobs") == 0) {
    text += std::string("jobs: { job: { steps: [ ") + step_of_a_load + " ] } }\n";
  }
  if (keys.count("connections") == 0) {
    text += "connections: { warehouse: { url: \"sqlite:warehouse.db\" }, shop: { url: \"sqlite:shop.db\" } }\n";
  }
  return text;
}

std::string jobs_beside_properties() { return std::string("jobs: { job: { steps: [ ") + step_of_a_load + " ] } }\n"; }

std::set<std::string> references(const std::string& text) {
  std::set<std::string> names;
  const std::regex reference("\\$\\{([A-Za-z_][A-Za-z0-9_]*|file:[^}]*)\\}");
  for (std::sregex_iterator at(text.begin(), text.end(), reference), end; at != end; ++at) names.insert((*at)[1]);
  return names;
}

}  // namespace baton
