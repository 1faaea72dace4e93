// The DynamoDB lease store against a DynamoDB that throttles, fails, loses answers and is slow.
#include "dynamodb/lease_store.h"

#include "runtime/system_clock.h"
#include "tests/doubles/fake_dynamodb.h"
#include "tests/doubles/given_credentials.h"
#include "tests/doubles/seeded_random.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <thread>

namespace baton {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using What = DynamoTrouble::What;

constexpr Duration soon{20'000};

class DynamoLeaseStoreFaults : public testing::Test {
 protected:
  DynamoLeaseStoreFaults() { store_ = open(); }

  std::unique_ptr<LeaseStore> open() {
    auto store = open_dynamo_lease_store(settings_, credentials_, clock_, random_, soon);
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
  }
  Result<std::unique_ptr<LeaseStore>> open_with(const LockTable& table) {
    return open_dynamo_lease_store({table, fake_.endpoint(), {}, {}}, credentials_, clock_, random_, soon);
  }
  static LeaseRecord record(const std::string& key, const std::string& version) {
    return {key, "me", Duration(20'000), version, false, std::nullopt};
  }
  static LeaseRenewal renewal(const std::string& key, const std::string& from, const std::string& to) {
    return {key, "me", from, to, Duration(20'000)};
  }
  Status renew_one(const LeaseRenewal& one, Duration timeout = soon) { return store_->renew({&one, 1}, timeout).at(0); }
  void take_all(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) ASSERT_TRUE(store_->take(record(key, "v1"), std::nullopt, soon));
  }
  static void expect_kind(const Status& answer, ErrorKind kind) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind) << answer.error().message;
  }
  // An error of AWS's for everything, and what a read says then.
  Error answered(const std::string& type, const std::string& message, int status = 400) {
    fake_.next({What::error, "GetItem", 1, status, type, message});
    const auto answer = store_->read("job", Duration(300));
    EXPECT_FALSE(answer);
    return answer ? Error{} : answer.error();
  }

  FakeDynamoDb fake_;
  SystemClock clock_;
  SeededRandom random_{7};
  std::vector<std::string> warnings_;
  DynamoLeaseSettings settings_{
      {fake_.table(), "key", std::nullopt}, fake_.endpoint(), {}, [this](const std::string& message) {
        warnings_.push_back(message);
      }};
  std::shared_ptr<AwsCredentialsProvider> credentials_ =
      std::make_shared<GivenCredentials>(std::vector{fake_.credentials()});
  std::unique_ptr<LeaseStore> store_;
};

TEST_F(DynamoLeaseStoreFaults, ManyTakenTogetherThenTheyAreUnderWayTogetherAndAFaultIsThatOnesAlone) {
  std::vector<LeaseTake> takes;
  for (int i = 0; i < 40; ++i) takes.push_back({record(fmt::format("job-{}", i), "v1"), std::nullopt});
  fake_.next({What::lost_answer, "PutItem", 1, 0, "", ""});
  fake_.next({What::slow, "PutItem", 16, 0, "", ""});
  std::vector<std::optional<Status>> answers(takes.size());
  std::jthread taking([&] {
    store_->take_all(takes, soon, [&](std::size_t index, const Status& answer) { answers[index] = answer; });
  });
  fake_.wait_for_slow(16);
  fake_.let_go();
  taking.join();
  int unknown = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    if (*answer) continue;
    expect_kind(*answer, ErrorKind::unknown_outcome);
    ++unknown;
  }
  EXPECT_EQ(unknown, 1);
  EXPECT_GE(fake_.most_at_once(), 16);
  EXPECT_EQ(fake_.count("PutItem"), 40) << "none is sent twice";
}

TEST_F(DynamoLeaseStoreFaults, TimeRunsOutWhileManyAreTakenThenTheRestWasSurelyNotTaken) {
  std::vector<LeaseTake> takes;
  for (int i = 0; i < 1'100; ++i) takes.push_back({record(fmt::format("job-{}", i), "v1"), std::nullopt});
  fake_.next({What::silent, "PutItem", 1, 0, "", ""});
  std::vector<ErrorKind> kinds(takes.size(), ErrorKind::internal);
  store_->take_all(takes, Duration(300), [&](std::size_t index, const Status& answer) {
    kinds[index] = answer ? ErrorKind::invalid : answer.error().kind;
  });
  EXPECT_EQ(kinds.back(), ErrorKind::retry);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), ErrorKind::internal), 0);
}

TEST_F(DynamoLeaseStoreFaults, P7ManyReleasedTogetherThenTheyAreUnderWayTogetherAndAFaultIsThatOnesAlone) {
  std::vector<LeaseRelease> releases;
  for (int i = 0; i < 40; ++i) {
    releases.push_back({fmt::format("job-{}", i), "me", "v1"});
    take_all({releases.back().key});
  }
  fake_.next({What::lost_answer, "UpdateItem", 1, 0, "", ""});
  fake_.next({What::slow, "UpdateItem", 16, 0, "", ""});
  std::vector<ErrorKind> kinds(releases.size(), ErrorKind::internal);
  std::jthread releasing([&] {
    store_->release_all(releases, soon, [&](std::size_t index, const Status& answer) {
      kinds[index] = answer ? ErrorKind::invalid : answer.error().kind;
    });
  });
  fake_.wait_for_slow(16);
  fake_.let_go();
  releasing.join();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), ErrorKind::invalid), 39) << "these succeeded";
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), ErrorKind::unknown_outcome), 1);
  EXPECT_GE(fake_.most_at_once(), 16);
  for (const LeaseRelease& one : releases) EXPECT_TRUE(fake_.item(one.key).contains("isReleased")) << one.key;
}

TEST_F(DynamoLeaseStoreFaults, P1TheItemIsTheJavaClients) {
  LeaseRecord mine = record("job", "7a1c");
  mine.data = std::string("a\0b", 3);
  ASSERT_TRUE(store_->take(mine, std::nullopt, soon));
  EXPECT_EQ(fake_.item("job"), Json::parse(R"({"key": {"S": "job"}, "ownerName": {"S": "me"},
      "leaseDuration": {"S": "20000"}, "recordVersionNumber": {"S": "7a1c"}, "data": {"B": "YQBi"}})"));
  ASSERT_TRUE(store_->release("job", "me", "7a1c", soon));
  EXPECT_EQ(fake_.item("job").at("isReleased"), Json::parse(R"({"S": "1"})"));
  EXPECT_EQ(fake_.item("job").at("recordVersionNumber"), Json::parse(R"({"S": "7a1c"})"));
}

TEST_F(DynamoLeaseStoreFaults, AttributesOfOthersSurviveRenewalReleaseAndTake) {
  take_all({"job"});
  Json item = fake_.item("job");
  item["entityType"] = Json::parse(R"({"M": {"a": {"L": [{"N": "1.5"}, {"NULL": true}]}, "b": {"SS": ["x"]}}})");
  fake_.put(item);
  ASSERT_TRUE(renew_one(renewal("job", "v1", "v2")));
  ASSERT_TRUE(store_->release("job", "me", "v2", soon));
  ASSERT_TRUE(store_->take(record("job", "v3"), store_->read("job", soon).value(), soon));
  EXPECT_EQ(fake_.item("job").at("entityType"), item.at("entityType"));
}

TEST_F(DynamoLeaseStoreFaults, AnItemThatJavaReadsAsReleasedIsTakenWhateverItsMarkIs) {
  take_all({"job"});
  Json item = fake_.item("job");
  item["isReleased"] = Json::parse(R"({"BOOL": true})");
  fake_.put(item);
  const auto seen = store_->read("job", soon).value();
  EXPECT_TRUE(seen->released);
  expect_kind(renew_one(renewal("job", "v1", "v2")), ErrorKind::conflict);
  ASSERT_TRUE(store_->take(record("job", "v2"), seen, soon));
  EXPECT_FALSE(fake_.item("job").contains("isReleased"));
}

TEST_F(DynamoLeaseStoreFaults, AnItemThatIsNoLockIsReportedOnceAndLeftAlone) {
  take_all({"job"});
  const std::vector<std::pair<std::string, std::string>> strange{
      {R"({"key": {"S": "config"}, "value": {"N": "1"}})", "it has no ownerName"},
      {R"({"key": {"S": "go"}, "ownerName": {"S": "x"}, "recordVersionNumber": {"S": "1"}, "leaseDuration": {"S": "20s"}})",
       "its leaseDuration is '20s', not a number of milliseconds"},
      {R"({"key": {"S": "python"}, "ownerName": {"S": "x"}, "recordVersionNumber": {"S": "1"}, "leaseDuration": {"N": "20"}})",
       "its leaseDuration is not of type S"}};
  for (const auto& [item, why] : strange) fake_.put(Json::parse(item));
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(store_->list(soon).value(), ElementsAre(record("job", "v1")));
  }
  ASSERT_EQ(warnings_.size(), strange.size());
  for (std::size_t i = 0; i < strange.size(); ++i) EXPECT_THAT(warnings_[i], HasSubstr(strange[i].second));
  const auto read = store_->read("config", soon);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::invalid);
  EXPECT_THAT(read.error().message, HasSubstr("the item config is no lock: it has no ownerName"));
  expect_kind(store_->take(record("config", "v1"), std::nullopt, soon), ErrorKind::conflict);
  EXPECT_EQ(fake_.item("config"), Json::parse(strange[0].first));
}

TEST_F(DynamoLeaseStoreFaults, ListingReadsEveryPage) {
  for (int i = 0; i < 25; ++i) take_all({fmt::format("job-{}", i)});
  fake_.set_page_size(4);
  EXPECT_EQ(store_->list(soon).value().size(), 25U);
  EXPECT_EQ(fake_.count("Scan"), 7);
}

TEST_F(DynamoLeaseStoreFaults, WithoutScanTheKnownKeysAreReadInBatches) {
  for (int i = 0; i < 250; ++i) {
    settings_.known_keys.push_back(fmt::format("job-{}", i));
    if (i % 2 == 0) take_all({settings_.known_keys.back()});
  }
  const auto store = open();
  fake_.next({What::error, "Scan", -1, 400, "AccessDeniedException", "not authorized to perform dynamodb:Scan"});
  fake_.set_page_size(40);
  EXPECT_EQ(store->list(soon).value().size(), 125U);
  EXPECT_EQ(store->list(soon).value().size(), 125U);
  EXPECT_EQ(fake_.count("Scan"), 1) << "it is not asked for again";
  EXPECT_GE(fake_.count("BatchGetItem"), 6);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("Scan is not permitted, so only the 250 jobs")));
  EXPECT_EQ(store_->list(soon).error().kind, ErrorKind::invalid) << "no keys are known to this one";
}

TEST_F(DynamoLeaseStoreFaults, ThrottledCallsAreRepeatedWithinTheirTime) {
  fake_.next({What::error, "PutItem", 3, 400, "ProvisionedThroughputExceededException"});
  take_all({"a", "b", "c"});
  fake_.next({What::error, "UpdateItem", 4});
  const std::vector<LeaseRenewal> renewals{renewal("a", "v1", "a2"), renewal("b", "v1", "b2"),
                                           renewal("c", "v1", "c2")};
  for (const Status& answer : store_->renew(renewals, soon)) EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(fake_.count("UpdateItem"), 7);
}

TEST_F(DynamoLeaseStoreFaults, P3ThrottlingThatDoesNotEndIsSurelyNotDoneOnceTheTimeIsOver) {
  take_all({"job"});
  fake_.next({What::error, "UpdateItem", -1, 400, "ThrottlingException", "Rate of requests exceeds"});
  const Status answer = renew_one(renewal("job", "v1", "v2"), Duration(200));
  expect_kind(answer, ErrorKind::retry);
  EXPECT_THAT(answer.error().message, HasSubstr("give the table more capacity"));
  EXPECT_GT(fake_.count("UpdateItem"), 2);
  EXPECT_EQ(store_->read("job", soon).value(), record("job", "v1"));
}

TEST_F(DynamoLeaseStoreFaults, P4AWriteWithoutAnAnswerIsOfUnknownOutcomeAndNotRepeated) {
  take_all({"job"});
  const std::vector<DynamoTrouble> troubles{{What::lost_answer, "UpdateItem"},
                                            {What::lost_request, "UpdateItem"},
                                            {What::spoilt_answer, "UpdateItem"},
                                            {What::done_and_error, "UpdateItem", 1, 500, "InternalServerError"},
                                            {What::error, "UpdateItem", 1, 503, "ServiceUnavailable"}};
  for (const DynamoTrouble& trouble : troubles) {
    const std::string version = store_->read("job", soon).value()->version;
    const int before = fake_.count("UpdateItem");
    fake_.next(trouble);
    expect_kind(renew_one(renewal("job", version, version + "n")), ErrorKind::unknown_outcome);
    EXPECT_EQ(fake_.count("UpdateItem"), before + 1);
    const bool done = trouble.what != What::lost_request && trouble.what != What::error;
    EXPECT_EQ(store_->read("job", soon).value()->version, done ? version + "n" : version);
  }
}

TEST_F(DynamoLeaseStoreFaults, P4ATakeWhoseAnswerIsLostOnAKeptConnectionIsNotSentTwice) {
  EXPECT_FALSE(store_->read("job", soon).value()) << "the connection is kept";
  fake_.next({What::lost_answer, "PutItem"});
  expect_kind(store_->take(record("job", "v1"), std::nullopt, soon), ErrorKind::unknown_outcome);
  EXPECT_EQ(fake_.count("PutItem"), 1) << "a second one would say `conflict` for a lease that is mine";
  EXPECT_EQ(store_->read("job", soon).value(), record("job", "v1"));
}

TEST_F(DynamoLeaseStoreFaults, ReadsAreRepeatedWhateverBecameOfThem) {
  take_all({"job"});
  for (const What what : {What::lost_answer, What::lost_request, What::spoilt_answer}) {
    fake_.next({what, "GetItem", 2});
    EXPECT_EQ(store_->read("job", soon).value(), record("job", "v1"));
  }
  fake_.next({What::error, "GetItem", 2, 500, "InternalServerError"});
  EXPECT_EQ(store_->read("job", soon).value(), record("job", "v1"));
}

TEST_F(DynamoLeaseStoreFaults, P5AListingMayBeBehindAndNeitherAReadNorATakeIsDeceived) {
  take_all({"job"});
  fake_.keep_stale();
  ASSERT_TRUE(renew_one(renewal("job", "v1", "v2")));
  fake_.next({What::stale_read, "Scan"});
  const std::vector<LeaseRecord> listed = store_->list(soon).value();
  EXPECT_THAT(listed, ElementsAre(record("job", "v1")));
  expect_kind(store_->take(record("job", "v3"), listed.front(), soon), ErrorKind::conflict);
  EXPECT_EQ(store_->read("job", soon).value(), record("job", "v2"));
}

TEST_F(DynamoLeaseStoreFaults, ACallEndsAfterItsTimeAndASilentConnectionIsNotUsedAgain) {
  take_all({"job"});
  fake_.next({What::silent, "UpdateItem"});
  const Instant from = clock_.now();
  expect_kind(renew_one(renewal("job", "v1", "v2"), Duration(100)), ErrorKind::unknown_outcome);
  EXPECT_LT(clock_.now() - from, Duration(5'000));
  EXPECT_TRUE(renew_one(renewal("job", "v1", "v2")));
  fake_.next({What::silent, "GetItem"});
  const auto read = store_->read("job", Duration(100));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::retry);
  EXPECT_TRUE(store_->read("job", soon));
}

// As when a firewall has forgotten them all.
TEST_F(DynamoLeaseStoreFaults, AConnectionGoesSilentThenNoneOfItsAgeIsUsedAgain) {
  std::vector<LeaseRenewal> renewals;
  for (int i = 0; i < 8; ++i) {
    renewals.push_back(renewal(fmt::format("job-{}", i), "v1", "v2"));
    take_all({renewals.back().key});
  }
  fake_.next({What::slow, "UpdateItem", 8});
  std::jthread renewing([&] { EXPECT_TRUE(store_->renew(renewals, soon).back()); });
  fake_.wait_for_slow(8);
  fake_.let_go();
  renewing.join();
  const int kept = fake_.server().connections();
  fake_.next({What::silent, "UpdateItem"});
  expect_kind(renew_one(renewal("job-0", "v2", "v3"), Duration(100)), ErrorKind::unknown_outcome);
  EXPECT_EQ(fake_.server().connections(), kept);
  EXPECT_TRUE(renew_one(renewal("job-1", "v2", "v3")));
  EXPECT_EQ(fake_.server().connections(), kept + 1);
}

TEST_F(DynamoLeaseStoreFaults, P5RenewalsGoInParallelAndWaitForNoOtherCall) {
  std::vector<LeaseRenewal> renewals;
  for (int i = 0; i < 64; ++i) {
    take_all({fmt::format("job-{}", i)});
    renewals.push_back(renewal(fmt::format("job-{}", i), "v1", fmt::format("n{}", i)));
  }
  fake_.next({What::slow, "Scan"});
  std::jthread listing([&] { EXPECT_TRUE(store_->list(soon)); });
  fake_.wait_for_slow(1);
  fake_.next({What::slow, "UpdateItem", 8});
  std::jthread renewing([&] {
    for (const Status& answer : store_->renew(renewals, soon)) EXPECT_TRUE(answer) << answer.error().message;
  });
  fake_.wait_for_slow(9);
  while (fake_.count("UpdateItem") < 64) std::this_thread::yield();  // none waits for those eight
  fake_.let_go();
  renewing.join();
  EXPECT_GE(fake_.most_at_once(), 9);
  EXPECT_LE(fake_.server().connections(), 1 + 1 + 1 + 32);
}

TEST_F(DynamoLeaseStoreFaults, ConnectionsAreKept) {
  for (int i = 0; i < 50; ++i) take_all({fmt::format("job-{}", i)});
  EXPECT_LE(fake_.server().connections(), 2) << "one to open, one for everything since";
}

TEST_F(DynamoLeaseStoreFaults, AConnectionClosedWhileIdleCostsNothing) {
  take_all({"job"});
  ASSERT_TRUE(renew_one(renewal("job", "v1", "v2")));
  fake_.server().cut();
  // Sooner or later the end of it has arrived here, and another connection is made.
  while (fake_.server().connections() < 4) {
    const std::string version = store_->read("job", soon).value()->version;
    const Status answer = renew_one(renewal("job", version, version + "n"));
    ASSERT_TRUE(answer || answer.error().kind == ErrorKind::unknown_outcome) << answer.error().message;
  }
}

TEST_F(DynamoLeaseStoreFaults, ExpiredCredentialsAreRenewedAndTheCallRepeated) {
  credentials_ = std::make_shared<GivenCredentials>(std::vector{fake_.credentials(), fake_.credentials()});
  store_ = open();
  fake_.next({What::error, "PutItem", 1, 400, "ExpiredTokenException"});
  EXPECT_TRUE(store_->take(record("job", "v1"), std::nullopt, soon));
  fake_.next({What::error, "UpdateItem", 1, 400, "ExpiredTokenException"});
  const Status dead = renew_one(renewal("job", "v1", "v2"));
  expect_kind(dead, ErrorKind::invalid);
  EXPECT_THAT(dead.error().message, HasSubstr("start with a new session token"));
}

TEST_F(DynamoLeaseStoreFaults, WrongCredentialsAreAskedForAnewSinceTheyMayHaveBeenReplaced) {
  AwsCredentials old = fake_.credentials();
  old.secret_access_key = Redacted<std::string>("rotated away");
  credentials_ = std::make_shared<GivenCredentials>(std::vector{old, fake_.credentials()});
  store_ = open();
  EXPECT_TRUE(store_->take(record("job", "v1"), std::nullopt, soon));
  EXPECT_EQ(fake_.count("PutItem"), 1);
}

TEST_F(DynamoLeaseStoreFaults, EachErrorSaysWhereAndWhatToDo) {
  struct Case {
    const char* type;
    const char* message;
    ErrorKind kind;
    const char* step;
  };
  for (const Case& one : std::vector<Case>{
           {"ResourceNotFoundException", "Requested resource not found", ErrorKind::invalid, "baton migrate"},
           {"AccessDeniedException", "not authorized", ErrorKind::invalid, "allow this action"},
           {"UnrecognizedClientException", "The security token is invalid", ErrorKind::invalid, "check access key"},
           {"InvalidSignatureException", "should be scoped to a valid region", ErrorKind::invalid, "region"},
           {"InvalidSignatureException", "Signature expired: 20261101T1 is now earlier", ErrorKind::retry, "clock"},
           {"RequestTimeTooSkewed", "The difference is too large", ErrorKind::retry, "clock right (NTP)"},
           {"ValidationException", "The provided key element does not match the schema", ErrorKind::invalid,
            "locks.dynamodb.partition_key"}}) {
    const Error error = answered(one.type, one.message);
    EXPECT_EQ(error.kind, one.kind) << error.message;
    EXPECT_THAT(error.message, HasSubstr(one.step));
    EXPECT_THAT(error.message, HasSubstr("DynamoDB table locks in eu-test-1 (http://127.0.0.1:"));
    EXPECT_THAT(error.message, HasSubstr(one.message));
    EXPECT_THAT(error.message, testing::Not(HasSubstr("\n")));
  }
}

TEST_F(DynamoLeaseStoreFaults, OpeningFindsAWrongTableAndWrongKeysAtOnce) {
  const auto no_table = open_with({"lock", "key", std::nullopt});
  ASSERT_FALSE(no_table);
  EXPECT_EQ(no_table.error().kind, ErrorKind::invalid);
  const auto other_key = open_with({fake_.table(), "id", std::nullopt});
  ASSERT_FALSE(other_key);
  EXPECT_EQ(other_key.error().kind, ErrorKind::invalid);
  EXPECT_THAT(other_key.error().message, HasSubstr("locks.dynamodb.partition_key"));
  AwsCredentials wrong = fake_.credentials();
  wrong.secret_access_key = Redacted<std::string>("wrong-secret");
  credentials_ = std::make_shared<GivenCredentials>(std::vector{wrong});
  const auto other_secret = open_with({fake_.table(), "key", std::nullopt});
  ASSERT_FALSE(other_secret);
  EXPECT_EQ(other_secret.error().kind, ErrorKind::invalid);
  EXPECT_THAT(other_secret.error().message, testing::Not(HasSubstr("wrong-secret")));
}

TEST_F(DynamoLeaseStoreFaults, WhereNobodyListensNothingWasSent) {
  settings_.endpoint.url = HttpServer([](const ReceivedRequest&) { return GivenReply{}; }).url();  // is gone now
  const auto store = open_dynamo_lease_store(settings_, credentials_, clock_, random_, Duration(100));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::retry);
}

TEST_F(DynamoLeaseStoreFaults, ALongSessionTokenIsSignedToo) {
  AwsCredentials session = fake_.credentials();
  session.session_token = Redacted<std::string>(std::string(6'000, 'x') + "/+=");
  credentials_ = std::make_shared<GivenCredentials>(std::vector{session});
  store_ = open();
  EXPECT_TRUE(store_->take(record("job", "v1"), std::nullopt, soon));
}

TEST(DynamoIdentity, DependsOnWhatTellsTablesApartAndNotOnAwsEndpoint) {
  const LockTable table{"locks", "key", std::nullopt};
  const std::string usual = dynamo_identity(table, {"https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1"});
  EXPECT_EQ(dynamo_identity(table, {"https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com", "eu-west-1"}), usual);
  EXPECT_NE(dynamo_identity(table, {"https://dynamodb.eu-west-2.amazonaws.com", "eu-west-2"}), usual);
  EXPECT_NE(dynamo_identity(table, {"http://127.0.0.1:8000", "eu-west-1"}), usual);
  EXPECT_NE(dynamo_identity({"lock", "key", std::nullopt}, {"https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1"}),
            usual);
  EXPECT_NE(dynamo_identity({"locks", "key", std::pair("sort", "a")},
                            {"https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1"}),
            dynamo_identity({"locks", "key", std::pair("sort", "b")},
                            {"https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1"}));
}

}  // namespace
}  // namespace baton
