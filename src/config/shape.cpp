#include "config/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace baton {

const Member* Shape::find(const std::string& key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

std::vector<std::string> Shape::known_keys() const {
  std::vector<std::string> keys;
  for (const Member& member : members) {
    if (!member.is_later) keys.push_back(member.key);
  }
  return keys;
}

Shape text(std::string expected) {
  Shape shape;
  shape.expected = std::move(expected);
  return shape;
}

Shape checked_text(std::string expected, bool (*accepts)(const std::string&), std::string pattern) {
  Shape shape = text(std::move(expected));
  shape.accepts = accepts;
  shape.pattern = std::move(pattern);
  return shape;
}

Shape choice(std::vector<std::string> values, std::vector<std::string> later_values) {
  Shape shape = text(values.size() == 1 ? values[0] : fmt::format("one of {}", joined(values)));
  shape.values = std::move(values);
  shape.later_values = std::move(later_values);
  return shape;
}

Shape integer(std::int64_t min, std::int64_t max) {
  Shape shape;
  shape.kind = Shape::Kind::integer;
  shape.expected = min == max ? fmt::format("{}", min) : fmt::format("a whole number from {} to {}", min, max);
  shape.min = min;
  shape.max = max;
  return shape;
}

Shape number(std::int64_t min, std::int64_t max) {
  Shape shape = integer(min, max);
  shape.kind = Shape::Kind::number;
  shape.expected = fmt::format("a number from {} to {}", min, max);
  return shape;
}

Shape boolean() {
  Shape shape;
  shape.kind = Shape::Kind::boolean;
  shape.expected = "true or false";
  return shape;
}

Shape object(std::string owner, std::vector<Member> members) {
  Shape shape;
  shape.kind = Shape::Kind::object;
  shape.owner = std::move(owner);
  shape.members = std::move(members);
  shape.expected = fmt::format("a map with the keys {}", joined(shape.known_keys()));
  return shape;
}

Shape map_of(Shape names, Shape inner) {
  Shape shape;
  shape.kind = Shape::Kind::map;
  shape.expected = fmt::format("a map from {} to {}", names.expected, inner.expected);
  shape.accepts = names.accepts;
  shape.pattern = names.pattern;
  shape.names = names.expected;
  shape.inner.push_back(std::move(inner));
  return shape;
}

Shape list_of(Shape inner) {
  Shape shape;
  shape.kind = Shape::Kind::list;
  shape.expected = fmt::format("a list, each entry {}", inner.expected);
  shape.inner.push_back(std::move(inner));
  return shape;
}

Shape either(Shape first, Shape second) {
  Shape shape;
  shape.kind = Shape::Kind::either;
  shape.expected = fmt::format("{}, or {}", first.expected, second.expected);
  shape.inner.push_back(std::move(first));
  shape.inner.push_back(std::move(second));
  return shape;
}

Member later(std::string key) {
  Member member(std::move(key), Shape{}, "");
  member.is_later = true;
  return member;
}

std::string joined(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, ", ")); }

}  // namespace baton
