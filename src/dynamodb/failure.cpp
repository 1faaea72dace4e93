#include "dynamodb/failure.h"

#include <fmt/format.h>
#include <zlib.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

struct KnownType {
  std::string_view type;
  DynamoFault fault;
};

constexpr std::array<KnownType, 22> known_types{{
    {"ConditionalCheckFailedException", DynamoFault::condition_failed},
    {"ProvisionedThroughputExceededException", DynamoFault::throttled},
    {"ThrottlingException", DynamoFault::throttled},
    {"Throttling", DynamoFault::throttled},
    {"RequestLimitExceeded", DynamoFault::throttled},
    {"LimitExceededException", DynamoFault::throttled},
    {"TransactionConflictException", DynamoFault::throttled},
    {"ReplicatedWriteConflictException", DynamoFault::throttled},
    {"ResourceNotFoundException", DynamoFault::no_table},
    {"ResourceInUseException", DynamoFault::table_busy},
    {"AccessDeniedException", DynamoFault::denied},
    {"ExpiredTokenException", DynamoFault::expired_credentials},
    {"ExpiredToken", DynamoFault::expired_credentials},
    {"UnrecognizedClientException", DynamoFault::wrong_credentials},
    {"InvalidSignatureException", DynamoFault::wrong_credentials},
    {"IncompleteSignatureException", DynamoFault::wrong_credentials},
    {"IncompleteSignature", DynamoFault::wrong_credentials},
    {"MissingAuthenticationTokenException", DynamoFault::wrong_credentials},
    {"MissingAuthenticationToken", DynamoFault::wrong_credentials},
    {"InvalidClientTokenId", DynamoFault::wrong_credentials},
    {"RequestTimeTooSkewed", DynamoFault::clock_skew},
    {"RequestExpired", DynamoFault::clock_skew},
}};

bool checksum_is_right(const HttpAnswer& answer) {
  const auto header = answer.headers.find("x-amz-crc32");
  if (header == answer.headers.end()) return true;
  unsigned long long expected = 0;
  const std::string& text = header->second;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), expected);
  const auto* bytes = reinterpret_cast<const Bytef*>(answer.body.data());
  return parsed.ec == std::errc() && crc32(0, bytes, static_cast<uInt>(answer.body.size())) == expected;
}

// "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException" and "message", which is "Message" at times.
DynamoFailure said_by(const HttpAnswer& answer) {
  DynamoFailure failure;
  const auto said = nlohmann::json::parse(answer.body, nullptr, false);
  if (!said.is_object()) return failure;
  if (const auto type = said.find("__type"); type != said.end() && type->is_string()) {
    failure.type = type->get<std::string>();
    failure.type.erase(0, failure.type.find('#') + 1);
  }
  for (const char* name : {"message", "Message"}) {
    if (const auto text = said.find(name); text != said.end() && text->is_string()) failure.said = *text;
  }
  return failure;
}

DynamoFault fault_of(const DynamoFailure& said, int status) {
  // A signature that is too old or too young has the type of one that is wrong.
  if (said.type == "InvalidSignatureException" && (said.said.find("Signature expired") != std::string::npos ||
                                                   said.said.find("Signature not yet current") != std::string::npos)) {
    return DynamoFault::clock_skew;
  }
  for (const KnownType& known : known_types) {
    if (said.type == known.type) return known.fault;
  }
  if (status >= 500) return DynamoFault::server_error;
  return status == 429 ? DynamoFault::throttled : DynamoFault::refused;
}

ErrorKind kind_of(DynamoFault fault, bool writes) {
  switch (fault) {
    case DynamoFault::no_answer:
    case DynamoFault::broken_answer:
    case DynamoFault::server_error: return writes ? ErrorKind::unknown_outcome : ErrorKind::retry;
    case DynamoFault::condition_failed: return ErrorKind::conflict;
    case DynamoFault::not_sent:
    case DynamoFault::throttled:
    case DynamoFault::table_busy:
    case DynamoFault::expired_credentials:
    case DynamoFault::clock_skew: return ErrorKind::retry;
    case DynamoFault::no_table:
    case DynamoFault::denied:
    case DynamoFault::dead_credentials:
    case DynamoFault::wrong_credentials:
    case DynamoFault::refused: return ErrorKind::invalid;
  }
  return ErrorKind::internal;
}

bool is_about_keys(std::string_view said) {
  constexpr std::array<std::string_view, 3> words{"key element", "Missing the key", "Type mismatch for key"};
  return std::any_of(words.begin(), words.end(), [&](auto word) { return said.find(word) != said.npos; });
}

std::string_view next_step(const DynamoFailure& failure) {
  switch (failure.fault) {
    case DynamoFault::not_sent:
    case DynamoFault::no_answer: return "; check region, endpoint and the way there";
    case DynamoFault::no_table: return "; check name, region and account of the table, or make it with `baton migrate`";
    case DynamoFault::denied: return "; allow this action on the table to the role or user";
    case DynamoFault::expired_credentials: return "; renew the credentials (aws sso login, a new session token)";
    case DynamoFault::dead_credentials:
      return "; start with a new session token, or with credentials that renew themselves";
    case DynamoFault::wrong_credentials: return "; check access key, secret key and region";
    case DynamoFault::clock_skew: return "; set this machine's clock right (NTP)";
    case DynamoFault::throttled: return "; give the table more capacity, or bill it by request";
    case DynamoFault::refused:
      if (is_about_keys(failure.said)) {
        return "; set locks.dynamodb.partition_key and .sort_key as the table has them (both of type S)";
      }
      return "";
    default: return "";
  }
}

}  // namespace

std::optional<DynamoFailure> failure_of(const HttpAnswer& answer) {
  switch (answer.outcome) {
    case HttpAnswer::Outcome::not_sent: return DynamoFailure{DynamoFault::not_sent, {}, answer.error};
    case HttpAnswer::Outcome::no_answer: return DynamoFailure{DynamoFault::no_answer, {}, answer.error};
    case HttpAnswer::Outcome::answered: break;
  }
  if (!checksum_is_right(answer)) {
    return DynamoFailure{DynamoFault::broken_answer, {}, "the answer does not fit its checksum (x-amz-crc32)"};
  }
  if (answer.status == 200) return std::nullopt;
  DynamoFailure failure = said_by(answer);
  failure.fault = fault_of(failure, answer.status);
  if (failure.type.empty()) failure.type = fmt::format("HTTP status {}", answer.status);
  return failure;
}

bool may_repeat(DynamoFault fault, bool writes) {
  switch (fault) {
    case DynamoFault::not_sent:
    case DynamoFault::throttled: return true;
    case DynamoFault::no_answer:
    case DynamoFault::broken_answer:
    case DynamoFault::server_error: return !writes;
    default: return false;
  }
}

Error error_of(const DynamoFailure& failure, bool writes, std::string_view place) {
  std::string what = failure.type;
  if (!what.empty() && !failure.said.empty()) what += ": ";
  what += failure.said;
  return {kind_of(failure.fault, writes), fmt::format("{}: {}{}", place, what, next_step(failure))};
}

}  // namespace baton
