// Where AWS credentials come from, each place with a stand-in on loopback, and when they are renewed.
#include "dynamodb/credentials_chain.h"
#include "dynamodb/credentials_text.h"
#include "runtime/system_clock.h"
#include "tests/doubles/http_server.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <filesystem>
#include <fstream>

namespace baton {
namespace {

using std::chrono::minutes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr Duration soon{20'000};
constexpr const char* secret = "canary-secret";

// One place's answer in JSON.
std::string json(const std::string& id, const std::string& expiration, const char* token_name = "Token") {
  return fmt::format(R"({{"AccessKeyId": "{}", "SecretAccessKey": "{}", "{}": "canary-token", "Expiration": "{}"}})",
                     id, secret, token_name, expiration);
}

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    variables_["HOME"] = folder_.path();
    variables_["AWS_EC2_METADATA_DISABLED"] = "true";
    std::filesystem::create_directory(folder_.file(".aws"));
  }

  AwsVariables variables() {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_.file(name)) << text; }

  CredentialsChain& chain() {
    if (!chain_) {
      chain_ = std::make_unique<CredentialsChain>(
          default_sources(access_key_, Redacted<std::string>(secret), variables(), http_, clock_), clock_,
          [this](const std::string& line) { log_.push_back(line); });
    }
    return *chain_;
  }
  AwsCredentials got() {
    const auto answer = chain().get(soon);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? **answer : AwsCredentials{};
  }
  Error refused() {
    const auto answer = chain().get(soon);
    EXPECT_FALSE(answer);
    if (answer) return {};
    EXPECT_THAT(answer.error().message, AllOf(Not(HasSubstr("canary")), Not(HasSubstr("\n"))));
    return answer.error();
  }
  static std::string at(const std::string& time) { return "2026-11-23T" + time + "Z"; }
  void set_time(const std::string& time) { clock_.advance_to(Instant(aws_time(at(time))->time_since_epoch())); }

  TemporaryFolder folder_;
  std::map<std::string, std::string> variables_;
  std::optional<Redacted<std::string>> access_key_;
  ManualClock clock_{Instant(aws_time("2026-11-23T00:00:00Z")->time_since_epoch())};
  HttpClient http_{clock_};
  std::vector<std::string> log_;
  std::unique_ptr<CredentialsChain> chain_;
};

TEST(AwsTime, IsReadInUtcWithFractionsAndOffsets) {
  const auto expected = aws_time("2026-11-23T10:02:03Z");
  ASSERT_TRUE(expected);
  EXPECT_EQ(aws_time("2026-11-23T10:02:03.123456Z"), expected);
  EXPECT_EQ(aws_time("2026-11-23T11:32:03+01:30"), expected);
  EXPECT_EQ(aws_time("2026-11-23T09:02:03-0100"), expected);
  EXPECT_EQ(aws_time("2026-02-30T10:02:03Z"), std::nullopt);
  EXPECT_EQ(aws_time("2026-11-23T10:02:03"), std::nullopt);
  EXPECT_EQ(aws_time("soon"), std::nullopt);
}

TEST_F(CredentialsTest, OfTheConfigurationGoBeforeTheEnvironment) {
  variables_["AWS_ACCESS_KEY_ID"] = "ENV";
  variables_["AWS_SECRET_ACCESS_KEY"] = "other";
  access_key_ = Redacted<std::string>("CONF");
  EXPECT_EQ(got().access_key_id, "CONF");
  EXPECT_EQ(got().secret_access_key.reveal(), secret);
  EXPECT_THAT(log_, ElementsAre("AWS credentials: the configuration"));
}

TEST_F(CredentialsTest, OfTheEnvironmentHaveTheSessionToken) {
  variables_["AWS_ACCESS_KEY_ID"] = "ENV";
  variables_["AWS_SECRET_ACCESS_KEY"] = secret;
  variables_["AWS_SESSION_TOKEN"] = "canary-token";
  EXPECT_EQ(got().session_token->reveal(), "canary-token");
  EXPECT_THAT(log_, ElementsAre("AWS credentials: the environment"));
  EXPECT_FALSE(chain().renew_instead_of(**chain().get(soon))) << "there will be no others";
}

TEST_F(CredentialsTest, HalfOfAPairIsNamed) {
  variables_["AWS_ACCESS_KEY_ID"] = "ENV";
  const Error error = refused();
  EXPECT_EQ(error.kind, ErrorKind::invalid);
  EXPECT_THAT(error.message, HasSubstr("set both"));
}

TEST_F(CredentialsTest, TheDefaultsStandOnTheirOwnAndTakeBothKeysOrNone) {
  const auto both =
      default_credentials(Redacted<std::string>("CONF"), Redacted<std::string>(secret), variables(), clock_, {});
  EXPECT_EQ((*both)->get(soon).value()->access_key_id, "CONF");
  EXPECT_EQ(default_credentials(Redacted<std::string>("CONF"), {}, variables(), clock_, {}).error().kind,
            ErrorKind::invalid);
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = HttpServer([](const auto&) { return GivenReply{}; }).url();
  const auto away = default_credentials({}, {}, variables(), clock_, {}).value()->get(soon);
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().kind, ErrorKind::retry);
}

TEST_F(CredentialsTest, WithoutAnyTheMessageNamesTheWays) {
  const Error error = refused();
  EXPECT_EQ(error.kind, ErrorKind::invalid);
  EXPECT_THAT(error.message, AllOf(HasSubstr("locks.dynamodb.accesskey"), HasSubstr("AWS_PROFILE")));
}

TEST_F(CredentialsTest, AProfileIsReadFromBothFilesAndTheCredentialsFileGoesFirst) {
  write(".aws/credentials",
        "# mine\n[default]\naws_access_key_id = D\naws_secret_access_key=x\n[etl]\n"
        "aws_access_key_id=E # the one\naws_secret_access_key = canary-secret\r\n");
  write(".aws/config",
        "[default]\nregion = eu-west-1\n[profile etl]\nregion=eu-central-1\naws_access_key_id = C\n"
        "s3 =\n  aws_access_key_id = nested\n");
  variables_["AWS_PROFILE"] = "etl";
  EXPECT_EQ(got().access_key_id, "E");
  EXPECT_EQ(got().secret_access_key.reveal(), secret);
  EXPECT_THAT(log_, ElementsAre("AWS credentials: AWS profile etl"));
  EXPECT_EQ(dynamo_endpoint({}, {}, variables())->region, "eu-central-1");
  variables_["AWS_PROFILE"] = "etll";
  EXPECT_THAT(dynamo_endpoint({}, {}, variables()).error().message, HasSubstr("AWS_PROFILE is etll, but neither"));
}

TEST_F(CredentialsTest, AProfileThatCannotBeUsedSaysWhatToDo) {
  for (const std::string key :
       {"source_profile", "credential_source", "sso_session", "sso_start_url", "login_session"}) {
    write(".aws/config", "[default]\nrole_arn = r\n" + key + " = corp\n");
    chain_.reset();
    const Error error = refused();
    EXPECT_EQ(error.kind, ErrorKind::invalid);
    EXPECT_THAT(error.message,
                HasSubstr("AWS profile default: " + key +
                          " is for the AWS CLI, not for Baton: set AWS_PROFILE to another profile, which has "
                          "credential_process = aws configure export-credentials --profile default"));
  }
}

TEST_F(CredentialsTest, StsIsThatOfTheVariablesElseOfTheRegion) {
  EXPECT_EQ(sts_url(variables(), {}), "https://sts.amazonaws.com");
  EXPECT_EQ(sts_url(variables(), "cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn");
  variables_["AWS_DEFAULT_REGION"] = "eu-west-1";
  EXPECT_EQ(sts_url(variables(), "cn-north-1"), "https://sts.eu-west-1.amazonaws.com");
  variables_["AWS_REGION"] = "eu-west-2";
  EXPECT_EQ(sts_url(variables(), {}), "https://sts.eu-west-2.amazonaws.com");
  variables_["AWS_ENDPOINT_URL"] = "http://a";
  EXPECT_EQ(sts_url(variables(), {}), "http://a");
  variables_["AWS_ENDPOINT_URL_STS"] = "http://b";
  EXPECT_EQ(sts_url(variables(), {}), "http://b");
}

TEST_F(CredentialsTest, AProcessPrintsThemWithoutAShell) {
  write("answer.json", json("PROC", at("01:00:00"), "SessionToken"));
  write(".aws/config", fmt::format("[default]\ncredential_process = cat '{}'\n", folder_.file("answer.json")));
  EXPECT_EQ(got().access_key_id, "PROC");
  EXPECT_EQ(got().session_token->reveal(), "canary-token");
  EXPECT_EQ(got().expires, aws_time(at("01:00:00")));
}

TEST_F(CredentialsTest, AProcessThatFailsOrSaysSomethingElseIsReportedWithoutItsOutput) {
  for (const auto& [command, said] : std::vector<std::pair<std::string, std::string>>{
           {"false canary", "false failed (exit code 1)"},
           {"no-such-program-at-all", "cannot start no-such-program-at-all"},
           {"echo canary-secret", "no JSON object"}}) {
    write(".aws/config", fmt::format("[default]\ncredential_process = {}\n", command));
    chain_.reset();
    EXPECT_THAT(refused().message, HasSubstr(said));
  }
}

TEST_F(CredentialsTest, AProcessThatHangsIsEndedInTime) {
  const SystemClock clock;
  for (const char* command : {"tail -f /dev/null", "sh -c 'exec >/dev/null; tail -f /dev/null'"}) {
    const auto output = output_of_command(command, clock, clock.now() + Duration(50));
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().kind, ErrorKind::retry);
    EXPECT_THAT(output.error().message, HasSubstr("did not end in time"));
  }
  EXPECT_EQ(output_of_command(R"(printf '%s|' "a b" c\ d '"')", clock, clock.now() + soon).value(), "a b|c d|\"|");
}

TEST_F(CredentialsTest, AWebIdentityIsExchangedAtSts) {
  std::string body;
  HttpServer sts([&](const ReceivedRequest& request) {
    body = request.body;
    EXPECT_FALSE(request.headers.contains("authorization"));
    return GivenReply{200,
                      {},
                      fmt::format("<R><Credentials><AccessKeyId>WEB</AccessKeyId><SecretAccessKey>{}"
                                  "</SecretAccessKey><SessionToken>canary-token</SessionToken>"
                                  "<Expiration>{}</Expiration></Credentials></R>",
                                  secret, at("01:00:00"))};
  });
  write("token", "ey.J+/=");
  variables_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/etl";
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder_.file("token");
  variables_["AWS_ENDPOINT_URL_STS"] = sts.url();
  EXPECT_EQ(got().access_key_id, "WEB");
  EXPECT_EQ(got().expires, aws_time(at("01:00:00")));
  EXPECT_EQ(body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fetl"
            "&RoleSessionName=baton&WebIdentityToken=ey.J%2B%2F%3D");
  EXPECT_THAT(log_, ElementsAre("AWS credentials: role arn:aws:iam::1:role/etl by web identity"));
}

TEST_F(CredentialsTest, ARefusedWebIdentityIsInvalidAndAnExpiredOneHeals) {
  std::string code = "AccessDenied";
  HttpServer sts([&](const ReceivedRequest&) {
    return GivenReply{403, {}, fmt::format("<E><Error><Code>{}</Code><Message>No</Message></Error></E>", code)};
  });
  write("token", "t");
  variables_["AWS_ROLE_ARN"] = "role";
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder_.file("token");
  variables_["AWS_ENDPOINT_URL_STS"] = sts.url();
  const Error denied = refused();
  EXPECT_EQ(denied.kind, ErrorKind::invalid);
  EXPECT_THAT(denied.message, HasSubstr("AccessDenied: No; check the role's trust policy"));
  code = "ExpiredTokenException";
  EXPECT_EQ(refused().kind, ErrorKind::retry);
}

TEST_F(CredentialsTest, AContainerEndpointIsAskedWithTheTokenOfTheFile) {
  std::string authorization;
  HttpServer endpoint([&](const ReceivedRequest& request) {
    authorization = request.headers.at("authorization");
    return GivenReply{200, {}, json("POD", at("01:00:00"))};
  });
  write("token", "canary-pod-token\n");
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url() + "/v1/credentials";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder_.file("token");
  EXPECT_EQ(got().access_key_id, "POD");
  EXPECT_EQ(authorization, "canary-pod-token");
}

TEST_F(CredentialsTest, AContainerEndpointElsewhereIsNotAskedOverPlainHttp) {
  for (const char* url : {"http://example.com/", "http://127.0.0.1@example.com/", "http://127.0.0.1.example.com/"}) {
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    chain_.reset();
    EXPECT_EQ(refused().kind, ErrorKind::invalid);
  }
}

// Instance metadata as EC2 has it.
GivenReply metadata(const ReceivedRequest& request, const std::string& answer) {
  const std::string roles = "/latest/meta-data/iam/security-credentials/";
  if (request.method == "PUT" && request.target == "/latest/api/token" &&
      request.headers.contains("x-aws-ec2-metadata-token-ttl-seconds")) {
    return {200, {}, "the-token"};
  }
  const auto token = request.headers.find("x-aws-ec2-metadata-token");
  if (token == request.headers.end() || token->second != "the-token") return {401, {}, ""};
  if (request.target == roles) return answer.empty() ? GivenReply{404, {}, ""} : GivenReply{200, {}, "etl-role"};
  if (request.target == roles + "etl-role") return {200, {}, answer};
  return {404, {}, ""};
}

TEST_F(CredentialsTest, AnInstanceIsAskedInThreeStepsWithAToken) {
  std::string answer = json("EC2", at("01:00:00"));
  HttpServer instance([&](const ReceivedRequest& request) { return metadata(request, answer); });
  variables_.erase("AWS_EC2_METADATA_DISABLED");
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = instance.url() + "/";
  EXPECT_EQ(got().access_key_id, "EC2");
  EXPECT_THAT(log_, ElementsAre("AWS credentials: the instance's role etl-role"));
  answer = "";
  chain_.reset();
  EXPECT_EQ(refused().kind, ErrorKind::invalid) << "an instance without a role";
}

// A container endpoint whose answers the test sets.
class RenewalTest : public CredentialsTest {
 protected:
  RenewalTest() { variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint_.url(); }

  GivenReply answer() {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    return answer_;
  }
  void set(const std::string& id, const std::string& expiration) {
    const std::scoped_lock lock(mutex_);
    answer_ = {200, {}, json(id, expiration)};
  }
  void hold(bool held) {
    const std::scoped_lock lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  void wait_until_asked(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_ >= times; });
  }
  int asked() {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }
  void wait_for(const std::string& id) {
    while (got().access_key_id != id) std::this_thread::yield();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  GivenReply answer_;
  int asked_ = 0;
  bool held_ = false;
  HttpServer endpoint_{[this](const ReceivedRequest&) { return answer(); }};
};

TEST_F(RenewalTest, TheyAreCachedUntilFiveMinutesBeforeTheirEnd) {
  set("A", at("01:00:00"));
  EXPECT_EQ(got().access_key_id, "A");
  set("B", at("02:00:00"));
  set_time("00:54:59");
  EXPECT_EQ(got().access_key_id, "A");
  EXPECT_EQ(asked(), 1);
  set_time("00:55:00");
  wait_for("B");
  EXPECT_EQ(asked(), 2);
  EXPECT_EQ(log_.size(), 1U) << "the source is the same, and told once";
}

TEST_F(RenewalTest, CallsDoNotWaitForARenewalWhileTheOldOnesAreGood) {
  set("A", at("01:00:00"));
  got();
  set_time("00:56:00");
  set("B", at("02:00:00"));
  hold(true);
  EXPECT_EQ(got().access_key_id, "A");
  wait_until_asked(2);
  EXPECT_EQ(got().access_key_id, "A");
  hold(false);
  wait_for("B");
}

TEST_F(RenewalTest, AFailedRenewalIsTriedAgainAndTheOldOnesServeToTheirEnd) {
  set("A", at("01:00:00"));
  got();
  {
    const std::scoped_lock lock(mutex_);
    answer_ = {500, {}, "canary"};
  }
  set_time("00:56:00");
  EXPECT_EQ(got().access_key_id, "A");
  wait_until_asked(2);
  set_time("00:59:55");
  Error error = refused();
  while (error.message.find("HTTP status 500") == std::string::npos) error = refused();
  EXPECT_EQ(error.kind, ErrorKind::retry);
  set("B", at("02:00:00"));
  EXPECT_EQ(got().access_key_id, "B");
}

TEST_F(RenewalTest, RefusedOnesAreReplacedAtOnce) {
  set("A", at("01:00:00"));
  const auto first = chain().get(soon).value();
  set("B", at("02:00:00"));
  EXPECT_TRUE(chain().renew_instead_of(*first));
  EXPECT_EQ(got().access_key_id, "B");
  EXPECT_TRUE(chain().renew_instead_of(*first)) << "another call had them replaced already";
  EXPECT_EQ(asked(), 2);
}

TEST_F(CredentialsTest, RegionAndEndpointComeFromConfigurationEnvironmentAndProfile) {
  EXPECT_THAT(dynamo_endpoint({}, {}, variables()).error().message, HasSubstr("set locks.dynamodb.region"));
  write(".aws/config", "[default]\nregion = eu-north-1\n");
  EXPECT_EQ(dynamo_endpoint({}, {}, variables())->url, "https://dynamodb.eu-north-1.amazonaws.com");
  variables_["AWS_DEFAULT_REGION"] = "cn-north-1";
  EXPECT_EQ(dynamo_endpoint({}, {}, variables())->url, "https://dynamodb.cn-north-1.amazonaws.com.cn");
  variables_["AWS_ENDPOINT_URL"] = "http://localhost:8000/";
  EXPECT_EQ(dynamo_endpoint({}, {}, variables())->url, "http://localhost:8000");
  variables_["AWS_ENDPOINT_URL_DYNAMODB"] = "http://localhost:8001";
  EXPECT_EQ(dynamo_endpoint({}, {}, variables())->url, "http://localhost:8001");
  EXPECT_EQ(dynamo_endpoint("eu-west-2", "https://vpce", variables())->url, "https://vpce");
  EXPECT_EQ(dynamo_endpoint("eu-west-2", "https://vpce", variables())->region, "eu-west-2");
  EXPECT_EQ(dynamo_endpoint("eu-west-2", {}, variables())->ca_file, std::nullopt);
  variables_["AWS_CA_BUNDLE"] = "/etc/ssl/corporate.pem";
  EXPECT_EQ(dynamo_endpoint("eu-west-2", {}, variables())->ca_file, "/etc/ssl/corporate.pem");
  EXPECT_FALSE(dynamo_endpoint("eu-west-2/x", {}, variables()));
  EXPECT_FALSE(dynamo_endpoint("eu-west-2", "localhost:8000", variables()));
}

}  // namespace
}  // namespace baton
