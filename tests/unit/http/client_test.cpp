// Requests over libcurl: bounded in time, with kept connections, and without surprises of the machine's.
#include "http/client.h"

#include "http/pipe_signal.h"
#include "runtime/system_clock.h"
#include "tests/doubles/http_server.h"

#include <gmock/gmock.h>
#include <unistd.h>

namespace baton {
namespace {

using Outcome = HttpAnswer::Outcome;

class Http : public testing::Test {
 protected:
  static HttpRequest get(const std::string& url) {
    HttpRequest request;
    request.method = "GET";
    request.url = url;
    return request;
  }
  Instant within(Duration time) const { return clock_.now() + time; }

  SystemClock clock_;
  HttpClient http_{clock_, 4};
};

TEST_F(Http, AnswersComeInTheOrderOfTheRequestsOverFewConnections) {
  HttpServer server([](const ReceivedRequest& request) { return GivenReply{200, {}, request.target}; });
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 100; ++i) requests.push_back(get(server.url() + "/" + std::to_string(i)));
  for (int round = 0; round < 2; ++round) {
    const auto answers = http_.send(requests, within(Duration(20'000)));
    for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].body, "/" + std::to_string(i));
  }
  EXPECT_LE(server.connections(), 4);
}

TEST_F(Http, WhatHadNoTurnInTimeWasNotSent) {
  HttpServer server([](const ReceivedRequest&) { return GivenReply{0, {}, {}, false, true}; });
  const std::vector<HttpRequest> requests(6, get(server.url()));
  const auto answers = http_.send(requests, within(Duration(100)));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(answers[i].outcome, Outcome::no_answer);
  for (std::size_t i = 4; i < 6; ++i) EXPECT_EQ(answers[i].outcome, Outcome::not_sent);
}

TEST_F(Http, ACallWithoutTimeSendsNothing) {
  HttpServer server([](const ReceivedRequest&) { return GivenReply{}; });
  EXPECT_EQ(http_.send(get(server.url()), clock_.now()).outcome, Outcome::not_sent);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Http, ProxiesOfTheEnvironmentAreNotAskedForLoopback) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  HttpServer server([](const ReceivedRequest&) { return GivenReply{}; });
  EXPECT_EQ(http_.send(get(server.url()), within(Duration(20'000))).outcome, Outcome::answered);
  unsetenv("http_proxy");
}

TEST_F(Http, RedirectsAndOtherProtocolsAreNotFollowed) {
  HttpServer server([](const ReceivedRequest&) { return GivenReply{302, {{"Location", "file:///etc/passwd"}}, ""}; });
  EXPECT_EQ(http_.send(get(server.url()), within(Duration(20'000))).status, 302);
  EXPECT_EQ(http_.send(get("file:///etc/passwd"), within(Duration(20'000))).outcome, Outcome::not_sent);
}

TEST(PipeSignal, IsHeldBackFromAWriteToAClosedPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  {
    const PipeSignalHeld held;
    EXPECT_EQ(write(ends[1], "x", 1), -1);  // would end the process
  }
  close(ends[1]);
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGPIPE), 0);
}

}  // namespace
}  // namespace baton
