// Dead man's switches that a real replica calls, and one that does not answer.
#include "tests/doubles/http_server.h"
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class PingingReplica : public ReplicaTest {
 protected:
  PingingReplica()
      : server_([this](const ReceivedRequest& request) {
          const std::scoped_lock lock(mutex_);
          received_.push_back(request.method + " " + request.target);
          GivenReply reply;
          reply.silent = request.target.starts_with("/dead");
          return reply;
        }) {}

  static std::string with_ping(std::string job, const std::string& url) {
    return with_keys(std::move(job), "ping: \"" + url + "\"");
  }
  std::vector<std::string> received() {
    const std::scoped_lock lock(mutex_);
    return received_;
  }
  std::size_t received(const std::string& line) {
    const std::vector<std::string> lines = received();
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), line));
  }

  std::mutex mutex_;
  std::vector<std::string> received_;
  HttpServer server_;
};

TEST_F(PingingReplica, RunsThenStartAndEndOfEachInOrder) {
  ReplicaConfig config;
  config.jobs = with_ping(sql_job("good", once_an_hour), server_.url() + "/good/?k=geheim") +
                with_ping(failing_job("bad", once_an_hour), server_.url() + "/bad") + sql_job("none", once_an_hour);
  configure(config);
  const Replica replica = start();
  ASSERT_TRUE(await([&] { return received().size() == 4; }));
  const std::vector<std::string> lines = received();
  const auto at = [&](const std::string& line) { return std::find(lines.begin(), lines.end(), line); };
  ASSERT_NE(at("GET /good/?k=geheim"), lines.end());
  EXPECT_LT(at("GET /good/start?k=geheim"), at("GET /good/?k=geheim"));
  ASSERT_NE(at("GET /bad/fail"), lines.end());
  EXPECT_LT(at("GET /bad/start"), at("GET /bad/fail"));
  end(replica);
  EXPECT_EQ(received().size(), 4U);
  EXPECT_THAT(replica->errors_so_far(), Not(HasSubstr("geheim")));
}

TEST_F(PingingReplica, SwitchThatDoesNotAnswerThenRunsGoOnAndSoDoTheOtherSwitches) {
  ReplicaConfig config;
  config.jobs = with_ping(sql_job("a", "{ fixed_delay: 50ms }"), server_.url() + "/dead/geheim") +
                with_ping(sql_job("b", "{ fixed_delay: 50ms }"), "http://127.0.0.1:1/geheim");
  configure(config);
  const Replica replica = start();
  ASSERT_TRUE(await_completed("a", 10));
  ASSERT_TRUE(await_completed("b", 10));
  ASSERT_TRUE(replica->await_error_text("pings: http://127.0.0.1:1: jobs.b.ping: "));
  const auto asked = steady_clock::now();
  end(replica);
  EXPECT_LT(steady_clock::now() - asked, milliseconds(10'000) + latency_allowance);
  EXPECT_THAT(replica->errors_so_far(), Not(HasSubstr("geheim")));
}

TEST_F(PingingReplica, MonitorThatLooksThenTheWholeIsPinged) {
  ReplicaConfig config;
  config.stores += "monitoring: { ping: \"" + server_.url() + "/whole\", global: { m1: { every: 200ms } } }\n";
  config.jobs = sql_job("a", by_hand);
  configure(config);
  const Replica replica = start();
  EXPECT_TRUE(await([&] { return received("GET /whole") >= 3; }));
  end(replica);
}

// Its program ends at once: what it has to say is said before.
TEST_F(PingingReplica, RunOnceThenPingsAsWell) {
  ReplicaConfig config;
  config.jobs = with_ping(sql_job("a", by_hand), server_.url() + "/a");
  configure(config);
  EXPECT_EQ(run({"run", "--once", "a"}).exit_code, 0);
  EXPECT_THAT(received(), testing::ElementsAre("GET /a/start", "GET /a"));
}

// Whoever carries it on tells how it ended.
TEST_F(PingingReplica, RunThatAShutdownStopsThenNoEnd) {
  ReplicaConfig config;
  config.jobs = with_ping(shell_job("a", once_an_hour, "sleep 600"), server_.url() + "/a");
  configure(config);
  const Replica replica = start();
  ASSERT_TRUE(await([&] { return received("GET /a/start") == 1; }));
  end(replica);
  EXPECT_EQ(received().size(), 1U);
  EXPECT_THAT(runs("a"), HasSubstr("STOPPED"));
}

}  // namespace
}  // namespace baton
