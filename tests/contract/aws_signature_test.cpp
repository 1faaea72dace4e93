// libcurl's signatures against those of an independent signer (npm's aws4).
#include "http/client.h"
#include "runtime/system_clock.h"
#include "tests/doubles/http_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

// What the independent signer, installed beside dynalite, says about a request.
std::string signed_elsewhere(const nlohmann::json& request) {
  const std::string file = testing::TempDir() + fmt::format("/baton-sign-{}.json", getpid());
  std::ofstream(file) << request.dump() << '\n';
  const std::string command =
      fmt::format("node '{0}/tests/dynalite/sign.js' '{1}/dynalite' < '{2}'", BATON_SOURCE_DIR, BATON_BINARY_DIR, file);
  const std::unique_ptr<FILE, int (*)(FILE*)> output(popen(command.c_str(), "r"), pclose);
  std::string line;
  for (int c = 0; (c = std::getc(output.get())) != EOF && c != '\n';) line += static_cast<char>(c);
  std::filesystem::remove(file);
  return line;
}

TEST(AwsSignatureElsewhere, IsTheSame) {
  ReceivedRequest received;
  HttpServer server([&](const ReceivedRequest& request) {
    received = request;
    return GivenReply{};
  });
  const AwsCredentials credentials{
      "AKIDEXAMPLE", Redacted<std::string>("a secret/+"), Redacted<std::string>("a token/+=="), std::nullopt, "", true};
  HttpRequest request;
  request.url = server.url() + "/";
  request.headers = {{"Content-Type", "application/x-amz-json-1.0"}, {"X-Amz-Target", "DynamoDB_20120810.UpdateItem"}};
  request.body = R"({"TableName": "locks", "Key": {"key": {"S": "Ünï"}}})";
  request.signing = AwsSigning{std::make_shared<const AwsCredentials>(credentials), "eu-central-1", "dynamodb"};
  SystemClock clock;
  HttpClient http(clock);
  ASSERT_EQ(http.send(request, clock.now() + Duration(20'000)).outcome, HttpAnswer::Outcome::answered);
  const nlohmann::json same{{"url", server.url() + "/"},
                            {"region", "eu-central-1"},
                            {"service", "dynamodb"},
                            {"headers",
                             {{"Content-Type", "application/x-amz-json-1.0"},
                              {"Host", received.headers.at("host")},
                              {"X-Amz-Target", "DynamoDB_20120810.UpdateItem"},
                              {"X-Amz-Security-Token", "a token/+=="},
                              {"X-Amz-Date", received.headers.at("x-amz-date")}}},
                            {"body", request.body},
                            {"accessKeyId", "AKIDEXAMPLE"},
                            {"secretAccessKey", "a secret/+"}};
  EXPECT_EQ(received.headers.at("authorization"), signed_elsewhere(same));
}

}  // namespace
}  // namespace baton
