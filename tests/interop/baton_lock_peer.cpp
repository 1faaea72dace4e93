// Baton's leases in DynamoDB as a program of its own, which obeys the same commands as LockPeer.java: a line in is a
// JSON object, a line out its answer. Durations are in milliseconds.
#include "dynamodb/lease_store.h"
#include "runtime/lease_keeper.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "tests/doubles/dynalite.h"
#include "tests/interop/lock_contention.h"

#include <fmt/format.h>
#include <unistd.h>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace baton {
namespace {

using Json = nlohmann::json;

constexpr Duration patience(20'000);

Json described(const LeaseRecord& record) {
  Json all = {{"key", record.key},
              {"owner", record.owner_name},
              {"lease", record.lease_duration.count()},
              {"version", record.version},
              {"released", record.released}};
  if (record.data) all["data"] = *record.data;
  return all;
}

Json failed(const Error& error) { return {{"error", error.message}}; }

class BatonLockPeer {
 public:
  Json obey(const Json& command) {
    const std::string name = command.at("command");
    if (name == "hello") return {{"side", "baton"}};
    if (name == "make_table") return {{"table", new_lock_table().name}};
    if (name == "open") return open(command);
    if (name == "acquire") return acquire(command);
    if (name == "acquire_all") return acquire_all(command);
    if (name == "renew_all") return renew_all();
    if (name == "release_all") return release_all();
    if (name == "release") return release(command);
    if (name == "get") return get(command);
    if (name == "list") return list();
    if (name == "contend") return contend(command);
    if (name == "end_contention") return {{"holds", contention_->end()}};
    return {{"error", "no command " + name}};
  }

 private:
  Json open(const Json& command) {
    timings_ = {Duration(command.at("lease")), Duration(command.at("heartbeat")), Duration(command.at("refresh"))};
    if (const Status right = timings_.check(); !right) return failed(right.error());
    DynamoLeaseSettings settings{{command.at("table"), command.at("partition_key"), std::nullopt},
                                 {command.at("endpoint"), "eu-test-1"},
                                 {},
                                 [](const std::string& warning) { fmt::print(stderr, "{}\n", warning); }};
    if (command.contains("sort_key")) settings.table.sort_key = {command["sort_key"], command["sort_value"]};
    auto store = open_dynamo_lease_store(std::move(settings), dynalite_credentials(), clock_, random_, patience);
    if (!store) return failed(store.error());
    store_ = *std::move(store);
    keeper_ = std::make_unique<LeaseKeeper>(*store_, clock_, random_, timings_, command.at("owner"),
                                            [](const std::string&) {});
    return Json::object();
  }

  // "wait": beyond the lease.
  Json acquire(const Json& command) {
    const auto lease = keeper_->take(command.at("key"), timings_.lease + Duration(command.at("wait")), {});
    if (lease) return {{"held", true}};
    if (lease.error().kind != ErrorKind::retry) return failed(lease.error());
    return {{"held", false}, {"why", lease.error().message}};
  }

  // As many locks as asked for, as a replica that starts takes them: one listing, then all that is free.
  Json acquire_all(const Json& command) {
    const std::uint64_t count = command.at("count");
    const Instant began = clock_.now();
    const auto listed = store_->list(patience);
    if (!listed) return failed(listed.error());
    std::set<std::string> known;
    for (const LeaseRecord& record : *listed) known.insert(record.key);
    std::vector<LeaseTake> takes;
    for (std::uint64_t lock = 0; lock < count; ++lock) {
      const std::string key = command.at("prefix").get<std::string>() + std::to_string(lock);
      if (known.contains(key)) continue;
      takes.push_back({{key, keeper_->owner_name(), timings_.lease, uuid(random_), false, std::nullopt}, std::nullopt});
    }
    held_.clear();
    store_->take_all(takes, patience, [&](std::size_t index, const Status& taken) {
      if (taken) held_.push_back(takes[index].mine);
    });
    return {{"held", held_.size()}, {"nanoseconds", since(began)}};
  }

  // What acquire_all took, once, as a replica's heartbeat does.
  Json renew_all() {
    std::vector<LeaseRenewal> renewals;
    renewals.reserve(held_.size());
    for (const LeaseRecord& one : held_) {
      renewals.push_back({one.key, one.owner_name, one.version, uuid(random_), timings_.lease});
    }
    const Instant began = clock_.now();
    const std::vector<Status> answers = store_->renew(renewals, patience);
    const auto took = since(began);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) return failed(answers[i].error());
      held_[i].version = renewals[i].new_version;
    }
    return {{"renewed", answers.size()}, {"nanoseconds", took}};
  }

  // What acquire_all took, as at a shutdown.
  Json release_all() {
    std::vector<LeaseRelease> releases;
    releases.reserve(held_.size());
    for (const LeaseRecord& one : held_) releases.push_back({one.key, one.owner_name, one.version});
    const Instant began = clock_.now();
    int released = 0;
    store_->release_all(releases, patience,
                        [&released](std::size_t, const Status& answer) { released += answer ? 1 : 0; });
    return {{"released", released}, {"nanoseconds", since(began)}};
  }

  Json release(const Json& command) {
    const Status released = keeper_->release(command.at("key"));
    return released ? Json{{"released", true}} : failed(released.error());
  }

  Json get(const Json& command) {
    const auto record = store_->read(command.at("key"), patience);
    if (!record) return failed(record.error());
    Json answer = Json::object();
    if (*record) answer["lock"] = described(**record);
    if (*record && !(*record)->released) answer["holder"] = (*record)->owner_name;
    return answer;
  }

  Json list() {
    const auto records = store_->list(patience);
    if (!records) return failed(records.error());
    Json locks = Json::array();
    for (const LeaseRecord& record : *records) locks.push_back(described(record));
    return {{"locks", locks}};
  }

  Json contend(const Json& command) {
    contention_ = std::make_unique<LockContention>(
        *keeper_, clock_, random_, timings_,
        LockContentionPlan{command.at("keys"), command.at("name"), command.at("witness"), command.at("threads"),
                           command.at("long_of_ten")});
    return Json::object();
  }

  std::int64_t since(Instant began) const { return std::chrono::nanoseconds(clock_.now() - began).count(); }

  SystemClock clock_;
  SystemRandom random_;
  LeaseTimings timings_;
  std::unique_ptr<LeaseStore> store_;
  std::unique_ptr<LeaseKeeper> keeper_;
  std::vector<LeaseRecord> held_;
  std::unique_ptr<LockContention> contention_;
};

}  // namespace
}  // namespace baton

int main() {
  baton::BatonLockPeer peer;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << peer.obey(nlohmann::json::parse(line)).dump() << std::endl;
  }
  _exit(0);  // as the dead do: nothing is released
}
