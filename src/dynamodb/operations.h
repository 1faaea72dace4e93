// DynamoDB's operations as plain structs, and their JSON
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html).
#pragma once

#include "baton/result.h"
#include "dynamodb/attribute_value.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// #name and :value of expressions.
struct DynamoNames {
  std::map<std::string, std::string> names;
  Item values;
};

struct DynamoPut {
  Item item;
  std::string condition;
  DynamoNames used;
};

struct DynamoUpdate {
  Item key;
  std::string update;
  std::string condition;
  DynamoNames used;
};

struct DynamoQuery {
  std::string key_condition;
  DynamoNames used;
};

struct DynamoKeySchema {
  std::string partition_key;  // both of type S
  std::optional<std::string> sort_key;

  friend bool operator==(const DynamoKeySchema&, const DynamoKeySchema&) = default;
};

struct DynamoTable {
  DynamoKeySchema keys;
  bool active = false;  // or being updated: it serves
};

struct DynamoPage {
  std::vector<Item> items;
  Item next;  // empty at the last page
};

struct DynamoBatchPart {
  std::vector<Item> items;
  std::vector<Item> unprocessed;  // keys to ask for again
};

// Bodies of requests. `invalid` for text that is no UTF-8.
Result<std::string> get_item_body(const std::string& table, const Item& key);  // consistent
Result<std::string> batch_get_body(const std::string& table, std::span<const Item> keys);
Result<std::string> put_item_body(const std::string& table, const DynamoPut& put);
Result<std::string> update_item_body(const std::string& table, const DynamoUpdate& update);
Result<std::string> scan_body(const std::string& table, const Item& from);
Result<std::string> query_body(const std::string& table, const DynamoQuery& query, const Item& from);
Result<std::string> create_table_body(const std::string& table, const DynamoKeySchema& keys);  // billed by request
Result<std::string> describe_table_body(const std::string& table);

// Bodies of answers. `retry` where they are not what DynamoDB answers.
Result<std::optional<Item>> item_in(std::string_view body);
Result<DynamoPage> page_in(std::string_view body);
Result<DynamoBatchPart> batch_part_in(std::string_view body, const std::string& table);
Result<DynamoTable> table_in(std::string_view body);

}  // namespace baton
