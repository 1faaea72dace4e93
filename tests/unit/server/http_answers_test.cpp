#include "server/http_answers.h"

#include "tests/unit/server/fake_observed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::ordered_json;

class HttpAnswers : public testing::Test {
 protected:
  PageAnswer get(const std::string& path) const { return answer_http("GET", path, observed_); }
  // The status code, and the JSON without blanks.
  static std::string told(const PageAnswer& answer) { return std::to_string(answer.status) + " " + answer.body; }

  FakeObserved observed_;
};

TEST_F(HttpAnswers, AllIsWellThenEachPageIsUpWithSpringsJson) {
  EXPECT_EQ(told(get("/actuator/health")),
            R"(200 {"status":"UP","components":{"leaseStore":{"status":"UP"},"livenessState":{"status":"UP"},)"
            R"("readinessState":{"status":"UP"},"repository":{"status":"UP"}},"groups":["liveness","readiness"]})");
  EXPECT_EQ(told(get("/actuator/health/liveness")),
            R"(200 {"status":"UP","components":{"livenessState":{"status":"UP"}}})");
  EXPECT_EQ(told(get("/actuator/health/readiness")),
            R"(200 {"status":"UP","components":{"leaseStore":{"status":"UP"},"readinessState":{"status":"UP"},)"
            R"("repository":{"status":"UP"}}})");
  EXPECT_EQ(get("/actuator/health").content_type, "application/vnd.spring-boot.actuator.v3+json");
}

TEST_F(HttpAnswers, TheShortPathsThenTheSameAnswers) {
  EXPECT_EQ(told(get("/livez")), told(get("/actuator/health/liveness")));
  EXPECT_EQ(told(get("/readyz")), told(get("/actuator/health/readiness")));
  EXPECT_EQ(told(get("/metrics")), told(get("/actuator/prometheus")));
}

TEST_F(HttpAnswers, AStoreIsAwayThenDownButLive) {
  observed_.well.parts[0].up = false;
  observed_.well.ready = false;
  EXPECT_EQ(get("/livez").status, 200);
  for (const char* const path : {"/readyz", "/actuator/health"}) {
    const PageAnswer answer = get(path);
    EXPECT_EQ(answer.status, 503) << path;
    const Json json = Json::parse(answer.body);
    EXPECT_EQ(json["status"], "DOWN") << path;
    EXPECT_EQ(json["components"]["repository"]["status"], "DOWN") << path;
    EXPECT_EQ(json["components"]["leaseStore"]["status"], "UP") << path;
  }
}

TEST_F(HttpAnswers, ACallOfAStoreHangsThenDownWithTheReason) {
  observed_.well.parts[1] = {"leaseStore", false, "a call has not returned for 21s"};
  observed_.well.ready = false;
  EXPECT_EQ(told(get("/readyz")),
            R"(503 {"status":"DOWN","components":{"leaseStore":{"status":"DOWN","details":)"
            R"({"error":"a call has not returned for 21s"}},"readinessState":{"status":"OUT_OF_SERVICE"},)"
            R"("repository":{"status":"UP"}}})");
}

TEST_F(HttpAnswers, ItIsLeavingThenOutOfServiceAndLive) {
  observed_.well.ready = false;
  EXPECT_EQ(get("/livez").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(Json::parse(get("/readyz").body)["status"], "OUT_OF_SERVICE");
}

TEST_F(HttpAnswers, ItsLoopsHangThenDown) {
  observed_.well.live = false;
  EXPECT_EQ(told(get("/livez")), R"(503 {"status":"DOWN","components":{"livenessState":{"status":"DOWN"}}})");
  EXPECT_EQ(get("/actuator/health").status, 503);
}

TEST_F(HttpAnswers, AnotherPathThenNotFound) {
  for (const char* const path :
       {"/", "/metrics/", "/actuator", "/actuator/env", "/actuator/health/db", "", "/livez/.."})
    EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(HttpAnswers, AnotherMethodThenRefusedWithThoseThatThereAre) {
  for (const char* const method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE"}) {
    const PageAnswer answer = answer_http(method, "/metrics", observed_);
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.allow, "GET, HEAD") << method;
  }
  EXPECT_EQ(answer_http("POST", "/nowhere", observed_).status, 404);
  EXPECT_THAT(get("/metrics").allow, IsEmpty());
}

}  // namespace
}  // namespace baton
