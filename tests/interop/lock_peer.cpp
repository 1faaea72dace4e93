#include "tests/interop/lock_peer.h"

#include "tests/doubles/dynalite.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>

namespace baton {
namespace {

std::string new_owner(LockSide side) {
  static std::atomic<int> count = 0;
  return fmt::format("{}-{}.{}", lock_side_name(side), getpid(), ++count);
}

std::vector<std::string> program(LockSide side) {
  if (side == LockSide::baton) return {BATON_LOCK_PEER};
  const int generation = side == LockSide::java1 ? 1 : 2;
  return java_program(fmt::format("{}/locks{}", BATON_LOCK_CLIENTS, generation), "baton.interop.LockPeer");
}

}  // namespace

std::string lock_side_name(LockSide side) {
  switch (side) {
    case LockSide::baton: return "baton";
    case LockSide::java1: return "java1";
    case LockSide::java2: return "java2";
  }
  return "";
}

LockPeer::LockPeer(LockSide side, const LockTable& table, const LeaseTimings& timings)
    : owner_(new_owner(side)), process_(program(side)) {
  nlohmann::json command = {{"command", "open"},
                            {"endpoint", dynalite_endpoint().url},
                            {"table", table.name},
                            {"partition_key", table.partition_key},
                            {"owner", owner_},
                            {"lease", timings.lease.count()},
                            {"heartbeat", timings.heartbeat.count()},
                            {"refresh", timings.refresh.count()}};
  if (table.sort_key) {
    command["sort_key"] = table.sort_key->first;
    command["sort_value"] = table.sort_key->second;
  }
  ask(command);
}

nlohmann::json LockPeer::ask(const nlohmann::json& command) {
  process_.send(command);
  return receive();
}

nlohmann::json LockPeer::receive() {
  nlohmann::json answer = process_.receive();
  if (answer.contains("error")) ADD_FAILURE() << owner_ << ": " << answer;
  return answer;
}

bool LockPeer::acquire(const std::string& key, Duration wait) {
  return ask({{"command", "acquire"}, {"key", key}, {"wait", wait.count()}}).value("held", false);
}

void LockPeer::release(const std::string& key) {
  EXPECT_TRUE(ask({{"command", "release"}, {"key", key}}).value("released", false)) << owner_ << ", " << key;
}

nlohmann::json LockPeer::locks() {
  nlohmann::json by_key = nlohmann::json::object();
  for (const auto& lock : ask({{"command", "list"}}).value("locks", nlohmann::json::array())) {
    by_key[lock.at("key").get<std::string>()] = lock;
  }
  return by_key;
}

}  // namespace baton
