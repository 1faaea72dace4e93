// The item of AWS's Java lock client (amazon-dynamodb-lock-client 1.0 to 1.4) as a LeaseRecord (P1). Everything but
// `data` is of type S: the key, ownerName, leaseDuration in decimal milliseconds, recordVersionNumber, and isReleased,
// which is "1" or absent.
#pragma once

#include "baton/result.h"
#include "dynamodb/operations.h"
#include "lease/lease_record.h"

#include <optional>
#include <string>
#include <utility>

namespace baton {

struct LockTable {
  std::string name;
  std::string partition_key = "key";
  // The name of the sort key and the one value that Baton's locks have; items with another one are none of ours.
  std::optional<std::pair<std::string, std::string>> sort_key;

  DynamoKeySchema keys() const {
    return {partition_key, sort_key ? std::optional<std::string>(sort_key->first) : std::nullopt};
  }
};

Item lock_key(const LockTable& table, const std::string& key);
Item lock_item(const LockTable& table, const LeaseRecord& record);

// True unless the item has another value of the sort key than ours.
bool is_ours(const LockTable& table, const Item& item);
// For people: the item's partition key, or that it has none.
std::string key_text(const LockTable& table, const Item& item);
// `invalid`, with what is wrong, for an item that the Java client does not take for a lock either. A record is released
// where isReleased is there at all, as the Java client reads it.
Result<LeaseRecord> lease_in(const LockTable& table, const Item& item);

// The changes of a lease, as conditional writes (P4, P5). Attributes that Baton does not know stay.
DynamoPut first_take(const LockTable& table, const LeaseRecord& mine);
DynamoUpdate later_take(const LockTable& table, const LeaseRecord& mine, const LeaseRecord& seen);
DynamoUpdate lease_renewal(const LockTable& table, const std::string& key, const std::string& owner_name,
                           const std::string& version, const std::string& new_version, Duration lease_duration);
DynamoUpdate lease_release(const LockTable& table, const std::string& key, const std::string& owner_name,
                           const std::string& version);

}  // namespace baton
