// A configuration for PostgreSQL: this version checks it, says what it cannot use, and shows no password.
#include "tests/doubles/workspace.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

constexpr const char* password = "s3cr3t-Pa55";

class PostgresLoad : public testing::Test {
 protected:
  ProgramEnd run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", BATON_SOURCE_DIR "/tests/acceptance/postgres-load.yaml"});
    ProgramRequest request = workspace_.request(std::move(arguments));
    request.environment = {{"PGURL", std::string("postgresql://loader:") + password + "@db.example:5432/etl"},
                           {"CSV", workspace_.file("lineitem.csv")}};
    const ProgramEnd end = run_to_end(request);
    EXPECT_EQ((end.output + end.errors).find(password), std::string::npos) << end.output << end.errors;
    return end;
  }

  Workspace workspace_{BATON_BINARY_DIR "/baton"};
};

TEST_F(PostgresLoad, IsValid) {
  const ProgramEnd end = run({"validate"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_NE(end.output.find("is valid"), std::string::npos) << end.output;
}

TEST_F(PostgresLoad, CommandsThatNeedTheDatabaseSayWhatCannotBeUsedAndWhere) {
  const std::vector<std::vector<std::string>> commands{{"run", "--once", "lineitem"},
                                                       {"restart", "lineitem"},
                                                       {"abandon", "lineitem"},
                                                       {"stop", "lineitem"},
                                                       {"status"},
                                                       {"history"},
                                                       {"rejects", "list"},
                                                       {"rejects", "export"}};
  for (const auto& command : commands) {
    const ProgramEnd end = run(command);
    EXPECT_EQ(end.exit_code, 78) << command[0];
    EXPECT_NE(end.errors.find("postgres-load.yaml:4:20: "), std::string::npos) << end.errors;
    EXPECT_NE(end.errors.find("PostgreSQL"), std::string::npos) << end.errors;
  }
  EXPECT_TRUE(workspace_.names().empty());
}

TEST(Schema, IsJson) {
  const Workspace workspace(BATON_BINARY_DIR "/baton");
  const ProgramEnd end = workspace.run({"schema"});
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_TRUE(nlohmann::json::parse(end.output).contains("$schema"));
  EXPECT_TRUE(workspace.names().empty());
}

}  // namespace
}  // namespace baton
