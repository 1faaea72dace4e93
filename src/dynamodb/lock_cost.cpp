#include "dynamodb/lock_cost.h"

#include <algorithm>

namespace baton {
namespace {

constexpr std::size_t owner_bytes = 40;  // host name, a dash and eight digits
constexpr std::size_t version_bytes = 36;
constexpr std::size_t read_block = 4'096;
constexpr std::size_t page = 1'048'576;
constexpr double eventually_consistent = 0.5;  // units a block

// Names of attributes count as well as values.
std::size_t item_bytes(const LockTable& table, const std::string& job, const std::string& lease_duration) {
  const LeaseRecord record{
      job, std::string(owner_bytes, 'o'), Duration(0), std::string(version_bytes, 'v'), false, std::nullopt};
  std::size_t bytes = 0;
  for (const auto& [name, value] : lock_item(table, record)) bytes += name.size() + value.text.size();
  return bytes - std::size_t{1} + lease_duration.size();
}

double units(std::size_t bytes) {
  return eventually_consistent * static_cast<double>(std::max<std::size_t>(1, (bytes + read_block - 1) / read_block));
}

double per_minute(Duration every) {
  return static_cast<double>(Duration(std::chrono::minutes(1)).count()) / static_cast<double>(every.count());
}

// Replicas that own as much as they could.
std::int64_t satisfied(const LockLoad& load, std::int64_t jobs) {
  const std::int64_t most = std::min(load.tokens, jobs);
  if (load.replicas * load.tokens <= jobs) return load.replicas;
  if (!load.fair) return most == 0 ? load.replicas : std::min(load.replicas, jobs / most);
  const std::int64_t share = jobs / load.replicas;
  if (share >= most) return load.replicas;
  return share + 1 >= most ? jobs % load.replicas : 0;
}

}  // namespace

LockCost lock_cost(const LockLoad& load) {
  const auto jobs = static_cast<std::int64_t>(load.jobs.size());
  const std::string lease = std::to_string(load.timings.lease.count());
  std::size_t bytes = 0;
  double by_keys = 0;
  for (const std::string& job : load.jobs) {
    const std::size_t item = item_bytes(load.table, job, lease);
    bytes += item;
    by_keys += units(item);
  }
  double by_scan = 0;  // each page is rounded up by itself
  for (std::size_t from = 0; from == 0 || from < bytes; from += page) by_scan += units(std::min(page, bytes - from));

  const LeaseTimings& timings = load.timings;
  const std::int64_t quiet = satisfied(load, jobs);
  LockCost cost;
  cost.renewals = static_cast<double>(std::min(jobs, load.replicas * load.tokens)) * per_minute(timings.heartbeat);
  cost.listings = static_cast<double>(quiet) * per_minute(std::max(timings.refresh, timings.heartbeat)) +
                  static_cast<double>(load.replicas - quiet) * per_minute(timings.refresh);
  cost.write_units = cost.renewals;  // an item is below 1 KiB
  cost.read_units = cost.listings * by_scan;
  cost.read_units_by_keys = cost.listings * by_keys;
  return cost;
}

}  // namespace baton
