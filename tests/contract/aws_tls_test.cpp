// Requests over TLS, to a server whose certificate the test made.
#include "dynamodb/http.h"
#include "runtime/system_clock.h"
#include "tests/doubles/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace baton {
namespace {

using Outcome = HttpAnswer::Outcome;
using testing::HasSubstr;

TEST(AwsOverTls, TheCertificateIsCheckedAndConnectionsAreKept) {
  const TemporaryFolder folder;
  const std::string certificate = folder.file("certificate.pem");
  const std::string make = fmt::format(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout '{}' -out '{}' -days 1 "
      "-subj /CN=test -addext subjectAltName=IP:127.0.0.1 2>&1",
      folder.file("key.pem"), certificate);
  ASSERT_EQ(std::system((make + " >'" + folder.file("log") + "'").c_str()), 0);
  const std::string serve = fmt::format("node '{}/tests/dynalite/tls.js' '{}'", BATON_SOURCE_DIR, folder.path());
  const std::unique_ptr<FILE, int (*)(FILE*)> server(popen(serve.c_str(), "r"), pclose);
  int port = 0;
  ASSERT_EQ(std::fscanf(server.get(), "%d", &port), 1);
  SystemClock clock;
  HttpClient http(clock);
  const auto sent = [&](const std::string& host, bool trusted) {
    HttpRequest request;
    request.url = fmt::format("https://{}:{}/", host, port);
    request.body = "{}";
    if (trusted) request.ca_file = certificate;
    return http.send(request, clock.now() + Duration(20'000));
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

}  // namespace
}  // namespace baton
