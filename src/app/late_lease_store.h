// A lease store that is opened at its first use, and tried again until it can be: a replica starts without it.
#pragma once

#include "lease/lease_store.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace baton {

// Thread-safe. An error of `open` is each call's answer until one succeeds; `retry`, whatever it says, so that nobody
// takes it for a call that may have been done.
class LateLeaseStore final : public LeaseStore {
 public:
  using Open = std::function<Result<std::unique_ptr<LeaseStore>>()>;

  explicit LateLeaseStore(Open open) : open_(std::move(open)) {}

  // Until the next call: what `list`, `read` and the takes answer. Nothing: what the store does.
  void refuse(const std::optional<Error>& why);

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
  Result<LeaseStore*> opened();
  Result<LeaseStore*> admitted();

  const Open open_;
  std::mutex mutex_;
  std::unique_ptr<LeaseStore> store_;
  std::optional<Error> refused_;
};

}  // namespace baton
