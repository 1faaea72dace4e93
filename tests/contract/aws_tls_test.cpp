// Requests over TLS, to a server whose certificate the test made.
#include "dynamodb/credentials_source.h"
#include "http/client.h"
#include "runtime/system_clock.h"
#include "tests/doubles/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>

namespace baton {
namespace {

using Outcome = HttpAnswer::Outcome;
using testing::HasSubstr;

// Ends when it has answered two requests.
class AwsOverTls : public testing::Test {
 protected:
  void serve() {
    const std::string make = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout '{}' -out '{}' -days 1 "
        "-subj /CN=test -addext subjectAltName=IP:127.0.0.1 2>&1",
        folder_.file("key.pem"), certificate_);
    ASSERT_EQ(std::system((make + " >'" + folder_.file("log") + "'").c_str()), 0);
    const std::string serve = fmt::format("node '{}/tests/dynalite/tls.js' '{}'", BATON_SOURCE_DIR, folder_.path());
    server_.reset(popen(serve.c_str(), "r"));
    ASSERT_EQ(std::fscanf(server_.get(), "%d", &port_), 1);
  }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_.file(name)) << text; }

  const TemporaryFolder folder_;
  const std::string certificate_ = folder_.file("certificate.pem");
  std::unique_ptr<FILE, int (*)(FILE*)> server_{nullptr, pclose};
  int port_ = 0;
  SystemClock clock_;
  HttpClient http_{clock_};
};

TEST_F(AwsOverTls, TheCertificateIsCheckedAndConnectionsAreKept) {
  ASSERT_NO_FATAL_FAILURE(serve());
  const auto sent = [&](const std::string& host, bool trusted) {
    HttpRequest request;
    request.url = fmt::format("https://{}:{}/", host, port_);
    request.body = "{}";
    if (trusted) request.ca_file = certificate_;
    return http_.send(request, clock_.now() + Duration(20'000));
  };
  const HttpAnswer unknown = sent("127.0.0.1", false);
  EXPECT_EQ(unknown.outcome, Outcome::not_sent);
  EXPECT_THAT(unknown.error, HasSubstr("certificate"));
  const HttpAnswer other_name = sent("localhost", true);
  EXPECT_EQ(other_name.outcome, Outcome::not_sent);
  EXPECT_THAT(other_name.error, HasSubstr("localhost"));
  const HttpAnswer first = sent("127.0.0.1", true);
  const HttpAnswer second = sent("127.0.0.1", true);
  EXPECT_EQ(first.outcome, Outcome::answered) << first.error;
  EXPECT_EQ(second.outcome, Outcome::answered) << second.error;
  EXPECT_EQ(first.body, second.body) << "another connection";
}

TEST_F(AwsOverTls, CredentialsComeFromWhomTheCaBundleTrusts) {
  write("answer",
        "<R><Credentials><AccessKeyId>WEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
        "</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></R>");
  write("token", "ey.J");
  ASSERT_NO_FATAL_FAILURE(serve());
  std::map<std::string, std::string> set{{"AWS_ROLE_ARN", "role"},
                                         {"AWS_WEB_IDENTITY_TOKEN_FILE", folder_.file("token")},
                                         {"AWS_ENDPOINT_URL_STS", fmt::format("https://127.0.0.1:{}", port_)}};
  const auto source = [&]() {
    return web_identity_credentials(
        [&set](const std::string& name) {
          const auto found = set.find(name);
          return found == set.end() ? std::nullopt : std::optional<std::string>(found->second);
        },
        http_);
  };
  const auto until = [&] { return clock_.now() + Duration(20'000); };
  const auto untrusted = source()->fetch(until());
  ASSERT_FALSE(untrusted);
  EXPECT_THAT(untrusted.error().message, HasSubstr("certificate"));
  set["AWS_CA_BUNDLE"] = certificate_;
  const auto trusted = source()->fetch(until());
  ASSERT_TRUE(trusted) << trusted.error().message;
  EXPECT_EQ((*trusted)->access_key_id, "WEB");
  set.erase("AWS_CA_BUNDLE");
  write("config", fmt::format("[profile etl]\nca_bundle = {}\nrole_arn = role\nweb_identity_token_file = {}\n",
                              certificate_, folder_.file("token")));
  set["AWS_CONFIG_FILE"] = folder_.file("config");
  set["AWS_PROFILE"] = "etl";
  const auto of_profile = source()->fetch(until());
  EXPECT_TRUE(of_profile) << of_profile.error().message;
}

}  // namespace
}  // namespace baton
