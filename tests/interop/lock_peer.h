// Processes that hold locks in one table of dynalite: Baton's, and JVMs with AWS's lock client.
#pragma once

#include "dynamodb/lock_item.h"
#include "lease/lease_timings.h"
#include "tests/interop/peer_process.h"

#include <memory>
#include <string>

namespace baton {

// java1: lock client 1.1 on AWS SDK 1. java2: 1.4 on AWS SDK 2.
enum class LockSide { baton, java1, java2 };

std::string lock_side_name(LockSide side);

class LockPeer {
 public:
  // Its owner name, unique, begins with the side's name and "-".
  LockPeer(LockSide side, const LockTable& table, const LeaseTimings& timings);

  const std::string& owner() const { return owner_; }
  PeerProcess& process() { return process_; }
  // An error fails the test.
  nlohmann::json ask(const nlohmann::json& command);
  nlohmann::json receive();

  // Waits for the lease that is found, and for a while longer.
  bool acquire(const std::string& key, Duration wait = Duration(0));
  void release(const std::string& key);
  // Its view of the table, by key.
  nlohmann::json locks();

 private:
  const std::string owner_;
  PeerProcess process_;
};

}  // namespace baton
