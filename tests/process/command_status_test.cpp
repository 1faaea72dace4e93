// baton status, status --watch and explain, over replicas that live, are killed, or never were.
#include "tests/process/process_test.h"

#include <filesystem>

namespace baton {
namespace {

class StatusCommand : public ProcessTest {
 protected:
  // Jobs of one command each, which only a person starts.
  void configure_jobs(const std::string& top, std::initializer_list<const char*> jobs) const {
    std::string text = top + "\njobs:\n";
    for (const char* job : jobs) text += command_job(job, "echo done");
    workspace_.write("baton.yaml", text);
  }
  nlohmann::json status(const std::string& job) const {
    for (const auto& row : nlohmann::json::parse(run({"status", "--json"}).output)) {
      if (row["job"] == job) return row;
    }
    return {};
  }
  std::string explanation(const std::string& job) const {
    const std::string text = run({"explain", job}).output;
    return text.substr(0, text.find('\n'));
  }
  bool await_state(const std::string& job, const std::string& state) const {
    return await([&] { return status(job).value("state", "") == state; });
  }
};

constexpr const char* fast = "locks: { lease: 2s, heartbeat: 200ms, refresh: 50ms }";
// Silent soon, but for long.
constexpr const char* silent_for_long = "locks: { lease: 10m, heartbeat: 100ms, refresh: 50ms }";

TEST_F(StatusCommand, BeforeAnythingRanEachJobIsUnownedAndExplainSaysHowToBegin) {
  configure();
  const ProgramEnd text = run({"status"});
  EXPECT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_THAT(text.output, AllOf(HasSubstr("nothing has run yet"), HasSubstr("unowned"), HasSubstr("never ran")));
  const auto row = status("prices");
  EXPECT_EQ(row["state"], "unowned");
  EXPECT_EQ(row["owner_state"], "none");
  EXPECT_EQ(row["owner"], nullptr);
  EXPECT_EQ(row["last_status"], nullptr);
  EXPECT_EQ(row["next_at"], nullptr) << "it is manual";
  EXPECT_THAT(explanation("prices"), HasSubstr("prices was never seen by a replica: start one with baton run"));
  EXPECT_THAT(workspace_.names(), testing::ElementsAre("baton.yaml")) << "looking creates nothing";
}

TEST_F(StatusCommand, ARunThatEndedIsTheLastRun) {
  configure({.step = "skip: { limit: 5 }"});
  workspace_.write("prices.csv", prices(3) + "4\n");
  ASSERT_EQ(run_prices().exit_code, 0);
  const auto row = status("prices");
  EXPECT_EQ(row["last_status"], "COMPLETED");
  EXPECT_EQ(row["read"], 4);
  EXPECT_EQ(row["written"], 3);
  EXPECT_EQ(row["rejected"], 1);
  EXPECT_THAT(run({"status"}).output, ContainsRegex("COMPLETED .* in 0\\..*: 4 read, 3 written, 1 rejected"));
  const ProgramEnd explained = run({"explain", "prices"});
  EXPECT_EQ(explained.exit_code, 0) << explained.errors;
  EXPECT_THAT(explained.output, AllOf(testing::StartsWith("prices has no owner: "), HasSubstr("\n  lease "),
                                      HasSubstr("released; "), HasSubstr("\n  fence "), HasSubstr("1 of instance 1")));
}

TEST_F(StatusCommand, ARunOfAProcessThatIsNoReplicaIsShownWhileItRuns) {
  make_gate("gate");
  workspace_.write("baton.yaml", std::string(fast) + "\njobs:\n" + command_job("slow", "cat gate"));
  Program program(workspace_.request({"run", "--once", "slow"}));
  const int gate = reach_gate("gate");
  const auto row = status("slow");
  EXPECT_EQ(row["state"], "running");
  EXPECT_EQ(row["owner_state"], "foreign");
  EXPECT_EQ(row["step"], "work");
  EXPECT_EQ(row["last_status"], "STARTED");
  EXPECT_THAT(run({"status"}).output, AllOf(HasSubstr("(no replica)"), HasSubstr("running work")));
  EXPECT_THAT(explanation("slow"), HasSubstr("which is no replica"));
  close(gate);
  EXPECT_EQ(program.wait().exit_code, 0);
}

TEST_F(StatusCommand, P21WithFewerTokensThanJobsOneJobHasNoOwnerAndTheReasonCounts) {
  configure_jobs(std::string(fast) + "\nreplica: { tokens: 1 }", {"a", "b"});
  Program replica(workspace_.request({"run"}));
  ASSERT_TRUE(await([&] { return (status("a")["state"] == "idle") != (status("b")["state"] == "idle"); }));
  const bool a_is_owned = status("a")["state"] == "idle";
  const auto owned = status(a_is_owned ? "a" : "b");
  const std::string left = a_is_owned ? "b" : "a";
  EXPECT_EQ(owned["owner_state"], "live");
  EXPECT_EQ(status(left)["reason"], "no capacity (2 jobs, 1 live token)");
  EXPECT_EQ(explanation(left),
            left + " has no owner: no capacity (2 jobs, 1 live token): add a replica, or raise replica.tokens.");
  EXPECT_THAT(explanation(owned["job"]), HasSubstr("is idle: replica " + owned["owner"].get<std::string>()));
  EXPECT_THAT(run({"status"}).output, HasSubstr("1 live replica with 1 token; 2 jobs: 1 idle, 1 unowned"));
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
  EXPECT_EQ(status("a")["owner"], nullptr);
  EXPECT_EQ(status("a")["reason"], "no live replica");
}

TEST_F(StatusCommand, P21AKilledOwnerIsSilentUntilItsLeaseIsOver) {
  configure_jobs(silent_for_long, {"a"});
  Program replica(workspace_.request({"run"}));
  ASSERT_TRUE(await_state("a", "idle"));
  const std::string owner = status("a")["owner"];
  replica.signal(SIGKILL);
  replica.wait();
  ASSERT_TRUE(await_state("a", "unowned"));
  const auto row = status("a");
  EXPECT_EQ(row["owner_state"], "silent");
  EXPECT_EQ(row["owner"], owner);
  EXPECT_THAT(row["reason"].get<std::string>(), HasSubstr("held by a silent owner until about"));
  EXPECT_THAT(explanation("a"), HasSubstr("a has no live owner: held by a silent owner until about"));
  const auto explained = nlohmann::json::parse(run({"explain", "a", "--json"}).output);
  ASSERT_EQ(explained.size(), 1U);
  EXPECT_EQ(explained[0]["replica_pid"], replica.id());
  EXPECT_EQ(explained[0]["lease_owner"], owner);
  EXPECT_EQ(explained[0]["lease_duration_ms"], 600'000);
  EXPECT_EQ(explained[0]["live_tokens"], 0);
  EXPECT_THAT(explained[0]["explanation"].get<std::string>(), HasSubstr("no live owner"));
}

TEST_F(StatusCommand, P23APauseIsShownWithItsReason) {
  configure_jobs(fast, {"a"});
  Program replica(workspace_.request({"run"}));
  ASSERT_TRUE(await_state("a", "idle"));
  ASSERT_EQ(run({"pause", "a", "--reason", "month end"}).exit_code, 0);
  const auto row = status("a");
  EXPECT_EQ(row["state"], "paused");
  EXPECT_EQ(row["owner_state"], "live");
  EXPECT_EQ(row["pause_reason"], "month end");
  EXPECT_THAT(explanation("a"), AllOf(testing::StartsWith("a is paused by "), HasSubstr("month end; replica "),
                                      HasSubstr("baton resume a ends that.")));
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
}

TEST_F(StatusCommand, P19AReplicaOfAnotherConfigurationAndItsJobsAreShown) {
  configure_jobs(fast, {"a", "old"});
  Program replica(workspace_.request({"run"}));
  ASSERT_TRUE(await_state("old", "idle"));
  configure_jobs(fast, {"a"});
  const ProgramEnd end = run({"status"});
  EXPECT_THAT(end.output, AllOf(HasSubstr("rolling update"), HasSubstr("another"), HasSubstr("2 of 2"),
                                ContainsRegex("old .*not in this configuration")));
  EXPECT_EQ(end.errors, "") << "no alert";
  EXPECT_EQ(status("old")["schedule"], nullptr);
  EXPECT_THAT(explanation("old"), HasSubstr("old is not in this configuration"));
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
}

TEST_F(StatusCommand, ExplainOfAnUnknownJobIsWrongUsageThatNamesTheKnownOnes) {
  configure();
  const ProgramEnd end = run({"explain", "prizes"});
  EXPECT_EQ(end.exit_code, 2);
  EXPECT_THAT(end.errors, HasSubstr("its jobs are: prices"));
  EXPECT_EQ(run({"explain"}).exit_code, 2);
}

TEST_F(StatusCommand, AStoreThatIsLockedAsAWholeIsNotNow) {
  configure();
  workspace_.write("prices.csv", prices(1));
  ASSERT_EQ(run_prices().exit_code, 0);
  const Program locker({{"sqlite3", "baton.db", "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE;", ".shell cat fifo"},
                        workspace_.path(),
                        {},
                        {},
                        false,
                        false});
  make_gate("fifo");
  const int gate = reach_gate("fifo");
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"status"}, {"explain", "prices"}}) {
    const ProgramEnd end = run(command);
    EXPECT_EQ(end.exit_code, 75) << end.errors;
    EXPECT_THAT(end.errors, HasSubstr("baton.db"));
    EXPECT_EQ(end.output, "");
  }
  close(gate);
}

class WatchedStatus : public StatusCommand {
 protected:
  // Its standard output goes to a file, so that a test can look while it runs.
  ProgramRequest watch_into(const std::string& file, const std::string& options = "") const {
    ProgramRequest request = workspace_.request({});
    const std::string program = request.argv.front();
    request.argv = {"sh", "-c", "exec " + program + " status --watch " + options + " >" + file};
    return request;
  }
  bool await_text(const std::string& file, const std::string& text) const {
    return await([&] { return workspace_.exists(file) && workspace_.read(file).find(text) != std::string::npos; });
  }
};

TEST_F(WatchedStatus, OnATerminalItIsRedrawnInPlaceCutToItsWidthUntilASignal) {
  configure_jobs(fast, {"a", "a long name as others have it"});
  auto request = workspace_.request({"status", "--watch"});
  request.on_terminal = true;
  Program watch(request);
  ASSERT_TRUE(watch.await_error_text("\x1b[J")) << "the first picture";
  ASSERT_EQ(run({"run", "--once", "a"}).exit_code, 0);
  ASSERT_TRUE(watch.await_error_text("COMPLETED"));
  watch.signal(SIGINT);
  const ProgramEnd end = watch.wait();
  EXPECT_EQ(end.exit_code, 0);
  std::size_t begin = end.errors.rfind("\x1b[H");
  ASSERT_NE(begin, std::string::npos);
  for (std::size_t line_end = end.errors.find("\x1b[K", begin); line_end != std::string::npos;
       line_end = end.errors.find("\x1b[K", begin)) {
    EXPECT_LE(line_end - begin, 160U) << "a hundred columns, and colours";
    begin = line_end + 4;
  }
}

TEST_F(WatchedStatus, ElsewhereEachPictureFollowsTheOneBeforeAfterAnEmptyLine) {
  configure_jobs(fast, {"a"});
  Program watch(watch_into("out"));
  ASSERT_TRUE(await_text("out", "never ran"));
  ASSERT_EQ(run({"run", "--once", "a"}).exit_code, 0);
  ASSERT_TRUE(await_text("out", "COMPLETED"));
  watch.signal(SIGTERM);
  EXPECT_EQ(watch.wait().exit_code, 0);
  const std::string text = workspace_.read("out");
  EXPECT_THAT(text, testing::StartsWith("no live replica; 1 job: 1 unowned\n"));
  EXPECT_THAT(text, HasSubstr("\n\nno live replica; 1 job: 1 unowned\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST_F(WatchedStatus, InJsonItIsOneArrayALine) {
  configure_jobs(fast, {"a"});
  Program watch(watch_into("out", "--json"));
  ASSERT_TRUE(await([&] {
    if (!workspace_.exists("out")) return false;
    const std::string text = workspace_.read("out");
    return std::count(text.begin(), text.end(), '\n') >= 2;
  }));
  watch.signal(SIGTERM);
  EXPECT_EQ(watch.wait().exit_code, 0);
  std::istringstream lines(workspace_.read("out"));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(nlohmann::json::parse(line)[0]["job"], "a") << line;
  }
}

TEST_F(WatchedStatus, AStoreThatGoesAwayIsSaidAndTriedAgain) {
  configure_jobs(fast, {"a"});
  ASSERT_EQ(run({"run", "--once", "a"}).exit_code, 0);
  Program watch(watch_into("out"));
  ASSERT_TRUE(await_text("out", "COMPLETED"));
  std::filesystem::rename(workspace_.file("baton.db"), workspace_.file("moved.db"));
  std::filesystem::create_directory(workspace_.file("baton.db"));
  ASSERT_TRUE(await_text("out", "cannot be read now: "));
  ASSERT_TRUE(await([&] {
    const std::string text = workspace_.read("out");
    return text.find("COMPLETED", text.find("cannot be read now")) != std::string::npos;
  })) << "what was last seen stays";
  std::filesystem::remove(workspace_.file("baton.db"));
  std::filesystem::rename(workspace_.file("moved.db"), workspace_.file("baton.db"));
  ASSERT_TRUE(await([&] {
    const std::string text = workspace_.read("out");
    const std::string last = text.substr(text.rfind("no live replica;"));
    return last.find("cannot be read now") == std::string::npos && last.find("COMPLETED") != std::string::npos;
  }));
  watch.signal(SIGTERM);
  EXPECT_EQ(watch.wait().exit_code, 0);
}

}  // namespace
}  // namespace baton
