// The DynamoDB lease store: the contract, on dynalite and on a fake that checks signatures.
#include "dynamodb/lease_store.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "tests/contract/lease_store_contract.h"
#include "tests/doubles/dynalite.h"
#include "tests/doubles/fake_dynamodb.h"
#include "tests/doubles/given_credentials.h"

namespace baton {
namespace {

constexpr Duration soon{20'000};

class DynamoBackend : public LeaseBackend {
 public:
  DynamoBackend(LockTable table, DynamoEndpoint endpoint, std::shared_ptr<AwsCredentialsProvider> credentials)
      : settings_{std::move(table), std::move(endpoint), {}, {}}, credentials_(std::move(credentials)) {}

  std::shared_ptr<LeaseStore> open() override {
    auto store = open_dynamo_lease_store(settings_, credentials_, clock_, random_, soon);
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  DynamoLeaseSettings settings_;
  std::shared_ptr<AwsCredentialsProvider> credentials_;
};

class DynaliteBackend final : public DynamoBackend {
 public:
  explicit DynaliteBackend(LockTable like = {})
      : DynamoBackend(new_lock_table(std::move(like)), dynalite_endpoint(), dynalite_credentials()) {}
};

struct FakeHolder {
  FakeDynamoDb fake;
};

class FakeBackend final : private FakeHolder, public DynamoBackend {
 public:
  FakeBackend()
      : DynamoBackend({fake.table(), "key", std::nullopt}, fake.endpoint(),
                      std::make_shared<GivenCredentials>(std::vector{fake.credentials()})) {}
};

INSTANTIATE_TEST_SUITE_P(
    Stores, LeaseStoreContract,
    testing::Values(LeaseBackendFactory{"dynalite", [] { return std::make_unique<DynaliteBackend>(); }},
                    LeaseBackendFactory{
                        "dynalite_other_keys",
                        [] {
                          return std::make_unique<DynaliteBackend>(LockTable{"", "Job name", std::pair("sort", "-")});
                        }},
                    LeaseBackendFactory{"fake", [] { return std::make_unique<FakeBackend>(); }}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace baton
