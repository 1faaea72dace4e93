#include "dynamodb/operations.h"

#include "dynamodb/base64.h"

#include <functional>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using Json = nlohmann::json;
using Type = AttributeValue::Type;

Json json_of(const Item& item);

Json json_of(const AttributeValue& value) {
  const auto texts = [&](const auto& text_of) {
    Json all = Json::array();
    for (const AttributeValue& one : value.elements) all.push_back(text_of(one));
    return all;
  };
  const auto text = [](const AttributeValue& one) { return Json(one.text); };
  switch (value.type) {
    case Type::string: return {{"S", value.text}};
    case Type::number: return {{"N", value.text}};
    case Type::binary: return {{"B", to_base64(value.text)}};
    case Type::boolean: return {{"BOOL", value.flag}};
    case Type::null: return {{"NULL", true}};
    case Type::list: return {{"L", texts([](const AttributeValue& one) { return json_of(one); })}};
    case Type::map: return {{"M", json_of(value.map)}};
    case Type::string_set: return {{"SS", texts(text)}};
    case Type::number_set: return {{"NS", texts(text)}};
    case Type::binary_set: return {{"BS", texts([](const AttributeValue& one) { return Json(to_base64(one.text)); })}};
  }
  return {};
}

Json json_of(const Item& item) {
  Json all = Json::object();
  for (const auto& [name, value] : item) all[name] = json_of(value);
  return all;
}

Json json_of(std::span<const Item> items) {
  Json all = Json::array();
  for (const Item& item : items) all.push_back(json_of(item));
  return all;
}

// What follows throws nlohmann's exceptions, or this, where the JSON is of another shape; reading() catches them.
struct WrongShape : std::exception {};

AttributeValue value_in(const Json& json);

Item attributes_in(const Json& json) {
  Item item;
  for (const auto& [name, value] : json.get_ref<const Json::object_t&>()) item.emplace(name, value_in(value));
  return item;
}

std::string bytes_in(const Json& json) {
  auto bytes = from_base64(json.get_ref<const std::string&>());
  if (!bytes) throw WrongShape();
  return *std::move(bytes);
}

AttributeValue elements_in(Type type, const Json& json, const std::function<AttributeValue(const Json&)>& element_in) {
  AttributeValue all;
  all.type = type;
  for (const Json& one : json.get_ref<const Json::array_t&>()) all.elements.push_back(element_in(one));
  return all;
}

AttributeValue number_in(const Json& json) { return {Type::number, json.get<std::string>(), false, {}, {}}; }
AttributeValue text_in(const Json& json) { return AttributeValue::of_text(json.get<std::string>()); }
AttributeValue binary_in(const Json& json) { return AttributeValue::of_bytes(bytes_in(json)); }

AttributeValue value_in(const Json& json) {
  if (!json.is_object() || json.size() != 1) throw WrongShape();
  const std::string& type = json.begin().key();
  const Json& value = json.begin().value();
  if (type == "S") return text_in(value);
  if (type == "N") return number_in(value);
  if (type == "B") return binary_in(value);
  if (type == "BOOL") return {Type::boolean, {}, value.get<bool>(), {}, {}};
  if (type == "NULL") return {};
  if (type == "M") return {Type::map, {}, false, {}, attributes_in(value)};
  if (type == "L") return elements_in(Type::list, value, value_in);
  if (type == "SS") return elements_in(Type::string_set, value, text_in);
  if (type == "NS") return elements_in(Type::number_set, value, number_in);
  if (type == "BS") return elements_in(Type::binary_set, value, binary_in);
  throw WrongShape();
}

std::vector<Item> items_in(const Json& json) {
  std::vector<Item> items;
  for (const Json& one : json.get_ref<const Json::array_t&>()) items.push_back(attributes_in(one));
  return items;
}

template <class Read>
auto reading(std::string_view body, const Read& read) -> Result<decltype(read(Json()))> {
  try {
    return read(Json::parse(body));
  } catch (const std::exception&) {
    return fail(ErrorKind::retry, "the answer is not what DynamoDB answers; check the endpoint, and proxies before it");
  }
}

Result<std::string> text_of(const Json& json) {
  try {
    return json.dump();
  } catch (const Json::exception&) {
    return fail(ErrorKind::invalid, "a key or a value for DynamoDB is no UTF-8");
  }
}

void add_names(Json& body, const DynamoNames& used) {
  if (!used.names.empty()) body["ExpressionAttributeNames"] = used.names;
  if (!used.values.empty()) body["ExpressionAttributeValues"] = json_of(used.values);
}

}  // namespace

Result<std::string> get_item_body(const std::string& table, const Item& key) {
  return text_of({{"TableName", table}, {"Key", json_of(key)}, {"ConsistentRead", true}});
}

Result<std::string> batch_get_body(const std::string& table, std::span<const Item> keys) {
  return text_of({{"RequestItems", {{table, {{"Keys", json_of(keys)}}}}}});
}

Result<std::string> put_item_body(const std::string& table, const DynamoPut& put) {
  Json body{{"TableName", table}, {"Item", json_of(put.item)}};
  if (!put.condition.empty()) body["ConditionExpression"] = put.condition;
  add_names(body, put.used);
  return text_of(body);
}

Result<std::string> update_item_body(const std::string& table, const DynamoUpdate& update) {
  Json body{{"TableName", table}, {"Key", json_of(update.key)}, {"UpdateExpression", update.update}};
  if (!update.condition.empty()) body["ConditionExpression"] = update.condition;
  add_names(body, update.used);
  return text_of(body);
}

Result<std::string> scan_body(const std::string& table, const Item& from) {
  Json body{{"TableName", table}};
  if (!from.empty()) body["ExclusiveStartKey"] = json_of(from);
  return text_of(body);
}

Result<std::string> query_body(const std::string& table, const DynamoQuery& query, const Item& from) {
  Json body{{"TableName", table}, {"KeyConditionExpression", query.key_condition}};
  add_names(body, query.used);
  if (!from.empty()) body["ExclusiveStartKey"] = json_of(from);
  return text_of(body);
}

Result<std::string> create_table_body(const std::string& table, const DynamoKeySchema& keys) {
  Json schema = Json::array({{{"AttributeName", keys.partition_key}, {"KeyType", "HASH"}}});
  Json attributes = Json::array({{{"AttributeName", keys.partition_key}, {"AttributeType", "S"}}});
  if (keys.sort_key) {
    schema.push_back({{"AttributeName", *keys.sort_key}, {"KeyType", "RANGE"}});
    attributes.push_back({{"AttributeName", *keys.sort_key}, {"AttributeType", "S"}});
  }
  return text_of({{"TableName", table},
                  {"KeySchema", schema},
                  {"AttributeDefinitions", attributes},
                  {"BillingMode", "PAY_PER_REQUEST"}});
}

Result<std::string> describe_table_body(const std::string& table) { return text_of({{"TableName", table}}); }

Result<std::optional<Item>> item_in(std::string_view body) {
  return reading(body, [](const Json& json) -> std::optional<Item> {
    if (!json.is_object()) throw WrongShape();
    const auto found = json.find("Item");
    if (found == json.end()) return std::nullopt;
    return attributes_in(*found);
  });
}

Result<DynamoPage> page_in(std::string_view body) {
  return reading(body, [](const Json& json) {
    DynamoPage page{items_in(json.at("Items")), {}};
    if (const auto next = json.find("LastEvaluatedKey"); next != json.end()) page.next = attributes_in(*next);
    return page;
  });
}

Result<DynamoBatchPart> batch_part_in(std::string_view body, const std::string& table) {
  return reading(body, [&](const Json& json) {
    DynamoBatchPart part;
    const Json& found = json.at("Responses");
    if (const auto items = found.find(table); items != found.end()) part.items = items_in(*items);
    if (const auto left = json.find("UnprocessedKeys"); left != json.end() && left->contains(table)) {
      part.unprocessed = items_in(left->at(table).at("Keys"));
    }
    return part;
  });
}

Result<DynamoTable> table_in(std::string_view body) {
  return reading(body, [](const Json& json) {
    const Json& said = json.at(json.contains("Table") ? "Table" : "TableDescription");
    DynamoTable table;
    for (const Json& key : said.at("KeySchema")) {
      const std::string name = key.at("AttributeName");
      if (key.at("KeyType") == "HASH") {
        table.keys.partition_key = name;
      } else {
        table.keys.sort_key = name;
      }
    }
    const std::string status = said.at("TableStatus");
    table.active = status == "ACTIVE" || status == "UPDATING";
    return table;
  });
}

}  // namespace baton
