// Where leases live: SQLite, later PostgreSQL and DynamoDB, memory for tests.
#pragma once

#include "baton/result.h"
#include "lease/lease_record.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baton {

struct LeaseTake {
  LeaseRecord mine;
  std::optional<LeaseRecord> seen;
};

struct LeaseRelease {
  std::string key;
  std::string owner_name;
  std::string version;  // the one I hold
};

struct LeaseRenewal {
  std::string key;
  std::string owner_name;
  std::string version;      // the one I hold
  std::string new_version;  // the one it becomes
  Duration lease_duration{0};
};

// Every change is one compare-and-set. Thread-safe. No call blocks for longer than its `timeout`. All of them may
// return `retry` (surely not done) and, where they write, `unknown_outcome` (read back before anything else);
// `invalid` where a person must change something (a missing table, no permission).
class LeaseStore {
 public:
  LeaseStore() = default;
  LeaseStore(const LeaseStore&) = delete;
  LeaseStore& operator=(const LeaseStore&) = delete;
  virtual ~LeaseStore() = default;

  // A random id, made when the store was made: two replicas with different ones do not exclude each other (P8).
  virtual Result<std::string> identity(Duration timeout) = 0;

  // The record of `key`, released ones included, as of a moment after the call began (a consistent read); no record
  // is an empty optional, not an error.
  virtual Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) = 0;

  // All records, in any order. A store may be briefly behind here; decisions use read().
  virtual Result<std::vector<LeaseRecord>> list(Duration timeout) = 0;

  // Writes `mine`, whole, if the record is still what `seen` says: absent, released at the same version, or held at
  // the same version (the caller waited it out). `conflict` where it is not; nothing is written then.
  virtual Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) = 0;

  // take() of each, of different keys, in any order or at the same time. `answered` is called once for each, by its
  // index, as soon as its answer is there, in the thread of the call. `timeout` is that of one take, or of all.
  virtual void take_all(std::span<const LeaseTake> takes, Duration timeout,
                        const std::function<void(std::size_t, const Status&)>& answered) {
    for (std::size_t i = 0; i < takes.size(); ++i) answered(i, take(takes[i].mine, takes[i].seen, timeout));
  }

  // Gives each lease its new version and duration, all in one request where the store can, and returns one status
  // for each, in order. `conflict`: absent, another version or owner, or released; that lease is unchanged. `data`
  // stays.
  virtual std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) = 0;

  // Marks the record released if version and owner are these; everything else stays. `conflict` where it is absent
  // or another's; already released at this version is success.
  virtual Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                         Duration timeout) = 0;

  // release() of each, of different keys; else as take_all().
  virtual void release_all(std::span<const LeaseRelease> releases, Duration timeout,
                           const std::function<void(std::size_t, const Status&)>& answered) {
    for (std::size_t i = 0; i < releases.size(); ++i) {
      const LeaseRelease& one = releases[i];
      answered(i, release(one.key, one.owner_name, one.version, timeout));
    }
  }
};

}  // namespace baton
