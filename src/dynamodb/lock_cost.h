// What locks in DynamoDB cost while nothing happens, in capacity units
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html).
#pragma once

#include "dynamodb/lock_item.h"
#include "lease/lease_timings.h"

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

struct LockLoad {
  LockTable table;
  std::vector<std::string> jobs;
  std::int64_t replicas = 1;
  std::int64_t tokens = 1;  // of each replica
  bool fair = true;         // replica.balance
  LeaseTimings timings;
};

// A minute, at rest: each lease is renewed once a heartbeat, and each replica lists once a heartbeat, or once a refresh
// while it has a free token that a job could take.
struct LockCost {
  double renewals = 0;
  double listings = 0;
  double write_units = 0;
  double read_units = 0;          // by Scan
  double read_units_by_keys = 0;  // by BatchGetItem, where Scan is not permitted
};

constexpr double minutes_a_month = 30 * 24 * 60;

LockCost lock_cost(const LockLoad& load);

}  // namespace baton
