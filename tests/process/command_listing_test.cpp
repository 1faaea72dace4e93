// The commands that answer, and how each refuses wrong usage.
#include "tests/process/process_test.h"

namespace baton {
namespace {

class Commands : public ProcessTest {};

const std::vector<std::vector<std::string>> listings{
    {"validate"},          {"status"},          {"explain", "prices"},         {"history"},
    {"history", "prices"}, {"rejects", "list"}, {"rejects", "list", "prices"}, {"version"}};

TEST_F(Commands, EveryListingIsOneArrayOfObjectsInJson) {
  configure({.step = "skip: { limit: 5 }"});
  workspace_.write("prices.csv", prices(3) + "4\n");
  ASSERT_EQ(run_prices().exit_code, 0);

  for (auto listing : listings) {
    const ProgramEnd text = run(listing);
    EXPECT_EQ(text.exit_code, 0) << listing[0] << text.errors;
    EXPECT_THAT(text.output, Not(HasSubstr("{"))) << listing[0];
    EXPECT_EQ(text.errors, "") << listing[0];
    listing.emplace_back("--json");
    const ProgramEnd json = run(listing);
    EXPECT_EQ(json.exit_code, 0) << listing[0] << json.errors;
    const auto rows = nlohmann::json::parse(json.output);
    ASSERT_TRUE(rows.is_array()) << json.output;
    ASSERT_EQ(rows.size(), 1U) << json.output;
    for (const auto& [key, value] : rows[0].items())
      EXPECT_EQ(key.find_first_of("- ABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::string::npos);
  }
}

TEST_F(Commands, RunsAnswerInJsonToo) {
  configure();
  workspace_.write("prices.csv", prices(3));
  const auto done = nlohmann::json::parse(run({"run", "--once", "prices", "--json"}).output);
  EXPECT_EQ(done[0]["status"], "COMPLETED");
  EXPECT_EQ(done[0]["written"], 3);
  EXPECT_EQ(done[0]["exit_code"], 0);

  workspace_.write("prices.csv", "id,price\nx,1\n");
  const ProgramEnd failed = run({"--json", "run", "--once", "prices"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_EQ(nlohmann::json::parse(failed.output)[0]["status"], "FAILED");
  for (const char* command : {"stop", "abandon", "restart"}) {
    const ProgramEnd end = run({command, "prices", "--json"});
    EXPECT_TRUE(nlohmann::json::parse(end.output).is_array()) << command << end.output;
  }
}

TEST_F(Commands, LookingCreatesNothing) {
  configure();
  auto looks = listings;
  looks.insert(looks.end(), {{"schema"}, {"rejects", "export"}, {"--help"}, {"run", "--help"}});
  looks.insert(looks.end(), {{"completion", "bash"}, {"manual"}, {"manual", "baton.yaml"}, {"job-names"}});
  for (const auto& look : looks) {
    const ProgramEnd end = run(look);
    EXPECT_EQ(end.exit_code, 0) << look[0] << end.errors;
    EXPECT_THAT(workspace_.names(), testing::ElementsAre("baton.yaml")) << look[0];
  }
  EXPECT_EQ(run({"stop", "prices"}).exit_code, 1);
  EXPECT_THAT(workspace_.names(), testing::ElementsAre("baton.yaml"));
}

TEST_F(Commands, WrongUsageExitsWith2AndSaysWhatIsWrong) {
  configure();
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{}, "a command is needed"},
      {{"fly"}, "fly"},
      {{"status", "--wings"}, "--wings"},
      {{"run", "prices"}, "run --once"},
      {{"run", "--once"}, "name at least one job"},
      {{"run", "--once", "prices", "--wait", "long"}, "--wait"},
      {{"run", "--once", "prices", "run.id=4"}, "run.id"},
      {{"run", "--once", "prices", "n=x,Long"}, "n=x"},
      {{"run", "--once", "=x", "prices"}, "=x"},
      {{"restart"}, "job"},
      {{"history", "--limit", "0"}, "--limit"},
      {{"rejects"}, "subcommand"},
      {{"rejects", "export", "--format", "xml"}, "xml"},
      {{"completion"}, "shell"},
      {{"completion", "tcsh"}, "tcsh"},
      {{"manual", "cron"}, "cron"},
  };
  for (const auto& [arguments, said] : wrong) {
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.exit_code, 2) << said;
    EXPECT_THAT(end.errors, HasSubstr(said));
    EXPECT_EQ(end.output, "") << said;
  }
  EXPECT_THAT(workspace_.names(), testing::ElementsAre("baton.yaml"));
}

TEST_F(Commands, AnUnknownJobIsWrongUsageThatNamesTheKnownOnes) {
  configure();
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"run", "--once", "prizes"},
                                             {"restart", "prizes"},
                                             {"abandon", "prizes"},
                                             {"stop", "prizes"},
                                             {"history", "prizes"},
                                             {"rejects", "list", "prizes"},
                                             {"rejects", "export", "prizes"}}) {
    const ProgramEnd end = run(command);
    EXPECT_EQ(end.exit_code, 2) << command[0] << end.output;
    EXPECT_THAT(end.errors, AllOf(HasSubstr("\"prizes\""), HasSubstr("its jobs are: prices"))) << command[0];
  }
}

TEST_F(Commands, AMissingConfigurationExitsWith78AndNamesTheFile) {
  const ProgramEnd end = run({"status"});
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors, AllOf(HasSubstr("baton.yaml"), HasSubstr("--config")));
}

TEST_F(Commands, AFolderIsNoConfiguration) {
  const ProgramEnd end = run({"validate", "--config", workspace_.path()});
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors, HasSubstr("is a folder"));
}

TEST_F(Commands, EveryErrorOfAConfigurationIsReportedAtOnceWithItsPlace) {
  workspace_.write("baton.yaml",
                   "locks: { lease: 5s }\n"
                   "jobs:\n"
                   "  prices:\n"
                   "    steps:\n"
                   "      - name: load\n"
                   "        read: { csv: { path: prices.csv, delimeter: ';' } }\n"
                   "        write: { table: { connection: nowhere, name: prices, mode: merge } }\n"
                   "        chunk: many\n");
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"validate"}, {"run", "--once", "prices"}, {"status"}}) {
    const ProgramEnd end = run(command);
    EXPECT_EQ(end.exit_code, 78);
    EXPECT_EQ(end.output, "");
    for (const char* said : {"baton.yaml:1:", "baton.yaml:6:42: ", "delimiter", "baton.yaml:7:39: ", "nowhere",
                             "baton.yaml:7:68: ", "upsert", "baton.yaml:8:16: ", "many"}) {
      EXPECT_THAT(end.errors, HasSubstr(said));
    }
  }
  EXPECT_THAT(workspace_.names(), testing::ElementsAre("baton.yaml"));
}

TEST_F(Commands, AColumnTypeThatDoesNotExistIsAnErrorOfTheConfiguration) {
  configure({.table = "name: prices, create: true, columns: { id: intager }"});
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"validate"}, {"run", "--once", "prices"}}) {
    const ProgramEnd end = run(command);
    EXPECT_EQ(end.exit_code, 78);
    EXPECT_THAT(end.errors, AllOf(ContainsRegex("baton.yaml:[0-9]+:[0-9]+: "), HasSubstr("intager")));
  }
}

}  // namespace
}  // namespace baton
