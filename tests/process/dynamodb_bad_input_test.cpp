// What a person can get wrong about locks in DynamoDB: one line that says what, and what to do. Nothing that time can
// heal ends a replica.
#include "tests/doubles/dynalite.h"
#include "tests/doubles/fake_dynamodb.h"
#include "tests/process/dynamodb_process.h"

#include <fmt/format.h>
#include <memory>

namespace baton {
namespace {

using What = DynamoTrouble::What;

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

class DynamoBadInput : public DynamoProcessTest {
 protected:
  void configure_fake(const std::string& more = "") const {
    configure({fake_.table(), "key", std::nullopt}, fake_.endpoint(), more);
  }
  ProgramEnd run_signed(std::vector<std::string> arguments) const { return run(std::move(arguments), keys_); }

  // All commands that need the locks say it in one line, and a replica does not even start.
  void expect_wrong(const Environment& environment, const std::vector<std::string>& words) {
    for (const auto& command :
         std::vector<std::vector<std::string>>{{"run"}, {"run", "--once", "a"}, {"status"}, {"doctor"}}) {
      const ProgramEnd end = run(command, environment);
      EXPECT_EQ(end.exit_code, 78) << command.front() << "\n" << end.errors;
      const std::string said = command.front() == "doctor" ? end.output : end.errors;
      for (const std::string& word : words) EXPECT_THAT(said, HasSubstr(word)) << command.front();
      EXPECT_THAT(end.errors, Not(HasSubstr(secret()))) << command.front();
      EXPECT_LE(lines(end.errors), 2U) << end.errors;  // who the credentials are from may be one
    }
  }
  // The replica says it, goes on, and works as soon as it is over.
  void expect_waiting(const std::vector<std::string>& words) { expect_waiting(keys_, words); }
  void expect_waiting(const Environment& environment, const std::vector<std::string>& words) {
    Program replica(request({"run"}, environment));
    for (const std::string& word : words) ASSERT_TRUE(replica.await_error_text(word)) << word;
    fake_.end_troubles();
    ASSERT_TRUE(replica.await_error_text("took its lease"));
    replica.signal(SIGTERM);
    EXPECT_EQ(replica.wait().exit_code, 0);
  }
  void always(int status, const std::string& type, const std::string& message) {
    fake_.next({What::error, "", -1, status, type, message});
  }
  std::string secret() const { return fake_.credentials().secret_access_key.reveal(); }

  FakeDynamoDb fake_;
  const Environment keys_{{"AWS_ACCESS_KEY_ID", fake_.credentials().access_key_id},
                          {"AWS_SECRET_ACCESS_KEY", secret()}};
};

TEST_F(DynamoBadInput, NoSuchTableThenMigrateMakesIt) {
  LockTable missing = new_lock_table();
  missing.name += "-other";
  configure(missing, dynalite_endpoint(), ", accesskey: test, secretkey: test");
  expect_wrong({}, {missing.name, "eu-test-1", "ResourceNotFoundException", "baton migrate"});
  const ProgramEnd made = run({"migrate"});
  EXPECT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.output, HasSubstr("created the table"));
  EXPECT_THAT(run({"migrate", "--json"}).output, "[]\n");
  const ProgramEnd ran = run({"run", "--once", "a"});
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
}

TEST_F(DynamoBadInput, WrongKeySchemaThenTheKeysAreNamed) {
  LockTable table = new_lock_table();
  table.partition_key = "jobName";
  configure(table, dynalite_endpoint(), ", accesskey: test, secretkey: test");
  expect_wrong({}, {table.name, "locks.dynamodb.partition_key"});
  const ProgramEnd migrated = run({"migrate"});
  EXPECT_EQ(migrated.exit_code, 78);
  EXPECT_THAT(migrated.errors, HasSubstr("its key is key without a sort key, configured is jobName"));
}

TEST_F(DynamoBadInput, NoCredentialsThenThePlacesForThemAreNamed) {
  configure_fake();
  expect_wrong({}, {"no AWS credentials", "AWS_ACCESS_KEY_ID", "role"});
  EXPECT_EQ(fake_.count(""), 0);
}

TEST_F(DynamoBadInput, OnlyOneKeyThenTheOtherIsAskedFor) {
  configure_fake(", accesskey: AKIDEXAMPLE");
  expect_wrong({}, {"baton.yaml", "only one is set"});
}

TEST_F(DynamoBadInput, NoRegionThenItIsAskedFor) {
  workspace_.write("baton.yaml",
                   "repository: { url: \"sqlite:baton.db\" }\nlocks: { store: dynamodb, dynamodb: { table: "
                   "locks } }\njobs:\n" +
                       sql_job("a", once_an_hour));
  expect_wrong(keys_, {"baton.yaml:2:", "AWS_REGION"});
}

TEST_F(DynamoBadInput, ExpiredTokenOfTheEnvironmentThenANewStartIsNeeded) {
  configure_fake();
  always(400, "ExpiredTokenException", "The security token included in the request is expired");
  expect_wrong(keys_, {"ExpiredTokenException", "new session token"});
}

// A profile may be given others by whoever made it.
TEST_F(DynamoBadInput, ExpiredTokenOfAProfileThenItIsWaitedForAndSaid) {
  configure_fake();
  workspace_.write("credentials", fmt::format("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n"
                                              "aws_session_token = short-lived\n",
                                              fake_.credentials().access_key_id, secret()));
  const Environment profile{{"AWS_SHARED_CREDENTIALS_FILE", workspace_.file("credentials")}};
  always(400, "ExpiredTokenException", "The security token included in the request is expired");
  const ProgramEnd once = run({"run", "--once", "a"}, profile);
  EXPECT_EQ(once.exit_code, 75) << once.errors;
  EXPECT_THAT(once.errors, HasSubstr("aws sso login"));
  expect_waiting(profile, {"ExpiredTokenException", "aws sso login", "trying again"});
}

TEST_F(DynamoBadInput, AProfileOfTheAwsCliThenTheWayThroughItIsNamed) {
  configure_fake();
  workspace_.write("config", "[profile corp]\nsso_session = corp\n");
  expect_wrong(
      {{"AWS_PROFILE", "corp"}, {"AWS_CONFIG_FILE", workspace_.file("config")}},
      {"AWS profile corp: sso_session", "credential_process = aws configure export-credentials --profile corp"});
}

TEST_F(DynamoBadInput, WrongSecretThenKeysAndRegionAreToBeChecked) {
  configure_fake(", accesskey: AKIDEXAMPLE, secretkey: wrong");
  expect_wrong({}, {"check access key, secret key and region"});
}

TEST_F(DynamoBadInput, WrongRegionThenItIsSaid) {
  configure_fake();
  always(400, "InvalidSignatureException", "Credential should be scoped to a valid region.");
  expect_wrong(keys_, {"eu-test-1", "scoped to a valid region", "check access key, secret key and region"});
}

TEST_F(DynamoBadInput, AccessIsDeniedThenTheActionIsNamed) {
  configure_fake();
  always(400, "AccessDeniedException", "User: u is not authorized to perform: dynamodb:GetItem");
  expect_wrong(keys_, {"dynamodb:GetItem", "allow this action"});
  const ProgramEnd migrated = run_signed({"migrate"});
  EXPECT_EQ(migrated.exit_code, 78);
  EXPECT_THAT(migrated.errors, HasSubstr("allow this action"));
}

// A replica that runs is not ended: a policy that was changed under way may come back.
TEST_F(DynamoBadInput, OnlyWritingIsDeniedThenItIsSaidAndWaitedFor) {
  configure_fake();
  fake_.next({What::error, "PutItem", -1, 400, "AccessDeniedException", "not authorized to perform: dynamodb:PutItem"});
  const ProgramEnd once = run_signed({"run", "--once", "a"});
  EXPECT_EQ(once.exit_code, 78) << once.errors;
  EXPECT_THAT(once.errors, HasSubstr("dynamodb:PutItem; allow this action"));
  expect_waiting({"dynamodb:PutItem; allow this action"});
}

TEST_F(DynamoBadInput, ScanIsDeniedThenTheJobsOfTheConfigurationAreListed) {
  configure_fake();
  fake_.next({What::error, "Scan", -1, 400, "AccessDeniedException", "not authorized to perform: dynamodb:Scan"});
  Program replica(request({"run"}, keys_));
  ASSERT_TRUE(replica.await_error_text("Scan is not permitted"));
  ASSERT_TRUE(replica.await_error_text("took its lease"));
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
  EXPECT_EQ(fake_.count("Scan"), 1);
}

TEST_F(DynamoBadInput, ClockIsSkewedThenItIsWaitedForAndSaid) {
  configure_fake();
  always(400, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large");
  const ProgramEnd once = run_signed({"run", "--once", "a"});
  EXPECT_EQ(once.exit_code, 75) << once.errors;
  EXPECT_THAT(once.errors, HasSubstr("NTP"));
  expect_waiting({"RequestTimeTooSkewed", "NTP", "trying again"});
}

TEST_F(DynamoBadInput, P8NeverReachedThenTheRepositoryIsStillFreeForTheRightTable) {
  configure_fake();
  always(503, "ServiceUnavailable", "for now");
  Program replica(request({"run"}, keys_));
  ASSERT_TRUE(replica.await_error_text("trying again"));
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
  configure(new_lock_table(), dynalite_endpoint(), "");
  const ProgramEnd end = run_signed({"run", "--once", "a"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
}

TEST_F(DynamoBadInput, NobodyListensThenItIsWaitedForAndRegionAndEndpointAreToBeChecked) {
  const std::string gone = HttpServer([](const ReceivedRequest&) { return GivenReply{}; }).url();
  configure({fake_.table(), "key", std::nullopt}, {gone, "eu-test-1"}, "");
  Program replica(request({"run"}, keys_));
  EXPECT_TRUE(replica.await_error_text("check region, endpoint and the way there"));
  EXPECT_TRUE(replica.await_error_text("trying again"));
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
}

// Nobody listens there any more, while the repository answers.
TEST_F(DynamoBadInput, LeaseStoreAloneIsAwayThenStatusAndExplainSayWhatTheRepositoryKnows) {
  auto fake = std::make_unique<FakeDynamoDb>();
  configure({fake->table(), "key", std::nullopt}, fake->endpoint(), "");
  ASSERT_EQ(run_signed({"run", "--once", "a"}).exit_code, 0);
  fake.reset();
  const ProgramEnd status = run_signed({"status"});
  EXPECT_EQ(status.exit_code, 75);
  EXPECT_THAT(status.output, ContainsRegex("\na +unknown +idle .*COMPLETED"));
  EXPECT_THAT(status.errors,
              AllOf(HasSubstr("owners are not known"), HasSubstr("check region, endpoint and the way there")));
  EXPECT_EQ(lines(status.errors), 2U) << "who the credentials are from is one: " << status.errors;
  const auto row = nlohmann::json::parse(run_signed({"status", "--json"}).output).at(0);
  EXPECT_EQ(row["owner"], nullptr);
  EXPECT_EQ(row["owner_state"], "unknown");
  EXPECT_EQ(row["last_status"], "COMPLETED");
  const ProgramEnd explained = run_signed({"explain", "a"});
  EXPECT_EQ(explained.exit_code, 75);
  EXPECT_THAT(explained.output, AllOf(testing::StartsWith("a is idle: who owns it is not known; next run in "),
                                      HasSubstr("cannot be read now"), HasSubstr(": COMPLETED")));
  EXPECT_EQ(lines(explained.errors), 2U) << explained.errors;
  EXPECT_EQ(run_signed({"alerts"}).exit_code, 0) << "it needs no lease store";
}

TEST_F(DynamoBadInput, ServerIsAwayThenItIsWaitedFor) {
  configure_fake();
  always(503, "ServiceUnavailable", "for now");
  expect_waiting({"ServiceUnavailable", "trying again"});
}

}  // namespace
}  // namespace baton
