// YAML → a tree in which each key and value remembers where it stands.
//
// One document, text keys, no tags; aliases are copied in, within a limit. Exceptions of yaml-cpp end here.
#pragma once

#include "config/source_text.h"

#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct YamlMember;

struct YamlNode {
  enum class Kind {
    null,  // nothing, `~` or `null` without quotes; after the checks: absent
    scalar,
    sequence,
    map,
    broken,  // wrong, and reported
  };

  Kind kind = Kind::null;
  TextPosition at;
  std::string text;          // of a scalar
  bool quoted = false;       // a scalar in quotes or a block scalar: text in any case
  bool substituted = false;  // a scalar that held ${…}
  std::vector<YamlNode> items;
  std::vector<YamlMember> members;  // in the file's order, duplicates included

  const YamlNode* find(std::string_view key) const;
};

struct YamlMember {
  YamlNode key;
  YamlNode value;
};

// The root is null for a file without content. The problem is a syntax error, which stands alone.
tl::expected<YamlNode, ConfigProblem> parse_yaml(const SourceText& source);

// Reports each repeated key where it is repeated and leaves the first one.
void drop_duplicate_keys(YamlNode& node, Problems& problems);

}  // namespace baton
