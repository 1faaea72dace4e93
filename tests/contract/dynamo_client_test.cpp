// DynamoDB's operations on dynalite: tables, pages, batches, and what wrong settings say.
#include "dynamodb/dynamo_client.h"

#include "dynamodb/lease_store.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "tests/doubles/dynalite.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;

constexpr Duration soon{30'000};

class DynamoClientTest : public testing::Test {
 protected:
  DynamoClient client(const LockTable& table) {
    return {dynalite_endpoint(), table.name, dynalite_credentials(), clock_, random_};
  }
  Result<bool> make(const LockTable& table) {
    return make_lock_table(table, dynalite_endpoint(), dynalite_credentials(), clock_, random_, soon);
  }
  Result<std::unique_ptr<LeaseStore>> open(const LockTable& table) {
    return open_dynamo_lease_store({table, dynalite_endpoint(), {}, {}}, dynalite_credentials(), clock_, random_, soon);
  }
  LockTable named(const std::optional<std::pair<std::string, std::string>>& sort_key = std::nullopt) {
    return {"table-" + hex(random_, 16), "key", sort_key};
  }

  SystemClock clock_;
  SystemRandom random_;
};

TEST_F(DynamoClientTest, ATableIsMadeOnceAndDescribed) {
  const LockTable table = named(std::pair("sort", "-"));
  EXPECT_FALSE(client(table).describe_table(soon).value());
  EXPECT_TRUE(make(table).value());
  EXPECT_FALSE(make(table).value());
  const auto described = client(table).describe_table(soon).value();
  ASSERT_TRUE(described);
  EXPECT_TRUE(described->active);
  EXPECT_EQ(described->keys, table.keys());
  const auto other = make({table.name, "key", std::nullopt});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::invalid);
  EXPECT_THAT(other.error().message, HasSubstr("its key is key with sort key sort, configured is key without"));
}

TEST_F(DynamoClientTest, ValuesOfEveryTypeComeBackAsTheyWere) {
  const LockTable table = new_lock_table();
  using Type = AttributeValue::Type;
  const auto text = AttributeValue::of_text;
  Item item = lock_key(table, "all");
  item["B"] = AttributeValue::of_bytes(std::string("\0\xff\x10", 3));
  item["N"] = {Type::number, "-1.5", false, {}, {}};
  item["BOOL"] = {Type::boolean, {}, true, {}, {}};
  item["NULL"] = {};
  item["L"] = {Type::list, {}, false, {text("a"), item["N"], item["NULL"]}, {}};
  item["M"] = {Type::map, {}, false, {}, {{"in", item["L"]}}};
  item["SS"] = {Type::string_set, {}, false, {text("x"), text("y")}, {}};
  item["NS"] = {Type::number_set, {}, false, {item["N"]}, {}};
  item["BS"] = {Type::binary_set, {}, false, {item["B"]}, {}};
  ASSERT_TRUE(client(table).put_item({item, {}, {}}, soon));
  EXPECT_EQ(client(table).get_item(lock_key(table, "all"), soon).value(), item);
}

TEST_F(DynamoClientTest, ScansQueriesAndBatchesGoOverTheirLimits) {
  const LockTable table = new_lock_table({"", "key", std::pair("sort", "")});
  DynamoClient many = client(table);
  std::vector<Item> keys;
  for (int i = 0; i < 130; ++i) {
    Item item{{"key", AttributeValue::of_text(i < 120 ? "one" : "other")},
              {"sort", AttributeValue::of_text(fmt::format("{:03}", i))}};
    keys.push_back(item);
    item["data"] = AttributeValue::of_bytes(std::string(20'000, 'x'));  // a page ends at 1 MiB
    ASSERT_TRUE(many.put_item({item, {}, {}}, soon));
  }
  keys.push_back({{"key", AttributeValue::of_text("absent")}, {"sort", AttributeValue::of_text("-")}});
  EXPECT_EQ(many.scan(soon).value().size(), 130U);
  const DynamoQuery of_one{"#k = :k", {{{"#k", "key"}}, {{":k", AttributeValue::of_text("one")}}}};
  EXPECT_EQ(many.query(of_one, soon).value().size(), 120U);
  EXPECT_EQ(many.batch_get(keys, soon).value().size(), 130U);
}

TEST_F(DynamoClientTest, AMissingTableAndOtherKeysAreInvalidWithTheNextStep) {
  const auto missing = open(named());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::invalid);
  EXPECT_THAT(missing.error().message, HasSubstr("baton migrate"));
  LockTable table = new_lock_table();
  table.partition_key = "id";
  const auto other = open(table);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::invalid);
  EXPECT_THAT(other.error().message, HasSubstr("locks.dynamodb.partition_key"));
}

TEST_F(DynamoClientTest, LocksWithAnotherSortKeyAreNoneOfOurs) {
  const LockTable ours = new_lock_table({"", "key", std::pair("kind", "baton")});
  LockTable theirs = ours;
  theirs.sort_key->second = "java";
  const LeaseRecord mine{"job", "me", Duration(20'000), "v1", false, std::nullopt};
  const auto our_store = open(ours).value();
  const auto their_store = open(theirs).value();
  ASSERT_TRUE(our_store->take(mine, std::nullopt, soon));
  EXPECT_TRUE(their_store->list(soon).value().empty());
  EXPECT_TRUE(their_store->take(mine, std::nullopt, soon));
  EXPECT_EQ(our_store->list(soon).value().size(), 1U);
  EXPECT_NE(our_store->identity(soon).value(), their_store->identity(soon).value());
}

}  // namespace
}  // namespace baton
