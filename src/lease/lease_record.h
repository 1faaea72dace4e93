// The durable record that says which replica owns a job (P1). In every store it has the fields of the item of AWS's
// Java lock client for DynamoDB, with its names and meanings.
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>

namespace baton {

struct LeaseRecord {
  std::string key;                  // the job's name
  std::string owner_name;           // unique per process start
  Duration lease_duration{0};       // stored as decimal milliseconds in text
  std::string version;              // recordVersionNumber: a new UUID at every write that acquires or renews
  bool released = false;            // isReleased: "1" or absent; a release does not delete
  std::optional<std::string> data;  // opaque bytes, absent when there are none

  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

}  // namespace baton
