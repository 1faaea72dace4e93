// Monitoring as its configuration says: two monitors, alerts to the log, a webhook and a command, a job that stalls.
#include "tests/doubles/http_server.h"
#include "tests/doubles/workspace.h"

#include <gmock/gmock.h>
#include <csignal>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>

namespace baton {
namespace {

using nlohmann::json;

constexpr const char* configuration = BATON_SOURCE_DIR "/tests/acceptance/monitoring.yaml";

class MonitoringAcceptance : public testing::Test {
 protected:
  MonitoringAcceptance()
      : hook_([this](const ReceivedRequest& request) {
          const std::scoped_lock lock(mutex_);
          posted_.push_back(json::parse(request.body));
          return GivenReply{};
        }) {}

  ProgramRequest request(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", configuration});
    ProgramRequest made = workspace_.request(std::move(arguments));
    made.environment = {{"OUT", workspace_.path()}, {"HOOK", hook_.url()}, {"SLEEP", "60"}, {"PORT", "0"}};
    return made;
  }
  std::unique_ptr<Program> start() const { return std::make_unique<Program>(request({"run"})); }
  // The webhook was told so.
  bool posted(const std::string& event, const std::string& kind, const std::string& subject) {
    const std::scoped_lock lock(mutex_);
    return std::any_of(posted_.begin(), posted_.end(), [&](const json& one) {
      return one["event"] == event && one["kind"] == kind && one["subject"] == subject;
    });
  }
  bool await_posted(const std::string& event, const std::string& kind, const std::string& subject) {
    return await([&] { return posted(event, kind, subject); });
  }
  json listed(const std::string& command) const {
    const ProgramEnd end = run_to_end(request({command, "--json"}));
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    return json::parse(end.output);
  }

  const Workspace workspace_{BATON_BINARY_DIR "/baton"};
  std::mutex mutex_;
  std::vector<json> posted_;
  HttpServer hook_;
};

TEST_F(MonitoringAcceptance, TroubleOfEachKindThenEverySinkHearsOfItAndTheListingsShowIt) {
  EXPECT_EQ(run_to_end(request({"validate"})).exit_code, 0);
  const auto first = start();
  const auto second = start();
  ASSERT_TRUE(await_posted("begun", "failing", "failing"));
  ASSERT_TRUE(await_posted("begun", "stalled", "slow"));
  ASSERT_TRUE(await_posted("begun", "failing", "slow"));
  EXPECT_FALSE(posted("ended", "stalled", "slow")) << "none of its runs gets any further";
  EXPECT_FALSE(posted("begun", "overdue", "tick"));
  EXPECT_FALSE(posted("begun", "unowned", "tick"));

  std::istringstream lines(workspace_.read("alerts.log"));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(json::parse(line)["event"], "begun");
  // By the log of whoever has a monitor.
  const auto told = [](Program& replica) { return replica.errors_so_far().find("alert: ") != std::string::npos; };
  EXPECT_TRUE(await([&] { return told(*first) || told(*second); }));

  std::map<std::string, json> jobs;
  for (const json& job : listed("status")) jobs[job["job"].get<std::string>()] = job;
  EXPECT_EQ(jobs.size(), 3U) << "monitors are no jobs";
  EXPECT_EQ(jobs["failing"]["health"], "failing");
  EXPECT_EQ(jobs["tick"]["health"], "on_time");
  EXPECT_GT(listed("alerts").size(), 1U);
  first->signal(SIGTERM);
  second->signal(SIGTERM);
  EXPECT_EQ(first->wait().exit_code, 0);
  EXPECT_EQ(second->wait().exit_code, 0);
}

}  // namespace
}  // namespace baton
