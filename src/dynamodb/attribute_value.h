// The typed values of a DynamoDB item
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html).
#pragma once

#include <map>
#include <string>
#include <vector>

namespace baton {

struct AttributeValue {
  enum class Type { string, number, binary, boolean, null, list, map, string_set, number_set, binary_set };

  static AttributeValue of_text(std::string text) { return {Type::string, std::move(text), false, {}, {}}; }
  static AttributeValue of_bytes(std::string bytes) { return {Type::binary, std::move(bytes), false, {}, {}}; }

  Type type = Type::null;
  std::string text;                           // string; number in decimal digits; binary as raw bytes
  bool flag = false;                          // boolean
  std::vector<AttributeValue> elements;       // list, and the sets
  std::map<std::string, AttributeValue> map;  // map

  friend bool operator==(const AttributeValue&, const AttributeValue&) = default;
};

using Item = std::map<std::string, AttributeValue>;

}  // namespace baton
