// The reference of all keys in Markdown: one section for each map of known keys, in the file's order.
#include "base/ascii_text.h"
#include "config/description.h"
#include "config/load_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace baton {
namespace {

std::string in_code(const std::string& text) { return "`" + text + "`"; }

std::string in_code(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(in_code(text));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

// A cell of a table ends at a bar.
std::string as_cell(std::string text) {
  for (std::size_t at = text.find('|'); at != text.npos; at = text.find('|', at + 2)) text.insert(at, "\\");
  return text;
}

// As GitHub makes it of a heading.
std::string anchor_of(const std::string& path) {
  std::string anchor;
  for (const char c : path) {
    if (c != '.' && c != '[' && c != ']') anchor += ascii_lower(c);
  }
  return anchor;
}

// The object at the end of maps and lists, and the path that leads there.
struct Inner {
  const Shape* object = nullptr;
  std::string path;
};

Inner inner_of(const Shape& shape, const std::string& path) {
  switch (shape.kind) {
    case Shape::Kind::object: return {&shape, path};
    case Shape::Kind::map: return inner_of(shape.inner[0], path + ".NAME");
    case Shape::Kind::list: return inner_of(shape.inner[0], path + "[]");
    case Shape::Kind::either: return inner_of(shape.inner[1], path);
    default: return {nullptr, path};
  }
}

std::string value_of(const Shape& shape, const std::string& path) {
  switch (shape.kind) {
    case Shape::Kind::text: return shape.values.empty() ? shape.expected : in_code(shape.values);
    case Shape::Kind::integer:
    case Shape::Kind::number: return shape.expected;
    case Shape::Kind::boolean: return "`true`, `false`";
    case Shape::Kind::object:
      return shape.members.empty() ? "`{}`" : fmt::format("[{}](#{})", in_code(path), anchor_of(path));
    case Shape::Kind::list: return "list: " + value_of(shape.inner[0], path + "[]");
    case Shape::Kind::map: return fmt::format("map: {} → {}", shape.names, value_of(shape.inner[0], path + ".NAME"));
    case Shape::Kind::either: break;
  }
  return value_of(shape.inner[0], path) + ", or " + value_of(shape.inner[1], path);
}

std::string row(const Member& member, const std::string& path) {
  const std::string fallback = member.is_required             ? "needed"
                               : member.default_value.empty() ? "–"
                                                              : in_code(member.default_value);
  std::string meaning = member.description;
  if (!member.needed.empty()) meaning += fmt::format(" Beside {} only.", in_code(member.needed));
  return fmt::format("| {} | {} | {} | {} |\n", in_code(member.key), as_cell(value_of(member.shape, path)),
                     as_cell(fallback), as_cell(meaning));
}

void add_section(const Shape& object, const std::string& path, std::string& text) {
  if (!path.empty()) text += fmt::format("\n## {}\n", in_code(path));
  text += "\n";
  for (const std::vector<std::string>& group : object.exactly_one_of) {
    text += group.size() == 1 ? fmt::format("It needs {}.\n\n", in_code(group))
                              : fmt::format("Exactly one of {}.\n\n", in_code(group));
  }
  text += "| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
  const auto below = [&](const Member& member) { return path.empty() ? member.key : path + "." + member.key; };
  for (const Member& member : object.members) {
    if (!member.is_later) text += row(member, below(member));
  }
  for (const Member& member : object.members) {
    const Inner inner = inner_of(member.shape, below(member));
    if (!member.is_later && inner.object != nullptr && !inner.object->members.empty()) {
      add_section(*inner.object, inner.path, text);
    }
  }
}

}  // namespace

std::string config_reference() {
  std::string text =
      "# Configuration reference\n\n"
      "Every key, its values and its default. This file is made by `baton schema --markdown` from the description that "
      "also\nmakes the checks and the JSON Schema; what the keys mean together is said in "
      "[configuration.md](configuration.md).\n"
      "`NAME` stands for names of your choice, `[]` for each entry of a list. –: no default, or the meaning says it.\n";
  add_section(configuration_shape(), "", text);
  return text;
}

}  // namespace baton
