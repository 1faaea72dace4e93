// The policies in deploy/iam allow exactly what the lease store asks for.
#include "dynamodb/lease_store.h"
#include "runtime/system_clock.h"
#include "tests/doubles/fake_dynamodb.h"
#include "tests/doubles/given_credentials.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>
#include <fstream>
#include <set>

namespace baton {
namespace {

using Json = nlohmann::json;
constexpr Duration soon{20'000};

std::set<std::string> allowed_by(const std::string& name) {
  std::ifstream file(BATON_SOURCE_DIR "/deploy/iam/" + name);
  const Json policy = Json::parse(file);
  EXPECT_EQ(policy.at("Version"), "2012-10-17");
  std::set<std::string> actions;
  for (const Json& statement : policy.at("Statement")) {
    EXPECT_EQ(statement.at("Effect"), "Allow");
    EXPECT_NE(statement.at("Resource"), "*");
    for (const Json& action : statement.at("Action")) actions.insert(action.get<std::string>());
  }
  return actions;
}

// Each call of the lease store; what it asked DynamoDB for.
std::set<std::string> asked_of(FakeDynamoDb& fake) {
  SystemClock clock;
  SeededRandom random(7);
  const auto credentials = std::make_shared<GivenCredentials>(std::vector{fake.credentials()});
  DynamoLeaseSettings settings{{fake.table(), "key", std::nullopt}, fake.endpoint(), {"a"}, {}};
  const auto store = open_dynamo_lease_store(std::move(settings), credentials, clock, random, soon).value();
  LeaseRecord mine{"a", "me", Duration(20'000), "v1", false, std::nullopt};
  EXPECT_TRUE(store->identity(soon));
  EXPECT_TRUE(store->take(mine, std::nullopt, soon));
  EXPECT_TRUE(store->read("a", soon));
  EXPECT_EQ(store->list(soon).value().size(), 1U);
  const LeaseRenewal renewal{"a", "me", "v1", "v2", Duration(20'000)};
  EXPECT_TRUE(store->renew({&renewal, 1}, soon).front());
  EXPECT_TRUE(store->release("a", "me", "v2", soon));
  mine.version = "v3";
  const LeaseTake take{mine, store->read("a", soon).value()};
  store->take_all({&take, 1}, soon, [](std::size_t, const Status& answer) { EXPECT_TRUE(answer); });
  std::set<std::string> actions;
  for (const std::string& operation : fake.operations()) actions.insert("dynamodb:" + operation);
  return actions;
}

TEST(IamPolicy, WithScanThenItAllowsExactlyWhatIsAskedFor) {
  FakeDynamoDb fake;
  EXPECT_EQ(asked_of(fake), allowed_by("with-scan.json"));
}

TEST(IamPolicy, WithoutScanThenItAllowsExactlyWhatIsAskedForOnceScanIsDenied) {
  FakeDynamoDb fake;
  fake.next({DynamoTrouble::What::error, "Scan", -1, 400, "AccessDeniedException", "not authorized"});
  std::set<std::string> asked = asked_of(fake);
  EXPECT_EQ(asked.erase("dynamodb:Scan"), 1U);
  EXPECT_EQ(asked, allowed_by("without-scan.json"));
}

}  // namespace
}  // namespace baton
