// The keeper of leases as it ships, on a DynamoDB that throttles and loses answers.
#include "runtime/lease_keeper.h"

#include "dynamodb/lease_store.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "tests/doubles/fake_dynamodb.h"
#include "tests/doubles/given_credentials.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using What = DynamoTrouble::What;

const LeaseTimings lasting{Duration(60'000), Duration(15'000), Duration(20)};
const LeaseTimings brief{Duration(900), Duration(300), Duration(20)};

class LeaseKeeperOnDynamo : public testing::Test {
 protected:
  LeaseKeeper& keeper(const LeaseTimings& timings) {
    keeper_ = std::make_unique<LeaseKeeper>(*store_, clock_, random_, timings, "me", [](const std::string&) {});
    return *keeper_;
  }
  std::string owner() { return fake_.item("job").at("ownerName").at("S"); }

  FakeDynamoDb fake_;
  SystemClock clock_;
  SystemRandom random_;
  std::shared_ptr<AwsCredentialsProvider> credentials_ =
      std::make_shared<GivenCredentials>(std::vector{fake_.credentials()});
  std::unique_ptr<LeaseStore> store_ =
      open_dynamo_lease_store({{fake_.table(), "key", std::nullopt}, fake_.endpoint(), {}, {}}, credentials_, clock_,
                              random_, Duration(20'000))
          .value();
  std::unique_ptr<LeaseKeeper> keeper_;
};

TEST_F(LeaseKeeperOnDynamo, P4ATakeWhoseAnswerIsLostIsReadBackAndNotWaitedOut) {
  fake_.next({What::lost_answer, "PutItem"});
  const auto held = keeper(lasting).take("job", std::nullopt, {});
  ASSERT_TRUE(held) << held.error().message;
  EXPECT_EQ(fake_.count("PutItem"), 1);
  EXPECT_EQ(owner(), "me");
  EXPECT_TRUE((*held)->renew_now());
}

TEST_F(LeaseKeeperOnDynamo, P4RenewalsWhoseAnswersAreLostAreReadBackAndTheLeaseIsKept) {
  const auto held = keeper(lasting).take("job", std::nullopt, {}).value();
  for (const What what : {What::lost_answer, What::lost_request, What::spoilt_answer}) {
    fake_.next({what, "UpdateItem"});
    EXPECT_TRUE(held->renew_now());
  }
  fake_.next({What::done_and_error, "UpdateItem", 1, 500, "InternalServerError"});
  EXPECT_TRUE(held->renew_now());
  EXPECT_EQ(store_->read("job", Duration(20'000)).value()->owner_name, "me");
}

TEST_F(LeaseKeeperOnDynamo, P7AReleaseWhoseAnswerIsLostIsReadBack) {
  const auto held = keeper(lasting).take("job", std::nullopt, {}).value();
  fake_.next({What::lost_answer, "UpdateItem"});
  EXPECT_TRUE(keeper_->release("job"));
  EXPECT_TRUE(fake_.item("job").contains("isReleased"));
}

TEST_F(LeaseKeeperOnDynamo, P3AThrottledLeaseIsKeptAsLongAsTrustLasts) {
  const auto held = keeper(lasting).take("job", std::nullopt, {}).value();
  fake_.next({What::error, "UpdateItem", 5, 400, "ProvisionedThroughputExceededException"});
  EXPECT_TRUE(held->renew_now());
  EXPECT_GE(fake_.count("UpdateItem"), 6);
}

TEST_F(LeaseKeeperOnDynamo, P3ALeaseThatIsThrottledForLongerIsNotTrustedAnyMore) {
  const auto held = keeper(brief).take("job", std::nullopt, {}).value();
  const Instant trusted = held->trusted_until();
  fake_.next({What::error, "UpdateItem", -1, 400, "ThrottlingException"});
  const Status answer = held->renew_now();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::retry) << answer.error().message;
  EXPECT_GE(clock_.now(), trusted);
  EXPECT_GE(held->trusted_until(), trusted) << "one renewal may have been done before";
  EXPECT_EQ(owner(), "me");
}

}  // namespace
}  // namespace baton
