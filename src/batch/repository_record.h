// What the job repository knows of itself and of who writes where (P8).
#pragma once

#include "baton/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// Used by one thread at a time.
class RepositoryRecord {
 public:
  RepositoryRecord() = default;
  RepositoryRecord(const RepositoryRecord&) = delete;
  RepositoryRecord& operator=(const RepositoryRecord&) = delete;
  virtual ~RepositoryRecord() = default;

  // The random id that was made with the repository.
  virtual const std::string& repository_id() const = 0;

  // The identity of the lease store that its replicas use; empty where none was recorded yet.
  virtual Result<std::optional<std::string>> lease_store() = 0;

  // Records the lease store's identity at the first call; later `invalid` for another one: replicas with different
  // lease stores do not exclude each other.
  virtual Status adopt_lease_store(const std::string& identity) = 0;

  // The databases, by identity, in which the job was last fenced; empty if it never was.
  virtual Result<std::vector<std::string>> fenced_databases(const std::string& job) = 0;

  // In one transaction, committed durably: sets the repository's fence of the job to `from` + 1 where it is `from`,
  // and records `databases`. `conflict` where it is not.
  virtual Status raise_fence(const std::string& job, std::int64_t from, const std::vector<std::string>& databases) = 0;
};

}  // namespace baton
