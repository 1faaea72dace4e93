// Who watches, what bounds a run, who is told: what is accepted, and what is said about the rest.
#include "loading.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing_config::job;
using testing_config::World;

std::string with_job_keys(const std::string& keys) {
  return "jobs: { j: { " + keys + ", steps: [ { name: s, sql: { statement: a } } ] } }\n";
}

void expect_only(const std::string& text, const std::string& problem) {
  EXPECT_THAT(World().problems(text), ElementsAre(StartsWith(problem))) << text;
}

TEST(MonitoringKeys, NothingWrittenThenNothingWatchesAndNothingIsBounded) {
  const auto config = World().load(job);
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_FALSE(config->server);
  EXPECT_THAT(config->monitoring.monitors, IsEmpty());
  EXPECT_THAT(config->alerts.sinks, IsEmpty());
  EXPECT_FALSE(config->retention.executions);
  EXPECT_FALSE(config->jobs.at(0).watch.timeout);
  EXPECT_FALSE(config->jobs.at(0).watch.stall);
  EXPECT_EQ(config->grace(config->jobs.at(0)), Duration(30'000));
}

TEST(MonitoringKeys, MonitorOrSinkWithoutSettingsThenDefaults) {
  const auto config = World().load("monitoring: { global: { m: {} } }\nalerts: { sinks: [ { log: {} } ] }\n" + job);
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->monitoring.monitors.at(0).every, Duration(60'000));
  EXPECT_EQ(config->monitoring.monitors.at(0).probe, ProbeKind::observe);
  EXPECT_EQ(config->alerts.remind, Duration(3'600'000));
}

TEST(MonitoringKeys, JobWithItsOwnGraceThenThatOne) {
  const auto config = World().load("monitoring: { grace: 7s }\n" + with_job_keys("grace: 0s, stall: 3s"));
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->grace(config->jobs.at(0)), Duration(0));
  EXPECT_EQ(config->jobs.at(0).watch.on_stall, OnStall::report);
}

TEST(MonitoringKeys, WrongValuesThenPlaceAndWhatWasExpected) {
  expect_only("monitoring: { grace: soon }\n" + job, "1:22 `monitoring.grace` is 'soon': expected a duration");
  expect_only("monitoring: { global: { m: { every: 0s } } }\n" + job,
              "1:37 `monitoring.global.m.every` is '0s': expected a duration of at least 1ms");
  expect_only("monitoring: { global: { m: { probe: ask } } }\n" + job,
              "1:37 `monitoring.global.m.probe` is 'ask': expected one of observe, acquire");
  expect_only("alerts: { sinks: [ {} ] }\n" + job,
              "1:20 `alerts.sinks[0]` needs exactly one of the keys `log`, `webhook`, `command`");
  expect_only("alerts: { sinks: [ { webhook: { format: json } } ] }\n" + job,
              "1:22 `alerts.sinks[0].webhook` needs the key `url`");
  expect_only("alerts: { sinks: [ { command: { argv: [] } } ] }\n" + job,
              "1:33 `alerts.sinks[0].command.argv` is empty");
  expect_only("alerts: { sinks: [ { command: { argv: [''] } } ] }\n" + job,
              "1:40 the first entry of `argv` is empty: expected a program");
  expect_only("retention: { executions: 0d }\n" + job, "1:26 `retention.executions` is '0d': expected a duration");
  expect_only(with_job_keys("on_stall: restart"), "1:14 `on_stall` needs `stall` beside it");
  expect_only(with_job_keys("stall: 5s, on_stall: wait"),
              "1:35 `jobs.j.on_stall` is 'wait': expected one of report, restart, release");
}

TEST(MonitoringKeys, ListenThenHostAndPort) {
  World world;
  const auto listen = [&](const std::string& text) {
    return world.load("server: { listen: \"" + text + "\" }\n" + job);
  };
  EXPECT_FALSE(listen("off")->server);
  EXPECT_EQ(listen("[::1]:9")->server->host, "::1");
  EXPECT_EQ(listen("[::1]:9")->server->port, 9);
  EXPECT_EQ(listen("0.0.0.0:65535")->server->port, 65'535);
  for (const std::string wrong : {"8080", ":8080", "a b:1", "h:65536", "h:", "h:x", "::1:8080"}) {
    EXPECT_THAT(world.problems("server: { listen: \"" + wrong + "\" }\n" + job),
                ElementsAre(HasSubstr("expected off, or HOST:PORT")))
        << wrong;
  }
}

TEST(MonitoringKeys, PingThenSchemeAndHostAreShownAndNoMore) {
  const auto config = World().load(with_job_keys("ping: \"https://me:geheim@host:8/geheim?geheim\""));
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->jobs.at(0).watch.ping->shown, "https://host:8");
  EXPECT_EQ(config->jobs.at(0).watch.ping->url.reveal(), "https://me:geheim@host:8/geheim?geheim");
}

TEST(MonitoringKeys, PingOfTheWholeWithoutAMonitorThenNobodyWouldCallIt) {
  expect_only("monitoring: { ping: \"https://host/geheim\" }\n" + job,
              "1:21 `ping` is called after each round of a monitor, and there is none: expected one under "
              "`monitoring.global`");
}

// Each lease has the name of what it is for.
TEST(MonitoringKeys, MonitorWithTheNameOfAJobThenRefused) {
  expect_only("monitoring: { global: { j: {} } }\n" + job, "1:25 the monitor has the name of a job, in line 2");
}

TEST(MonitoringKeys, LeaseOfAProbeThenShorterThanThatOfTheJobs) {
  expect_only(
      "locks: { lease: 3s, heartbeat: 1s }\nmonitoring: { global: { m: { probe: acquire, lease: 3s } } }\n" + job,
      "2:53 the probe's lease of 3s is not shorter than that of the jobs (3s)");
  expect_only("locks: { lease: 3s, heartbeat: 1s }\nmonitoring: { global: { m: { probe: acquire } } }\n" + job,
              "2:25 the probe's lease of 5s is not shorter");
  expect_only("monitoring: { global: { m: { probe: observe, lease: 1s } } }\n" + job,
              "1:53 `lease` has no effect without `probe: acquire` beside it");
}

TEST(MonitoringKeys, UrlsThenNeverShown) {
  World world;
  world.environment = {{"HOOK", "ftp://geheim"}};
  for (const std::string& text : std::vector<std::string>{
           "monitoring: { ping: \"https:/geheim\" }\n" + job, "monitoring: { ping: \"${HOOK}\" }\n" + job,
           "alerts: { sinks: [ { webhook: { url: \"${HOOK}\" } } ] }\n" + job, with_job_keys("ping: \"geheim\"")}) {
    const auto config = world.load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_THAT(config.error().text(), HasSubstr("expected a URL: http://… or https://…"));
    EXPECT_THAT(config.error().text(), Not(HasSubstr("geheim")));
  }
}

}  // namespace
}  // namespace baton
