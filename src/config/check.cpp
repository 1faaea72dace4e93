#include "config/check.h"

#include "base/suggestion.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

namespace baton {
namespace {

using Kind = Shape::Kind;

std::string known_later(std::string_view what) {
  return fmt::format("`{}` is known to a later version of Baton, not to this one", what);
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || text.empty()) return std::nullopt;
  return value;
}

bool is_true_or_false(const std::string& text) {
  static const std::set<std::string> words{"true", "True", "TRUE", "false", "False", "FALSE"};
  return words.count(text) != 0;
}

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool has_form(const std::string& text, const Shape& shape) {
  switch (shape.kind) {
    case Kind::integer: {
      const auto value = parse_number<std::int64_t>(text);
      return value && *value >= shape.min && *value <= shape.max;
    }
    case Kind::number: {
      const auto value = parse_number<double>(text);
      return value && *value >= static_cast<double>(shape.min) && *value <= static_cast<double>(shape.max);
    }
    case Kind::boolean: return is_true_or_false(text);
    default:
      if (!shape.values.empty()) return contains(shape.values, text);
      return shape.accepts == nullptr || shape.accepts(text);
  }
}

bool is_later(const std::string& text, const Shape& shape) {
  if (shape.kind != Kind::integer) return contains(shape.later_values, text);
  const auto value = parse_number<std::int64_t>(text);
  return value && *value > shape.max && *value <= shape.later_max;
}

// The shape that a node of this kind is held against: one of the alternatives, or none.
const Shape* fitting(const Shape& shape, YamlNode::Kind kind) {
  if (shape.kind == Kind::either) {
    for (const Shape& alternative : shape.inner) {
      if (const Shape* fit = fitting(alternative, kind)) return fit;
    }
    return nullptr;
  }
  const bool fits = kind == YamlNode::Kind::map        ? shape.kind == Kind::object || shape.kind == Kind::map
                    : kind == YamlNode::Kind::sequence ? shape.kind == Kind::list
                                                       : shape.kind < Kind::object;
  return fits ? &shape : nullptr;
}

// The objects that know `key`, at any level.
void collect_owners(const Shape& shape, const std::string& key, std::vector<std::string>& owners) {
  for (const Member& member : shape.members) {
    if (member.is_later) continue;
    if (member.key == key && !contains(owners, shape.owner)) owners.push_back(shape.owner);
    collect_owners(member.shape, key, owners);
  }
  for (const Shape& inner : shape.inner) collect_owners(inner, key, owners);
}

std::string backquoted(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "`" : ", `") + key + "`";
  return text;
}

class Checker {
 public:
  Checker(const Shape& root, Problems& problems) : root_(root), problems_(problems) {}

  // Where a value stands: its path for people, and its key, to which errors about an empty value point.
  struct Where {
    std::string path;
    TextPosition key;
    bool optional = false;

    Where at(const std::string& name, TextPosition name_at, bool name_is_optional) const {
      return {path.empty() ? name : path + "." + name, name_at, name_is_optional};
    }
    std::string shown() const { return path.empty() ? "the configuration" : "`" + path + "`"; }
  };

  void check(YamlNode& node, const Shape& shape, const Where& where) {
    if (node.kind == YamlNode::Kind::broken) return;
    if (node.kind == YamlNode::Kind::null) {
      return refuse(node, where.key, fmt::format("{} has no value: expected {}", where.shown(), shape.expected));
    }
    const Shape* fit = fitting(shape, node.kind);
    const bool is_empty_text = node.kind == YamlNode::Kind::scalar && node.text.empty();
    if (is_empty_text && where.optional && (fit == nullptr || !fit->may_be_empty)) {
      node.kind = YamlNode::Kind::null;
      return;
    }
    if (fit == nullptr) {
      const char* found = node.kind == YamlNode::Kind::map        ? "a map"
                          : node.kind == YamlNode::Kind::sequence ? "a list"
                                                                  : "a single value";
      return refuse(node, node.at, fmt::format("{} is {}: expected {}", where.shown(), found, shape.expected));
    }
    switch (fit->kind) {
      case Kind::object: return check_object(node, *fit, where);
      case Kind::map: return check_map(node, *fit, where);
      case Kind::list: return check_list(node, *fit, where);
      default: return check_scalar(node, *fit, where);
    }
  }

 private:
  void refuse(YamlNode& node, TextPosition at, std::string message) {
    problems_.add(at, std::move(message));
    node.kind = YamlNode::Kind::broken;
  }

  void check_scalar(YamlNode& node, const Shape& shape, const Where& where) {
    if (node.text.empty() && !shape.may_be_empty) {
      return refuse(node, where.key, where.shown() + " is empty: expected " + shape.expected);
    }
    const bool in_needless_quotes = shape.kind != Kind::text && node.quoted && !node.substituted;
    if (in_needless_quotes) {
      return refuse(node, node.at,
                    fmt::format("{} is text: expected {}, without quotes", where.shown(), shape.expected));
    }
    if (has_form(node.text, shape)) return;
    // What was put in for ${…} may come from a secret.
    const bool show = !shape.secret && !node.substituted && node.text.size() <= 80;
    if (is_later(node.text, shape)) {
      const std::string what = show ? where.path + ": " + node.text : where.path;
      return refuse(node, node.at, known_later(what));
    }
    const std::string found = show ? fmt::format("{} is '{}'", where.shown(), node.text)
                              : node.substituted
                                  ? fmt::format("what replaces the reference in {} is wrong", where.shown())
                                  : fmt::format("{} is wrong", where.shown());
    const std::string hint = show ? did_you_mean(node.text, shape.values) : "";
    refuse(node, node.at,
           fmt::format("{}{} {}", found, hint.empty() ? ": expected" : hint + " Expected", shape.expected));
  }

  void check_object(YamlNode& node, const Shape& shape, const Where& where) {
    std::vector<std::string> meant;  // keys whose absence is explained by another problem
    bool has_later = false;
    for (YamlMember& member : node.members) {
      const Member* known = shape.find(member.key.text);
      if (known == nullptr) {
        report_unknown(member, shape, where, meant);
      } else if (known->is_later) {
        has_later = true;
        refuse(member.value, member.key.at, known_later(where.at(known->key, {}, false).path));
      } else {
        check(member.value, known->shape, where.at(known->key, member.key.at, !known->is_required));
      }
    }
    check_presence(node, shape, where, meant, has_later);
  }

  void report_unknown(YamlMember& member, const Shape& shape, const Where& where, std::vector<std::string>& meant) {
    const std::string& key = member.key.text;
    const std::vector<std::string> known = shape.known_keys();
    std::vector<std::string> owners;
    collect_owners(root_, key, owners);
    std::string advice;
    if (!owners.empty()) {
      constexpr std::size_t most = 3;
      owners.resize(std::min(owners.size(), most));
      advice = fmt::format("; `{}` belongs to {}. Expected", key, fmt::join(owners, " or "));
    } else if (const auto near = nearest(key, known)) {
      meant.push_back(*near);
      advice = fmt::format(", did you mean `{}`? Expected", *near);
    } else {
      advice = ": expected";
    }
    const std::string place = where.path.empty() ? "at the top level" : "in " + where.shown();
    refuse(member.value, member.key.at,
           fmt::format("unknown key `{}` {}{} one of {}", key, place, advice, joined(known)));
  }

  void check_presence(const YamlNode& node, const Shape& shape, const Where& where,
                      const std::vector<std::string>& meant, bool has_later) {
    const auto has = [&](const std::string& key) {
      const YamlNode* value = node.find(key);
      return (value != nullptr && value->kind != YamlNode::Kind::null) || contains(meant, key);
    };
    for (const Member& member : shape.members) {
      if (member.is_required && !has(member.key)) {
        problems_.add(where.key,
                      fmt::format("{} needs the key `{}`: {}", where.shown(), member.key, member.shape.expected));
      }
    }
    for (const std::vector<std::string>& group : shape.exactly_one_of) {
      const auto present = std::count_if(group.begin(), group.end(), has);
      if (present == 1 || (present == 0 && has_later)) continue;
      problems_.add(where.key,
                    fmt::format("{} needs {} {}", where.shown(),
                                group.size() == 1 ? "the key" : "exactly one of the keys", backquoted(group)));
    }
    for (const YamlMember& member : node.members) {
      const Member* known = shape.find(member.key.text);
      if (known == nullptr || known->needed.empty() || has(known->needed)) continue;
      problems_.add(member.key.at, fmt::format("`{}` needs `{}` beside it", known->key, known->needed));
    }
  }

  void check_map(YamlNode& node, const Shape& shape, const Where& where) {
    if (shape.at_least_one && node.members.empty()) {
      return refuse(node, where.key, where.shown() + " is empty: expected " + shape.expected);
    }
    for (YamlMember& member : node.members) {
      const std::string& name = member.key.text;
      if (shape.accepts != nullptr && !shape.accepts(name)) {
        problems_.add(member.key.at, fmt::format("'{}' in {} is not {}", name, where.shown(), shape.names));
      }
      check(member.value, shape.inner[0], where.at(name, member.key.at, false));
    }
  }

  void check_list(YamlNode& node, const Shape& shape, const Where& where) {
    if (shape.at_least_one && node.items.empty()) {
      return refuse(node, where.key, where.shown() + " is empty: expected " + shape.expected);
    }
    std::set<std::string> seen;
    for (std::size_t index = 0; index < node.items.size(); ++index) {
      YamlNode& item = node.items[index];
      // YAML does not say where an entry without a value stands.
      const TextPosition at = item.kind == YamlNode::Kind::null ? where.key : item.at;
      check(item, shape.inner[0], {fmt::format("{}[{}]", where.path, index), at, false});
      if (shape.unique && item.kind == YamlNode::Kind::scalar && !seen.insert(item.text).second) {
        problems_.add(item.at,
                      fmt::format("'{}' is already in {}", item.substituted ? "this" : item.text, where.shown()));
      }
    }
  }

  const Shape& root_;
  Problems& problems_;
};

}  // namespace

void check_shape(YamlNode& root, const Shape& shape, Problems& problems) {
  const TextPosition top = root.at.line > 0 ? root.at : TextPosition{1, 1};
  Checker(shape, problems).check(root, shape, {"", top, false});
}

}  // namespace baton
