// libcurl's AWS Signature Version 4: AWS's published vectors that carry a content type, and what DynamoDB wants signed.
#include "http/client.h"
#include "runtime/system_clock.h"
#include "tests/doubles/http_server.h"
#include "tests/doubles/signature_check.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

constexpr const char* secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

class AwsSignature : public testing::Test {
 protected:
  ReceivedRequest sent(std::vector<std::pair<std::string, std::string>> headers, const std::string& body,
                       const std::string& service, std::optional<Redacted<std::string>> token = std::nullopt) {
    ReceivedRequest received;
    HttpServer server([&](const ReceivedRequest& request) {
      received = request;
      return GivenReply{};
    });
    const AwsCredentials example{"AKIDEXAMPLE", Redacted<std::string>(secret), std::move(token), std::nullopt, "",
                                 true};
    HttpRequest request;
    request.url = server.url() + "/";
    request.headers = std::move(headers);
    request.body = body;
    request.signing = AwsSigning{std::make_shared<const AwsCredentials>(example), "us-east-1", service};
    EXPECT_EQ(http_.send(request, clock_.now() + Duration(20'000)).outcome, HttpAnswer::Outcome::answered);
    return received;
  }
  // One of the aws-sig-v4-test-suite, whose host, time, service and key are always the same.
  std::string of_vector(const std::string& content_type) {
    const ReceivedRequest received =
        sent({{"Content-Type", content_type}, {"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
             "Param1=value1", "service");
    return received.headers.at("authorization");
  }

  SystemClock clock_;
  HttpClient http_{clock_};
};

constexpr const char* scope =
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date, Signature=";

TEST_F(AwsSignature, IsThatOfThePublishedVectorPostXWwwFormUrlencoded) {
  EXPECT_EQ(of_vector("application/x-www-form-urlencoded"),
            scope + std::string("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"));
}

TEST_F(AwsSignature, IsThatOfThePublishedVectorPostXWwwFormUrlencodedParameters) {
  EXPECT_EQ(of_vector("application/x-www-form-urlencoded; charset=utf8"),
            scope + std::string("1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"));
}

TEST_F(AwsSignature, CoversTypeTargetTokenHostWithItsPortAndUtf8InTheBody) {
  const ReceivedRequest request =
      sent({{"Content-Type", "application/x-amz-json-1.0"}, {"X-Amz-Target", "DynamoDB_20120810.GetItem"}},
           "{\"key\": \"Ünï \\\" \"}", "dynamodb", Redacted<std::string>("token/+=="));
  EXPECT_EQ(signature_fault(request, secret), "");
  EXPECT_THAT(request.headers.at("authorization"),
              testing::HasSubstr("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,"));
  EXPECT_THAT(request.headers.at("host"), testing::StartsWith("127.0.0.1:"));
  EXPECT_NE(signature_fault(request, "another secret"), "");
}

}  // namespace
}  // namespace baton
