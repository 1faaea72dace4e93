#include "sqlite/lease_store.h"
#include "tests/contract/lease_store_contract.h"
#include "tests/doubles/breakable_lease_store.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/temporary_folder.h"

namespace baton {
namespace {

std::uint64_t next_seed() {
  static std::atomic<std::uint64_t> seed = 1;
  return seed++;
}

class MemoryBackend final : public LeaseBackend {
 public:
  MemoryBackend() : random_(next_seed()), store_(std::make_shared<MemoryLeaseStore>(random_)) {}
  std::shared_ptr<LeaseStore> open() override { return store_; }

 private:
  SeededRandom random_;
  std::shared_ptr<LeaseStore> store_;
};

class SqliteBackend final : public LeaseBackend {
 public:
  std::shared_ptr<LeaseStore> open() override {
    auto store = SqliteLeaseStore::open(folder_.file("locks.db"), random_);
    if (!store) ADD_FAILURE() << store.error().message;
    return std::move(store).value();
  }

 private:
  TemporaryFolder folder_;
  SeededRandom random_{next_seed()};
};

// A test double is a store too: with nothing broken it must behave like one.
class UnbrokenBackend final : public LeaseBackend {
 public:
  std::shared_ptr<LeaseStore> open() override { return store_; }

 private:
  SeededRandom random_{next_seed()};
  MemoryLeaseStore inner_{random_};
  std::shared_ptr<LeaseStore> store_ = std::make_shared<BreakableLeaseStore>(inner_);
};

template <class Backend>
LeaseBackendFactory factory(const char* name) {
  return {name, [] { return std::make_unique<Backend>(); }};
}

INSTANTIATE_TEST_SUITE_P(Stores, LeaseStoreContract,
                         testing::Values(factory<MemoryBackend>("memory"), factory<SqliteBackend>("sqlite"),
                                         factory<UnbrokenBackend>("unbroken")),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace baton
