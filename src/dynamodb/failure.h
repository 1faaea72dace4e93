// What an answer of DynamoDB's that is no success means
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html).
#pragma once

#include "baton/error.h"
#include "http/client.h"

#include <optional>
#include <string>
#include <string_view>

namespace baton {

enum class DynamoFault {
  not_sent,          // surely not done
  no_answer,         // may be done
  broken_answer,     // came spoilt: may be done
  throttled,         // surely not done; later
  server_error,      // 5xx: may be done
  condition_failed,  // a compare-and-set was lost
  no_table,
  table_busy,  // it is being made, changed or deleted
  denied,      // no permission
  expired_credentials,
  dead_credentials,  // expired, and there will be no others
  wrong_credentials,
  clock_skew,
  refused,  // the request is wrong, or does not fit the table
};

struct DynamoFailure {
  DynamoFault fault = DynamoFault::refused;
  std::string type;  // "ResourceNotFoundException"; empty where AWS said nothing
  std::string said;  // its message, or libcurl's
};

// Empty for a success whose checksum is right.
std::optional<DynamoFailure> failure_of(const HttpAnswer& answer);

// True if sending it again can do no harm, and may help.
bool may_repeat(DynamoFault fault, bool writes);

// `place` says which table, region and endpoint.
Error error_of(const DynamoFailure& failure, bool writes, std::string_view place);

}  // namespace baton
