#include "app/late_lease_store.h"

namespace baton {

Result<LeaseStore*> LateLeaseStore::opened() {
  const std::scoped_lock lock(mutex_);
  if (store_ == nullptr) {
    auto opened = open_();
    if (!opened) return fail(ErrorKind::retry, opened.error().message);
    store_ = *std::move(opened);
  }
  return store_.get();
}

Result<LeaseStore*> LateLeaseStore::admitted() {
  {
    const std::scoped_lock lock(mutex_);
    if (refused_) return fail(ErrorKind::retry, refused_->message);
  }
  return opened();
}

void LateLeaseStore::refuse(const std::optional<Error>& why) {
  const std::scoped_lock lock(mutex_);
  refused_ = why;
}

Result<std::string> LateLeaseStore::identity(Duration timeout) {
  BATON_TRY(LeaseStore* const store, opened());
  return store->identity(timeout);
}

Result<std::optional<LeaseRecord>> LateLeaseStore::read(const std::string& key, Duration timeout) {
  BATON_TRY(LeaseStore* const store, admitted());
  return store->read(key, timeout);
}

Result<std::vector<LeaseRecord>> LateLeaseStore::list(Duration timeout) {
  BATON_TRY(LeaseStore* const store, admitted());
  return store->list(timeout);
}

Status LateLeaseStore::take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) {
  BATON_TRY(LeaseStore* const store, admitted());
  return store->take(mine, seen, timeout);
}

void LateLeaseStore::take_all(std::span<const LeaseTake> takes, Duration timeout,
                              const std::function<void(std::size_t, const Status&)>& answered) {
  const auto store = admitted();
  if (store) return (*store)->take_all(takes, timeout, answered);
  for (std::size_t i = 0; i < takes.size(); ++i) answered(i, fail(store.error()));
}

std::vector<Status> LateLeaseStore::renew(std::span<const LeaseRenewal> renewals, Duration timeout) {
  const auto store = opened();
  if (store) return (*store)->renew(renewals, timeout);
  return std::vector<Status>(renewals.size(), fail(store.error()));
}

Status LateLeaseStore::release(const std::string& key, const std::string& owner_name, const std::string& version,
                               Duration timeout) {
  BATON_TRY(LeaseStore* const store, opened());
  return store->release(key, owner_name, version, timeout);
}

void LateLeaseStore::release_all(std::span<const LeaseRelease> releases, Duration timeout,
                                 const std::function<void(std::size_t, const Status&)>& answered) {
  const auto store = opened();
  if (store) return (*store)->release_all(releases, timeout, answered);
  for (std::size_t i = 0; i < releases.size(); ++i) answered(i, fail(store.error()));
}

}  // namespace baton
