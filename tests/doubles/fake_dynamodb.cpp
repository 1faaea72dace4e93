#include "tests/doubles/fake_dynamodb.h"

#include "tests/doubles/dynamo_expressions.h"
#include "tests/doubles/signature_check.h"

#include <fmt/format.h>
#include <zlib.h>
#include <algorithm>

namespace baton {
namespace {

using Json = nlohmann::json;
using What = DynamoTrouble::What;

constexpr const char* secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr const char* access_key = "AKIDEXAMPLE";

GivenReply with_checksum(int status, const std::string& body) {
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return {status, {{"x-amz-crc32", std::to_string(sum)}}, body};
}

GivenReply refusal(int status, const std::string& type, const std::string& message) {
  const Json body{{"__type", "com.amazonaws.dynamodb.v20120810#" + type}, {"message", message}};
  return with_checksum(status, body.dump());
}

GivenReply refusal(const DynamoTrouble& trouble) { return refusal(trouble.status, trouble.type, trouble.message); }

}  // namespace

FakeDynamoDb::FakeDynamoDb(DynamoKeySchema keys)
    : keys_(std::move(keys)), server_([this](const ReceivedRequest& request) { return handle(request); }) {}

AwsCredentials FakeDynamoDb::credentials() const {
  return {access_key, Redacted<std::string>(secret), std::nullopt, std::nullopt, "the test", true};
}

void FakeDynamoDb::next(DynamoTrouble trouble) {
  const std::scoped_lock lock(mutex_);
  troubles_.push_back(std::move(trouble));
}

void FakeDynamoDb::end_troubles() {
  const std::scoped_lock lock(mutex_);
  troubles_.clear();
}

void FakeDynamoDb::keep_stale() {
  const std::scoped_lock lock(mutex_);
  stale_ = items_;
}

void FakeDynamoDb::let_go() {
  const std::scoped_lock lock(mutex_);
  let_go_ = true;
  changed_.notify_all();
}

void FakeDynamoDb::wait_for_slow(int requests) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return slow_ >= requests; });
}

Json FakeDynamoDb::item(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [place, item] : items_) {
    if (place.partition == key) return item;
  }
  return nullptr;
}

void FakeDynamoDb::put(const Json& item) {
  const std::scoped_lock lock(mutex_);
  items_[key_of(item)] = item;
}

int FakeDynamoDb::count(const std::string& operation) {
  const std::scoped_lock lock(mutex_);
  if (!operation.empty()) return counts_[operation];
  int all = 0;
  for (const auto& [name, count] : counts_) all += count;
  return all;
}

std::set<std::string> FakeDynamoDb::operations() {
  const std::scoped_lock lock(mutex_);
  std::set<std::string> names;
  for (const auto& [name, count] : counts_) names.insert(name);
  return names;
}

int FakeDynamoDb::most_at_once() {
  const std::scoped_lock lock(mutex_);
  return most_at_once_;
}

std::optional<DynamoTrouble> FakeDynamoDb::trouble_for(const std::string& operation) {
  const auto found = std::find_if(troubles_.begin(), troubles_.end(), [&](const DynamoTrouble& one) {
    return one.operation.empty() || one.operation == operation;
  });
  if (found == troubles_.end()) return std::nullopt;
  DynamoTrouble trouble = *found;
  if (found->times > 0 && --found->times == 0) troubles_.erase(found);
  return trouble;
}

GivenReply FakeDynamoDb::handle(const ReceivedRequest& request) {
  const auto target = request.headers.find("x-amz-target");
  const std::string operation =
      target == request.headers.end() ? "" : target->second.substr(target->second.find('.') + 1);
  std::unique_lock lock(mutex_);
  ++counts_[operation];
  const auto trouble = trouble_for(operation);
  if (trouble && trouble->what == What::error) return refusal(*trouble);
  if (trouble && trouble->what == What::lost_request) return {0, {}, {}, true, false};
  if (trouble && trouble->what == What::silent) return {0, {}, {}, false, true};
  most_at_once_ = std::max(most_at_once_, ++under_way_);
  if (trouble && trouble->what == What::slow) {
    ++slow_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return let_go_; });
  }
  lock.unlock();
  const std::string fault = signature_fault(request, secret);
  lock.lock();
  --under_way_;
  if (!fault.empty()) return refusal(400, "InvalidSignatureException", fault);
  GivenReply reply;
  try {
    reply = done(operation, Json::parse(request.body), trouble && trouble->what == What::stale_read);
  } catch (const std::exception& error) {
    reply = refusal(400, "ValidationException", error.what());
  }
  if (!trouble) return reply;
  if (trouble->what == What::done_and_error) return refusal(*trouble);
  if (trouble->what == What::lost_answer) reply.close = true;
  if (trouble->what == What::spoilt_answer) reply.body += ' ';
  return reply;
}

FakeDynamoDb::Key FakeDynamoDb::key_of(const Json& item) const {
  Key key{item.at(keys_.partition_key).at("S"), {}};
  if (keys_.sort_key) key.sort = item.at(*keys_.sort_key).at("S");
  return key;
}

std::optional<std::string> FakeDynamoDb::key_fault(const Json& item, bool whole) const {
  const std::size_t size = keys_.sort_key ? 2 : 1;
  const bool has_all = item.contains(keys_.partition_key) && (!keys_.sort_key || item.contains(*keys_.sort_key));
  if (has_all && (whole || item.size() == size)) return std::nullopt;
  return whole ? "One or more parameter values were invalid: Missing the key in the item"
               : "The provided key element does not match the schema";
}

GivenReply FakeDynamoDb::page(const Json& said, const Items& items) const {
  auto at = items.begin();
  if (said.contains("ExclusiveStartKey")) at = items.upper_bound(key_of(said.at("ExclusiveStartKey")));
  Json found = Json::array();
  Json answer = Json::object();
  for (std::size_t read = 0; at != items.end(); ++at, ++read) {
    if (read == page_size_) {
      Json last{{keys_.partition_key, std::prev(at)->second.at(keys_.partition_key)}};
      if (keys_.sort_key) last[*keys_.sort_key] = std::prev(at)->second.at(*keys_.sort_key);
      answer["LastEvaluatedKey"] = last;
      break;
    }
    if (condition_holds(said.value("KeyConditionExpression", ""), at->second, said)) found.push_back(at->second);
  }
  answer["Items"] = found;
  return with_checksum(200, answer.dump());
}

GivenReply FakeDynamoDb::batch(const Json& said, const Items& items) const {
  const Json& keys = said.at("RequestItems").at(table()).at("Keys");
  if (keys.size() > 100) return refusal(400, "ValidationException", "Too many items requested");
  Json found = Json::array();
  Json left = Json::array();
  for (const Json& key : keys) {
    if (found.size() == page_size_) {
      left.push_back(key);
    } else if (const auto item = items.find(key_of(key)); item != items.end()) {
      found.push_back(item->second);
    }
  }
  Json answer{{"Responses", {{table(), found}}}, {"UnprocessedKeys", Json::object()}};
  if (!left.empty()) answer["UnprocessedKeys"][table()]["Keys"] = left;
  return with_checksum(200, answer.dump());
}

GivenReply FakeDynamoDb::done(const std::string& operation, const Json& said, bool stale) {
  const Items& shown = stale ? stale_ : items_;
  if (operation == "BatchGetItem") return batch(said, shown);
  if (said.at("TableName") != table()) {
    return refusal(400, "ResourceNotFoundException", "Requested resource not found");
  }
  if (operation == "Scan" || operation == "Query") return page(said, shown);
  const bool puts = operation == "PutItem";
  const Json& subject = said.at(puts ? "Item" : "Key");
  if (const auto fault = key_fault(subject, puts)) return refusal(400, "ValidationException", *fault);
  const Key key = key_of(subject);
  const auto found = items_.find(key);
  const Json before = found == items_.end() ? Json() : found->second;
  if (operation == "GetItem") {
    if (!said.value("ConsistentRead", false)) return refusal(400, "ValidationException", "not a consistent read");
    return with_checksum(200, before.is_null() ? "{}" : Json{{"Item", before}}.dump());
  }
  if (!condition_holds(said.value("ConditionExpression", ""), before, said)) {
    return refusal(400, "ConditionalCheckFailedException", "The conditional request failed");
  }
  if (puts) {
    items_[key] = subject;
  } else if (operation == "UpdateItem") {
    Json after = before.is_null() ? subject : before;
    apply_update(said.at("UpdateExpression"), after, said);
    items_[key] = after;
  } else {
    return refusal(400, "UnknownOperationException", operation);
  }
  return with_checksum(200, "{}");
}

}  // namespace baton
