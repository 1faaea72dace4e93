// The metrics of a real replica; and that what is built on them names no other.
#include "tests/process/served_replica.h"

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace baton {
namespace {

using testing::Contains;
using testing::ContainsRegex;
using testing::IsSupersetOf;

std::string file(const std::string& path) {
  std::ifstream in(BATON_SOURCE_DIR "/" + path);
  EXPECT_TRUE(in) << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// What the group matches, everywhere.
std::set<std::string> all_of(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator one(text.begin(), text.end(), pattern), none; one != none; ++one) found.insert((*one)[1]);
  return found;
}

class ServedMetrics : public ServedReplicaTest {
 protected:
  static constexpr const char* monitored = "monitoring: { grace: 1s, global: { monitoring-1: { every: 1s } } }\n";

  std::string metrics_at(int port) const { return get(port, "/metrics"); }
};

TEST_F(ServedMetrics, JobsRunThenTheirNumbers) {
  workspace_.write("prices.csv", prices(200));
  configure_served(load_job("prices", once_an_hour, 50) + shell_job("broken", once_an_hour, "exit 3") +
                   sql_job("count", by_hand));
  const Replica replica = start();
  const int port = port_of(replica);
  const std::string status = R"(spring_batch_job_status="COMPLETED"} 1)";
  ASSERT_TRUE(await_answer(port, "/metrics", "spring_batch_job_name=\"prices\"," + status));
  ASSERT_TRUE(await_answer(port, "/metrics", R"(spring_batch_job_name="broken",spring_batch_job_status="FAILED"} 1)"));
  // The thread that decides hears of it a moment later.
  for (const char* const time : {"last_success", "next_start"}) {
    const std::string series = std::string("baton_job_") + time + "_timestamp_seconds{job_name=\"prices\"} 1";
    ASSERT_TRUE(await_answer(port, "/metrics", series)) << time;
  }
  const std::string metrics = metrics_at(port);
  for (const char* const line : {
           R"(baton_rows_read_total{job_name="prices"} 200)",
           R"(baton_rows_written_total{job_name="prices"} 200)",
           R"(baton_rows_rejected_total{job_name="prices"} 0)",
           R"(baton_job_owned{job_name="count"} 1)",
           R"(baton_job_unowned{job_name="count"} 0)",
           R"(baton_job_expected_interval_seconds{job_name="prices"} 3600)",
           R"(baton_job_expected_interval_seconds{job_name="count"} 0)",
           R"(baton_job_grace_seconds{job_name="prices"} 30)",
           R"(baton_job_last_success_timestamp_seconds{job_name="broken"} 0)",
           R"(baton_job_last_success_timestamp_seconds{job_name="count"} 0)",
           R"(baton_job_start_lateness_seconds_count{job_name="prices"} 1)",
           R"(baton_lease_acquisitions_total{job_name="prices"} 1)",
           R"(spring_batch_step_seconds_count{error="none",spring_batch_step_job_name="prices",)"
           R"(spring_batch_step_name="load",spring_batch_step_status="COMPLETED"} 1)",
           R"(spring_batch_step_seconds_count{error="failure",spring_batch_step_job_name="broken",)"
           R"(spring_batch_step_name="work",spring_batch_step_status="FAILED"} 1)",
           "baton_tokens 3",
           "baton_tokens_used 3",
           "baton_jobs_unowned 0",
           "baton_live_replicas 1",
           "baton_ready 1",
       }) {
    EXPECT_THAT(metrics, HasSubstr("\n" + std::string(line) + "\n"));
  }
  end(replica);
}

TEST_F(ServedMetrics, ARunAfterTheOwnersRestartFailsThenTheSuccessBeforeItIsKnown) {
  configure_served(shell_job("flaky", by_hand, "test ! -e broken"));
  Replica replica = start();
  ASSERT_TRUE(await_held(replica, 1));
  EXPECT_EQ(run({"trigger", "flaky", "--wait"}).exit_code, 0);
  workspace_.write("broken", "");
  EXPECT_EQ(run({"trigger", "flaky", "--wait"}).exit_code, 1);
  end(replica);
  replica = start();
  const int port = port_of(replica);
  ASSERT_TRUE(await_answer(port, "/metrics", R"(baton_job_owned{job_name="flaky"} 1)"));
  EXPECT_THAT(metrics_at(port), HasSubstr(R"(baton_job_last_success_timestamp_seconds{job_name="flaky"} 1)"));
  end(replica);
}

TEST_F(ServedMetrics, TooFewTokensThenAJobIsNobodysAndTheMonitorSaysSo) {
  configure({.tokens = 1,
             .stores = "repository: { url: \"sqlite:baton.db\" }\n" + std::string(any_port) + monitored,
             .jobs = sql_job("a", by_hand) + sql_job("b", by_hand)});
  const Replica replica = start();
  const int port = port_of(replica);
  ASSERT_TRUE(await_answer(port, "/metrics", "\nbaton_jobs_unowned 1\n"));
  const std::string metrics = metrics_at(port);
  EXPECT_THAT(metrics, AllOf(HasSubstr("\nbaton_jobs 2\n"), HasSubstr("\nbaton_live_tokens 1\n")));
  EXPECT_THAT(metrics, HasSubstr("\nbaton_monitor_interval_seconds{monitor=\"monitoring-1\"} 1\n"));
  EXPECT_TRUE(await_answer(port, "/metrics", "\nbaton_alerts_open{kind=\"no_capacity\"} 1\n"));
  EXPECT_THAT(metrics_at(port), ContainsRegex("baton_monitor_last_pass_timestamp_seconds\\{[^}]*\\} 1[0-9]{9}"));
  end(replica);
}

TEST_F(ServedMetrics, SecretsStandInTheConfigurationThenNoAnswerShowsThem) {
  workspace_.write("baton.yaml",
                   "repository: { url: \"sqlite:baton.db\" }\n" + std::string(any_port) +
                       "connections:\n  other: { url: \"postgresql://user:hunter2@127.0.0.1:1/db\" }\n"
                       "monitoring: { ping: \"http://127.0.0.1:1/hunter2\", global: { m1: { every: 1s } } }\n"
                       "jobs:\n" +
                       sql_job("count", by_hand));
  const Replica replica = start();
  const int port = port_of(replica);
  ASSERT_TRUE(await_answer(port, "/readyz", "200 "));
  for (const char* const path : {"/metrics", "/actuator/health", "/actuator/prometheus", "/actuator/env", "/"})
    EXPECT_THAT(get(port, path), Not(HasSubstr("hunter2"))) << path;
  end(replica);
}

TEST_F(ServedMetrics, ScrapedThenPromtoolAndAllThatIsBuiltOnThemAgree) {
  configure_served(sql_job("count", by_hand), monitored);
  const Replica replica = start();
  const int port = port_of(replica);
  ASSERT_TRUE(await_answer(port, "/metrics", "\nbaton_job_owned"));
  const std::string metrics = metrics_at(port).substr(4);
  end(replica);
  workspace_.write("metrics", metrics);
  ProgramRequest check = workspace_.request({});
  check.argv = {"sh", "-c", "promtool check metrics < metrics"};
  const ProgramEnd checked = run_to_end(check);
  EXPECT_EQ(checked.exit_code, 0) << checked.output << checked.errors;

  const std::set<std::string> series = all_of(metrics, std::regex("(?:^|\n)([a-z_]+)[{ ]"));
  ASSERT_THAT(series, Contains("baton_job_owned"));
  const std::regex ours("\\b(baton_[a-z_]+)");
  const std::regex springs("\\b(spring_batch_[a-z_]+)\\{");
  for (const char* const path : {"deploy/prometheus/alerts.yml", "deploy/grafana/dashboard.json"}) {
    EXPECT_THAT(series, IsSupersetOf(all_of(file(path), ours))) << path;
    EXPECT_THAT(series, IsSupersetOf(all_of(file(path), springs))) << path;
  }
  const std::string documented = file("docs/monitoring.md");
  for (const std::string& family : all_of(metrics, std::regex("# TYPE ([a-z_]+)")))
    EXPECT_THAT(documented, HasSubstr("`" + family)) << "docs/monitoring.md";
}

// JSON is YAML: the dashboard's expressions as rules, so that promtool parses them.
TEST_F(ServedMetrics, TheDashboardsExpressionsThenPromtoolParsesEach) {
  const auto dashboard = nlohmann::json::parse(file("deploy/grafana/dashboard.json"));
  nlohmann::json rules = nlohmann::json::array();
  for (const auto& panel : dashboard["panels"]) {
    for (const auto& target : panel.value("targets", nlohmann::json::array())) {
      const std::string written = target["expr"];
      const std::string plain = std::regex_replace(written, std::regex("\\$[a-z_]+"), "x");
      rules.push_back({{"record", "r" + std::to_string(rules.size())}, {"expr", plain}});
    }
  }
  ASSERT_GT(rules.size(), 20U);
  workspace_.write("rules.yml", nlohmann::json{{"groups", {{{"name", "dashboard"}, {"rules", rules}}}}}.dump());
  ProgramRequest check = workspace_.request({});
  check.argv = {"promtool", "check", "rules", "rules.yml"};
  const ProgramEnd checked = run_to_end(check);
  EXPECT_EQ(checked.exit_code, 0) << checked.output << checked.errors;
}

TEST_F(ServedMetrics, TheAlertRulesThenPromtoolsTestsOfThemPass) {
  ProgramRequest test = workspace_.request({});
  test.argv = {"promtool", "test", "rules", BATON_SOURCE_DIR "/deploy/prometheus/alerts_test.yml"};
  const ProgramEnd tested = run_to_end(test);
  EXPECT_EQ(tested.exit_code, 0) << tested.output << tested.errors;
}

}  // namespace
}  // namespace baton
