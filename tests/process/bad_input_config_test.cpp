// Configurations that no replica can run: exit 78 with the place, and nothing is made.
#include "tests/process/process_test.h"

namespace baton {
namespace {

class BadConfig : public ProcessTest {
 protected:
  // One job beneath the lines given; the job's own lines follow its name.
  void configure_with(const std::string& top, const std::string& job) const {
    workspace_.write("baton.yaml",
                     top + "jobs:\n  prices:\n" + job + "    steps: [ { name: s, sql: { statement: select 1 } } ]\n");
  }
  void expect_refused(const std::vector<std::string>& said) const {
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{{"validate"}, {"run"}}) {
      const ProgramEnd end = run(command);
      EXPECT_EQ(end.exit_code, 78) << command[0];
      EXPECT_EQ(end.output, "");
      for (const std::string& one : said) EXPECT_THAT(end.errors, HasSubstr(one));
    }
    EXPECT_THAT(workspace_.names(), testing::ElementsAre("baton.yaml"));
  }
};

TEST_F(BadConfig, ALeaseTooShortForItsHeartbeatNamesTheLeastOne) {
  configure_with("locks: { lease: 3s, heartbeat: 2s }\n", "");
  expect_refused({"baton.yaml:1:17: ", "a lease of 3s is too short for a heartbeat of 2s", "at least"});
}

TEST_F(BadConfig, NoTokensAreTooFew) {
  configure_with("replica: { tokens: 0 }\n", "");
  expect_refused({"baton.yaml:1:20: ", "`replica.tokens` is '0'", "from 1"});
}

TEST_F(BadConfig, AnUnknownBalanceIsNoBalance) {
  configure_with("replica: { balance: fare }\n", "");
  expect_refused({"baton.yaml:1:21: ", "did you mean `fair`?"});
}

TEST_F(BadConfig, APostgresqlUrlThatCannotBeReadIsShownWithItsPlaceAndWithoutAPieceOfThePassword) {
  for (const std::string rest : {"//u:a@SECRET@h/d", "//u:pa/SECRET@h/d", "//u:SECRET%ret@h/d", "//u:SECRET@h:99999/d",
                                 "//u:SECRET@h/d?sslmode=on", "//u:SECRET@h/d?SECRET=1"}) {
    for (const std::string scheme : {"postgresql:", "jdbc:postgresql:"}) {
      if (scheme.starts_with("jdbc") && rest.ends_with("=1")) continue;  // JDBC's drivers ignore what they do not know
      for (const std::string key : {"repository", "connections:\n  warehouse"}) {
        configure_with(key + ": { url: \"" + scheme + rest + "\" }\n", "");
        const std::string place = key == "repository" ? "1:20" : "2:21";
        expect_refused({"baton.yaml:" + place + ": ", "this URL", "expected"});
        EXPECT_THAT(run({"validate"}).errors, Not(HasSubstr("SECRET"))) << key << rest;
      }
    }
  }
  configure_with("locks: { store: postgresql, url: \"postgresql://h:0/d\" }\n", "");
  expect_refused({"baton.yaml:1:34: ", "1 to 65535"});
}

TEST_F(BadConfig, AUrlOfApplicationPropertiesThatCannotBeReadIsShownWithItsPlace) {
  configure_with("", "");
  workspace_.write("application.properties", "token=1\nspring.datasource.url=jdbc:postgresql://u:a@SECRET@h/d\n");
  ProgramRequest request = workspace_.request(
      {"validate", "--config", workspace_.file("application.properties"), "--jobs", workspace_.file("baton.yaml")});
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors,
              AllOf(HasSubstr("application.properties:2:23: "), HasSubstr("%40"), Not(HasSubstr("SECRET"))));
  workspace_.write("application.properties", "token=1\n");
  request.environment.emplace_back("SPRING_DATASOURCE_URL", "jdbc:postgresql://u:a@SECRET@h/d");
  EXPECT_THAT(run_to_end(request).errors,
              AllOf(HasSubstr("SPRING_DATASOURCE_URL"), HasSubstr("%40"), Not(HasSubstr("SECRET"))));
}

TEST_F(BadConfig, TwoJobsOfOneNameNameTheLineOfTheFirst) {
  configure_with("", "    steps: [ { name: s, sql: { statement: select 1 } } ]\n  prices:\n");
  expect_refused({"baton.yaml:4:3: ", "the key `prices` is already given in line 2"});
}

TEST_F(BadConfig, AScheduleThatNeverFiresIsRefused) {
  configure_with("", "    schedule: { cron: \"0 0 0 30 2 *\" }\n");
  expect_refused({"baton.yaml:3:23: ", "`0 0 0 30 2 *`: it never fires"});
}

TEST_F(BadConfig, AWrongCronFieldIsNamedWithWhatWasFound) {
  configure_with("", "    schedule: { cron: \"0 0 24 * * *\" }\n");
  expect_refused({"baton.yaml:3:23: ", "the hour is `24`", "0 to 23"});
  configure_with("", "    schedule: { cron: \"0 4 * * *\" }\n");
  expect_refused({"baton.yaml:3:23: ", "it has 5 fields", "expected six"});
}

TEST_F(BadConfig, AnUnknownZoneNamesTheNearestOfTheSystem) {
  configure_with("", "    schedule: { cron: \"@daily\", zone: Europe/Zurch }\n");
  expect_refused({"baton.yaml:3:39: ", "there is no time zone `Europe/Zurch`, did you mean `Europe/Zurich`?"});
  configure_with("repository: { zone: Mars/Base }\n", "");
  expect_refused({"baton.yaml:1:21: ", "there is no time zone `Mars/Base`"});
}

TEST_F(BadConfig, APeriodOfZeroIsNone) {
  configure_with("", "    schedule: { fixed_rate: 0s }\n");
  expect_refused({"baton.yaml:3:29: ", "`jobs.prices.schedule.fixed_rate` is '0s'", "at least 1ms"});
  configure_with("", "    schedule: { fixed_delay: 0s }\n");
  expect_refused({"baton.yaml:3:30: ", "`jobs.prices.schedule.fixed_delay` is '0s'"});
}

TEST_F(BadConfig, TwoKindsOfScheduleAtOnceAreRefused) {
  configure_with("", "    schedule: { fixed_rate: 5s, cron: \"@daily\" }\n");
  expect_refused({"baton.yaml:3:5: ", "exactly one of the keys `fixed_delay`, `fixed_rate`, `cron`"});
}

TEST_F(BadConfig, ASystemZoneThatIsKnownIsShown) {
  configure_with("", "    schedule: { cron: \"0 0 6 * * MON-FRI\", zone: Asia/Kolkata }\n");
  const ProgramEnd end = run({"validate", "--json"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(nlohmann::json::parse(end.output)[0]["schedule"], "cron 0 0 6 * * MON-FRI Asia/Kolkata");
}

}  // namespace
}  // namespace baton
