#include "dynamodb/lease_store.h"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

namespace baton {
namespace {

class DynamoLeaseStore final : public LeaseStore {
 public:
  DynamoLeaseStore(DynamoLeaseSettings settings, const std::shared_ptr<AwsCredentialsProvider>& credentials,
                   Clock& clock, Random& random)
      : settings_(std::move(settings)),
        clock_(clock),
        renewing_(settings_.endpoint, settings_.table.name, credentials, clock, random),
        others_(settings_.endpoint, settings_.table.name, credentials, clock, random) {}

  Result<std::string> identity(Duration timeout) override;
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) override;
  Result<std::vector<LeaseRecord>> list(Duration timeout) override;
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) override;
  void take_all(std::span<const LeaseTake> takes, Duration timeout,
                const std::function<void(std::size_t, const Status&)>& answered) override;
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override;
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override;
  void release_all(std::span<const LeaseRelease> releases, Duration timeout,
                   const std::function<void(std::size_t, const Status&)>& answered) override;

 private:
  const LockTable& table() const { return settings_.table; }
  Result<std::vector<Item>> items(Duration timeout);
  void warn_once(const std::string& about, const std::string& message);

  const DynamoLeaseSettings settings_;
  const Clock& clock_;
  DynamoClient renewing_;
  DynamoClient others_;
  std::atomic<bool> reached_ = false;
  std::atomic<bool> may_scan_ = true;
  std::mutex mutex_;
  std::set<std::string> warned_;
};

void DynamoLeaseStore::warn_once(const std::string& about, const std::string& message) {
  constexpr std::size_t most = 1'000;
  {
    const std::scoped_lock lock(mutex_);
    if (warned_.size() >= most || !warned_.insert(about).second) return;
  }
  if (settings_.warn) settings_.warn(message);
}

// Said of a table that could be read only: else a mistake in its name would be recorded in the repository (P8).
Result<std::string> DynamoLeaseStore::identity(Duration timeout) {
  if (!reached_) {
    // A policy may allow these keys only.
    const std::string key = settings_.known_keys.empty() ? "baton" : settings_.known_keys.front();
    BATON_CHECK(others_.get_item(lock_key(table(), key), timeout));
    reached_ = true;
  }
  return dynamo_identity(table(), settings_.endpoint);
}

Result<std::optional<LeaseRecord>> DynamoLeaseStore::read(const std::string& key, Duration timeout) {
  BATON_TRY(const std::optional<Item> item, others_.get_item(lock_key(table(), key), timeout));
  if (!item) return std::optional<LeaseRecord>();
  auto record = lease_in(table(), *item);
  if (record) return std::optional<LeaseRecord>(*std::move(record));
  return fail(ErrorKind::invalid,
              fmt::format("{}: the item {} is no lock: {}; it is left alone: name the job otherwise, "
                          "or delete the item if nothing needs it",
                          others_.place(), key, record.error().message));
}

// A Scan reads the whole table at half a unit for each 4 KiB; BatchGetItem costs half a unit for each key.
Result<std::vector<Item>> DynamoLeaseStore::items(Duration timeout) {
  if (may_scan_) {
    DynamoFailure failure;
    auto all = others_.scan(timeout, &failure);
    if (all || failure.fault != DynamoFault::denied || failure.type.empty() || settings_.known_keys.empty()) return all;
    may_scan_ = false;
    warn_once("Scan", fmt::format("{}: Scan is not permitted, so only the {} jobs of the configuration are listed",
                                  others_.place(), settings_.known_keys.size()));
  }
  std::vector<Item> keys;
  for (const std::string& key : settings_.known_keys) keys.push_back(lock_key(table(), key));
  return others_.batch_get(keys, timeout);
}

Result<std::vector<LeaseRecord>> DynamoLeaseStore::list(Duration timeout) {
  BATON_TRY(const std::vector<Item> all, items(timeout));
  std::vector<LeaseRecord> records;
  records.reserve(all.size());
  for (const Item& item : all) {
    if (!is_ours(table(), item)) continue;
    auto record = lease_in(table(), item);
    if (record) {
      records.push_back(*std::move(record));
    } else {
      const std::string key = key_text(table(), item);
      warn_once("item " + key, fmt::format("{}: the item {} is no lock: {}; it is left alone", others_.place(), key,
                                           record.error().message));
    }
  }
  return records;
}

Status DynamoLeaseStore::take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) {
  if (!seen) return others_.put_item(first_take(table(), mine), timeout);
  return others_.update_item(later_take(table(), mine, *seen), timeout);
}

// A thousand first, and only then what their owners do with them: it would take the processor from the rest.
void DynamoLeaseStore::take_all(std::span<const LeaseTake> takes, Duration timeout,
                                const std::function<void(std::size_t, const Status&)>& answered) {
  constexpr std::size_t at_a_time = 1'024;
  const Instant until = clock_.now() + timeout;
  for (std::size_t from = 0; from < takes.size(); from += at_a_time) {
    const std::size_t end = std::min(from + at_a_time, takes.size());
    std::vector<DynamoPut> puts;
    std::vector<DynamoUpdate> updates;
    std::vector<std::size_t> put_at;
    std::vector<std::size_t> update_at;
    for (std::size_t i = from; i < end; ++i) {
      if (takes[i].seen) {
        updates.push_back(later_take(table(), takes[i].mine, *takes[i].seen));
        update_at.push_back(i);
      } else {
        puts.push_back(first_take(table(), takes[i].mine));
        put_at.push_back(i);
      }
    }
    const auto left = [&] { return std::max(Duration::zero(), std::chrono::floor<Duration>(until - clock_.now())); };
    const auto tell = [&](const std::vector<Status>& statuses, const std::vector<std::size_t>& at) {
      for (std::size_t i = 0; i < statuses.size(); ++i) answered(at[i], statuses[i]);
    };
    if (!puts.empty()) tell(others_.put_items(puts, left()), put_at);
    if (!updates.empty()) tell(others_.update_items(updates, left()), update_at);
  }
}

std::vector<Status> DynamoLeaseStore::renew(std::span<const LeaseRenewal> renewals, Duration timeout) {
  std::vector<DynamoUpdate> updates;
  updates.reserve(renewals.size());
  for (const LeaseRenewal& one : renewals) {
    updates.push_back(
        lease_renewal(table(), one.key, one.owner_name, one.version, one.new_version, one.lease_duration));
  }
  return renewing_.update_items(updates, timeout);
}

Status DynamoLeaseStore::release(const std::string& key, const std::string& owner_name, const std::string& version,
                                 Duration timeout) {
  return others_.update_item(lease_release(table(), key, owner_name, version), timeout);
}

void DynamoLeaseStore::release_all(std::span<const LeaseRelease> releases, Duration timeout,
                                   const std::function<void(std::size_t, const Status&)>& answered) {
  std::vector<DynamoUpdate> updates;
  updates.reserve(releases.size());
  for (const LeaseRelease& one : releases) {
    updates.push_back(lease_release(table(), one.key, one.owner_name, one.version));
  }
  const std::vector<Status> statuses = others_.update_items(updates, timeout);
  for (std::size_t i = 0; i < statuses.size(); ++i) answered(i, statuses[i]);
}

Status check_keys(const LockTable& table, const DynamoTable& found, const std::string& place) {
  if (found.keys == table.keys()) return {};
  const auto words = [](const DynamoKeySchema& keys) {
    return keys.sort_key ? fmt::format("{} with sort key {}", keys.partition_key, *keys.sort_key)
                         : fmt::format("{} without a sort key", keys.partition_key);
  };
  return fail(ErrorKind::invalid,
              fmt::format("{}: its key is {}, configured is {}; set locks.dynamodb.partition_key and .sort_key as the "
                          "table has them",
                          place, words(found.keys), words(table.keys())));
}

}  // namespace

std::unique_ptr<LeaseStore> make_dynamo_lease_store(DynamoLeaseSettings settings,
                                                    const std::shared_ptr<AwsCredentialsProvider>& credentials,
                                                    Clock& clock, Random& random) {
  return std::make_unique<DynamoLeaseStore>(std::move(settings), credentials, clock, random);
}

Result<std::unique_ptr<LeaseStore>> open_dynamo_lease_store(DynamoLeaseSettings settings,
                                                            const std::shared_ptr<AwsCredentialsProvider>& credentials,
                                                            Clock& clock, Random& random, Duration timeout) {
  auto store = make_dynamo_lease_store(std::move(settings), credentials, clock, random);
  BATON_CHECK(store->identity(timeout));
  return store;
}

Result<bool> make_lock_table(const LockTable& table, const DynamoEndpoint& endpoint,
                             std::shared_ptr<AwsCredentialsProvider> credentials, Clock& clock, Random& random,
                             Duration timeout) {
  constexpr Duration longest_wait(1'000);
  Duration wait(10);
  const Instant until = clock.now() + timeout;
  const auto left = [&] { return std::chrono::floor<Duration>(until - clock.now()); };
  DynamoClient client(endpoint, table.name, std::move(credentials), clock, random);
  bool was_missing = false;
  while (clock.now() < until) {
    BATON_TRY(const std::optional<DynamoTable> found, client.describe_table(left()));
    if (found) BATON_CHECK(check_keys(table, *found, client.place()));
    if (found && found->active) return was_missing;
    if (!found && !was_missing) {
      was_missing = true;
      const auto made = client.create_table(table.keys(), left());
      // Another one may be making it, or the answer was lost: the next look tells.
      if (!made && made.error().kind == ErrorKind::invalid) return fail(made.error());
    }
    clock.wait_until(clock.now() + wait, {});
    wait = std::min(2 * wait, longest_wait);
  }
  return fail(ErrorKind::retry, fmt::format("{}: the table is being made, and does not serve yet", client.place()));
}

}  // namespace baton
