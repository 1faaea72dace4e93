#include "config/description.h"
#include "config/load_config.h"

#include <nlohmann/json.hpp>

namespace baton {
namespace {

using Json = nlohmann::ordered_json;

Json schema_of(const Shape& shape, bool optional);

// What stands in for any single value: a reference, and for an optional key nothing.
Json reference(bool optional) { return {{"type", "string"}, {"pattern", optional ? "^$|\\$\\{" : "\\$\\{"}}; }

// A choice of digits may be written with or without quotes.
Json values_of(const Shape& shape) {
  Json values = Json::array();
  for (const std::string& value : shape.values) {
    values.push_back(value);
    if (value.find_first_not_of("0123456789") == value.npos) values.push_back(std::stoll(value));
  }
  return values;
}

Json bounded(const Shape& shape, const char* type) {
  return {{"type", type}, {"minimum", shape.min}, {"maximum", shape.max}};
}

Json text_schema(const Shape& shape, bool optional) {
  if (!shape.values.empty()) return {{"anyOf", {{{"enum", values_of(shape)}}, reference(optional)}}};
  if (!shape.pattern.empty()) {
    return {{"anyOf", {{{"type", "string"}, {"pattern", shape.pattern}}, reference(optional)}}};
  }
  // Any single value can be read as text.
  Json any{{"type", {"string", "number", "boolean"}}};
  if (!optional && !shape.may_be_empty) any["minLength"] = 1;
  return any;
}

Json property_schema(const Member& member) {
  Json schema = schema_of(member.shape, !member.is_required);
  const bool is_single_value = member.shape.kind < Shape::Kind::object || member.shape.kind == Shape::Kind::either;
  if (is_single_value || member.is_required) return schema;
  return {{"anyOf", {std::move(schema), reference(true)}}};
}

Json object_schema(const Shape& shape) {
  Json properties = Json::object();
  Json required = Json::array();
  Json needed = Json::object();
  for (const Member& member : shape.members) {
    if (member.is_later) continue;
    Json property = property_schema(member);
    property["description"] = member.description;
    if (!member.default_value.empty()) {
      const bool is_text = member.shape.kind == Shape::Kind::text || member.shape.kind == Shape::Kind::either;
      property["default"] = is_text ? Json(member.default_value) : Json::parse(member.default_value);
    }
    properties[member.key] = std::move(property);
    if (member.is_required) required.push_back(member.key);
    if (!member.needed.empty()) needed[member.key] = Json::array({member.needed});
  }
  Json schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (!needed.empty()) schema["dependencies"] = std::move(needed);
  for (const std::vector<std::string>& group : shape.exactly_one_of) {
    for (const std::string& key : group) schema["oneOf"].push_back({{"required", {key}}});
  }
  return schema;
}

Json map_schema(const Shape& shape) {
  Json schema{{"type", "object"}, {"additionalProperties", schema_of(shape.inner[0], false)}};
  if (!shape.pattern.empty()) schema["propertyNames"] = {{"pattern", shape.pattern}};
  if (shape.at_least_one) schema["minProperties"] = 1;
  return schema;
}

Json list_schema(const Shape& shape) {
  Json schema{{"type", "array"}, {"items", schema_of(shape.inner[0], false)}};
  if (shape.at_least_one) schema["minItems"] = 1;
  if (shape.unique) schema["uniqueItems"] = true;
  return schema;
}

Json schema_of(const Shape& shape, bool optional) {
  switch (shape.kind) {
    case Shape::Kind::text: return text_schema(shape, optional);
    case Shape::Kind::integer: return {{"anyOf", {bounded(shape, "integer"), reference(optional)}}};
    case Shape::Kind::number: return {{"anyOf", {bounded(shape, "number"), reference(optional)}}};
    case Shape::Kind::boolean: return {{"anyOf", {{{"type", "boolean"}}, reference(optional)}}};
    case Shape::Kind::object: return object_schema(shape);
    case Shape::Kind::map: return map_schema(shape);
    case Shape::Kind::list: return list_schema(shape);
    case Shape::Kind::either: break;
  }
  return {{"anyOf", {schema_of(shape.inner[0], optional), schema_of(shape.inner[1], optional)}}};
}

}  // namespace

std::string config_schema() {
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Baton's configuration"}};
  schema.update(schema_of(configuration_shape(), false));
  return schema.dump(2) + "\n";
}

}  // namespace baton
