#include "dynamodb/lock_item.h"

#include <fmt/format.h>
#include <charconv>

namespace baton {
namespace {

constexpr const char* owner_name_attribute = "ownerName";
constexpr const char* duration_attribute = "leaseDuration";
constexpr const char* version_attribute = "recordVersionNumber";
constexpr const char* released_attribute = "isReleased";
constexpr const char* data_attribute = "data";

AttributeValue text(std::string value) { return AttributeValue::of_text(std::move(value)); }

std::string milliseconds(Duration duration) { return std::to_string(duration.count()); }

Result<std::string> text_in(const Item& item, const std::string& name) {
  const auto found = item.find(name);
  if (found == item.end()) return fail(ErrorKind::invalid, fmt::format("it has no {}", name));
  if (found->second.type == AttributeValue::Type::string) return found->second.text;
  return fail(ErrorKind::invalid, fmt::format("its {} is not of type S", name));
}

// As Java's Long.parseLong, without signs.
Result<Duration> duration_in(const std::string& text) {
  Duration::rep milliseconds = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, milliseconds);
  if (parsed.ec == std::errc() && parsed.ptr == end && milliseconds >= 0) return Duration(milliseconds);
  return fail(ErrorKind::invalid,
              fmt::format("its {} is '{}', not a number of milliseconds", duration_attribute, text));
}

DynamoNames names_of_taking(const LockTable& table, const LeaseRecord& mine, const LeaseRecord& seen) {
  DynamoNames used;
  used.names = {{"#pk", table.partition_key}, {"#on", owner_name_attribute}, {"#ld", duration_attribute},
                {"#rvn", version_attribute},  {"#ir", released_attribute},   {"#d", data_attribute}};
  used.values = {{":rvn", text(seen.version)},
                 {":on", text(mine.owner_name)},
                 {":ld", text(milliseconds(mine.lease_duration))},
                 {":newRvn", text(mine.version)}};
  if (mine.data) used.values[":d"] = AttributeValue::of_bytes(*mine.data);
  return used;
}

}  // namespace

Item lock_key(const LockTable& table, const std::string& key) {
  Item item{{table.partition_key, text(key)}};
  if (table.sort_key) item[table.sort_key->first] = text(table.sort_key->second);
  return item;
}

Item lock_item(const LockTable& table, const LeaseRecord& record) {
  Item item = lock_key(table, record.key);
  item[owner_name_attribute] = text(record.owner_name);
  item[duration_attribute] = text(milliseconds(record.lease_duration));
  item[version_attribute] = text(record.version);
  if (record.released) item[released_attribute] = text("1");
  if (record.data) item[data_attribute] = AttributeValue::of_bytes(*record.data);
  return item;
}

bool is_ours(const LockTable& table, const Item& item) {
  if (!table.sort_key) return true;
  const auto found = item.find(table.sort_key->first);
  return found == item.end() || found->second == text(table.sort_key->second);
}

std::string key_text(const LockTable& table, const Item& item) {
  return text_in(item, table.partition_key).value_or("without " + table.partition_key);
}

Result<LeaseRecord> lease_in(const LockTable& table, const Item& item) {
  LeaseRecord record;
  BATON_TRY(record.key, text_in(item, table.partition_key));
  BATON_TRY(record.owner_name, text_in(item, owner_name_attribute));
  BATON_TRY(record.version, text_in(item, version_attribute));
  BATON_TRY(const std::string duration, text_in(item, duration_attribute));
  BATON_TRY(record.lease_duration, duration_in(duration));
  record.released = item.contains(released_attribute);
  if (const auto data = item.find(data_attribute); data != item.end()) {
    if (data->second.type != AttributeValue::Type::binary) {
      return fail(ErrorKind::invalid, "its data is not of type B");
    }
    record.data = data->second.text;
  }
  return record;
}

DynamoPut first_take(const LockTable& table, const LeaseRecord& mine) {
  DynamoPut put{lock_item(table, mine), "attribute_not_exists(#pk)", {{{"#pk", table.partition_key}}, {}}};
  if (table.sort_key) {
    put.condition += " AND attribute_not_exists(#sk)";
    put.used.names["#sk"] = table.sort_key->first;
  }
  return put;
}

// Whether it is released is part of the condition: a release does not change the version, and a Java client's late
// heartbeat changes the version of a released item. Not `isReleased = "1"`: another mark counts as released as well.
DynamoUpdate later_take(const LockTable& table, const LeaseRecord& mine, const LeaseRecord& seen) {
  DynamoUpdate update{lock_key(table, mine.key), {}, {}, names_of_taking(table, mine, seen)};
  update.update = "SET #on = :on, #ld = :ld, #rvn = :newRvn";
  update.update += mine.data ? ", #d = :d REMOVE #ir" : " REMOVE #ir, #d";
  update.condition = seen.released ? "attribute_exists(#pk) AND #rvn = :rvn AND attribute_exists(#ir)"
                                   : "attribute_exists(#pk) AND #rvn = :rvn AND attribute_not_exists(#ir)";
  return update;
}

DynamoUpdate lease_renewal(const LockTable& table, const std::string& key, const std::string& owner_name,
                           const std::string& version, const std::string& new_version, Duration lease_duration) {
  DynamoUpdate update{lock_key(table, key), {}, {}, {}};
  update.update = "SET #ld = :ld, #rvn = :newRvn";
  update.condition = "attribute_exists(#pk) AND #rvn = :rvn AND #on = :on AND attribute_not_exists(#ir)";
  update.used.names = {{"#pk", table.partition_key},
                       {"#on", owner_name_attribute},
                       {"#ld", duration_attribute},
                       {"#rvn", version_attribute},
                       {"#ir", released_attribute}};
  update.used.values = {{":on", text(owner_name)},
                        {":rvn", text(version)},
                        {":newRvn", text(new_version)},
                        {":ld", text(milliseconds(lease_duration))}};
  return update;
}

DynamoUpdate lease_release(const LockTable& table, const std::string& key, const std::string& owner_name,
                           const std::string& version) {
  DynamoUpdate update{lock_key(table, key), "SET #ir = :ir", {}, {}};
  update.condition = "attribute_exists(#pk) AND #rvn = :rvn AND #on = :on";
  update.used.names = {{"#pk", table.partition_key},
                       {"#on", owner_name_attribute},
                       {"#rvn", version_attribute},
                       {"#ir", released_attribute}};
  update.used.values = {{":on", text(owner_name)}, {":rvn", text(version)}, {":ir", text("1")}};
  return update;
}

}  // namespace baton
