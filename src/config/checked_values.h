// Reading values from a checked tree. What is absent or broken gives the fallback: nobody sees the configuration then.
#pragma once

#include "base/duration.h"
#include "config/yaml_tree.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace baton {

// What building needs besides the tree.
struct BuildContext {
  const SourceText& source;
  std::filesystem::path folder;  // of the file; relative paths are below it
  Problems& problems;
  const ConfigSources& sources;

  Place place(const YamlNode& node) const { return source.place(node.at); }
  Place default_place() const { return source.place({}); }
  Placed<std::string> placed(const YamlNode& node) const { return {node.text, place(node)}; }
  std::string resolve(const std::string& path) const { return (folder / path).string(); }
};

// The value of a key, or nullptr where it is absent or broken; `map` may be nullptr.
inline const YamlNode* get(const YamlNode* map, std::string_view key) {
  const YamlNode* value = map == nullptr ? nullptr : map->find(key);
  const bool usable = value != nullptr && value->kind != YamlNode::Kind::null && value->kind != YamlNode::Kind::broken;
  return usable ? value : nullptr;
}

// True where the key is not given, or given as an empty text; false for a value that is broken.
inline bool is_absent(const YamlNode* map, std::string_view key) {
  const YamlNode* value = map == nullptr ? nullptr : map->find(key);
  return value == nullptr || value->kind == YamlNode::Kind::null;
}

inline std::string text_or(const YamlNode* map, std::string_view key, const std::string& fallback) {
  const YamlNode* value = get(map, key);
  return value == nullptr ? fallback : value->text;
}

inline std::int64_t integer_or(const YamlNode* map, std::string_view key, std::int64_t fallback) {
  const YamlNode* value = get(map, key);
  return value == nullptr ? fallback : std::strtoll(value->text.c_str(), nullptr, 10);
}

inline bool flag_or(const YamlNode* map, std::string_view key, bool fallback) {
  const YamlNode* value = get(map, key);
  return value == nullptr ? fallback : value->text[0] == 't' || value->text[0] == 'T';
}

inline Duration duration_or(const YamlNode* map, std::string_view key, Duration fallback) {
  const YamlNode* value = get(map, key);
  return value == nullptr ? fallback : parse_duration(value->text).value_or(fallback);
}

inline std::optional<Duration> duration_or_none(const YamlNode* map, std::string_view key) {
  if (get(map, key) == nullptr) return std::nullopt;
  return duration_or(map, key, Duration(0));
}

// One of a few words, as the value that stands beside it.
template <class Value>
Value choice_or(const YamlNode* map, std::string_view key, std::initializer_list<std::pair<const char*, Value>> choices,
                Value fallback) {
  const std::string text = text_or(map, key, "");
  for (const auto& [word, value] : choices) {
    if (text == word) return value;
  }
  return fallback;
}

}  // namespace baton
