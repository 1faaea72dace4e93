// Which URL of a dead man's switch is called for what, and what the log says where that fails.
#include "app/pings.h"

#include "runtime/system_clock.h"
#include "tests/doubles/http_server.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PingUrl, StartAndFailureThenBehindThePath) {
  EXPECT_EQ(ping_url("https://h/id", PingKind::start), "https://h/id/start");
  EXPECT_EQ(ping_url("https://h/id", PingKind::success), "https://h/id");
  EXPECT_EQ(ping_url("https://h/id", PingKind::failure), "https://h/id/fail");
}

TEST(PingUrl, SlashQueryOrFragmentThenStillBehindThePath) {
  EXPECT_EQ(ping_url("https://h/id/", PingKind::start), "https://h/id/start");
  EXPECT_EQ(ping_url("https://h/id/", PingKind::success), "https://h/id/");
  EXPECT_EQ(ping_url("https://h/id?k=a/b&c", PingKind::failure), "https://h/id/fail?k=a/b&c");
  EXPECT_EQ(ping_url("https://h/id/?k#part", PingKind::failure), "https://h/id/fail?k");
  EXPECT_EQ(ping_url("https://h", PingKind::failure), "https://h/fail");
  EXPECT_EQ(ping_url("https://h?k", PingKind::start), "https://h/start?k");
}

struct PingsTest : testing::Test {
  PingsTest()
      : server([this](const ReceivedRequest& request) {
          const std::scoped_lock lock(mutex);
          received.push_back(request.method + " " + request.target);
          GivenReply reply;
          reply.status = status;
          reply.silent = never_answers;
          return reply;
        }) {}

  Config config() const {
    Config config;
    JobConfig job;
    job.name.value = "a";
    job.watch.ping = PingConfig{Redacted<std::string>(server.url() + "/geheim?k=1"), server.url()};
    config.jobs.push_back(job);
    job.name.value = "b";
    job.watch.ping.reset();
    config.jobs.push_back(job);
    return config;
  }

  SystemClock clock;
  Log log{LogFormat::text, "warn"};
  int status = 200;
  bool never_answers = false;
  std::mutex mutex;
  std::vector<std::string> received;
  HttpServer server;
};

JobExecution execution(BatchStatus status) {
  JobExecution execution;
  execution.status = status;
  return execution;
}

TEST_F(PingsTest, RunThatSucceedsThenStartAndTheUrlItself) {
  {
    Pings pings(config(), clock, log);
    RunListener silent;
    PingedRun run(pings, silent, "a");
    run.started(execution(BatchStatus::starting), false);
    run.finished(execution(BatchStatus::completed));
  }
  EXPECT_THAT(received, ElementsAre("GET /geheim/start?k=1", "GET /geheim?k=1"));
}

TEST_F(PingsTest, RunThatFailsThenFail) {
  {
    Pings pings(config(), clock, log);
    RunListener silent;
    PingedRun(pings, silent, "a").finished(execution(BatchStatus::failed));
  }
  EXPECT_THAT(received, ElementsAre("GET /geheim/fail?k=1"));
}

// It is carried on, here or elsewhere.
TEST_F(PingsTest, RunThatIsStoppedThenNothing) {
  {
    Pings pings(config(), clock, log);
    RunListener silent;
    PingedRun(pings, silent, "a").finished(execution(BatchStatus::stopped));
  }
  EXPECT_THAT(received, IsEmpty());
}

TEST_F(PingsTest, NoUrlThenNothing) {
  {
    Pings pings(config(), clock, log);
    pings.tell_job("b", PingKind::success);
    pings.tell_pass();
  }
  EXPECT_THAT(received, IsEmpty());
}

TEST_F(PingsTest, MonitorThatLookedThenTheUrlOfTheWhole) {
  Config with_monitor = config();
  with_monitor.monitoring.ping = PingConfig{Redacted<std::string>(server.url() + "/whole"), server.url()};
  {
    Pings pings(with_monitor, clock, log);
    pings.tell_pass();
  }
  EXPECT_THAT(received, ElementsAre("GET /whole"));
}

TEST_F(PingsTest, HostThatNeverAnswersThenTheEndWaitsASecond) {
  never_answers = true;
  const Instant began = clock.now();
  {
    Pings pings(config(), clock, log);
    pings.tell_job("a", PingKind::start);
    pings.tell_job("a", PingKind::success);
  }
  EXPECT_LT(clock.now() - began, Duration(4'000));  // a request itself may last 5 s
}

TEST_F(PingsTest, UrlThatIsWrongThenToldWithoutIt) {
  status = 404;
  testing::internal::CaptureStderr();
  {
    Log shown(LogFormat::text, "warn");
    Pings pings(config(), clock, shown);
    pings.tell_job("a", PingKind::success);
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, testing::HasSubstr("pings: " + server.url() + ": jobs.a.ping: HTTP status 404"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("geheim")));
}

}  // namespace
}  // namespace baton
