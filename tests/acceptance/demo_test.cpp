// The four jobs on real data; what they should load is counted here without Baton.
#include "tests/doubles/workspace.h"

#include <gtest/gtest.h>
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace baton {
namespace {

constexpr const char* demo = BATON_SOURCE_DIR "/tests/acceptance/demo.yaml";
const std::vector<std::string> jobs{"vendors", "codepoints", "languages", "subdivisions"};

std::string file_text(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  EXPECT_FALSE(text.str().empty()) << path << " is missing: install scripts/packages.txt";
  return text.str();
}

struct Counted {
  std::int64_t records = 0;
  std::set<std::string> keys;
};

// RFC 4180 as it stands, character by character; the key is the field of that number.
Counted count_quoted(const std::string& text, std::size_t key) {
  Counted counted;
  std::string field;
  std::size_t number = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;  // a doubled one opens and closes at once
    if (!quoted && (c == ',' || c == '\n')) {
      if (number == key) counted.keys.insert(field);
      field.clear();
      ++number;
      if (c == '\n') {
        ++counted.records;
        number = 0;
      }
    } else if (c != '"' && c != '\r') {
      field += c;
    }
  }
  return counted;
}

std::int64_t count_with_jq(const std::string& path, const std::string& filter) {
  const ProgramEnd end = run_to_end({{"jq", filter, path}, "", {}, {}, false, false});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  return std::stoll(end.output);
}

// The number of rows that each table must have.
std::map<std::string, std::int64_t> expected_rows() {
  Counted vendors = count_quoted(file_text("/usr/share/ieee-data/oui.csv"), 1);
  vendors.keys.erase("Assignment");
  const std::string unicode = file_text("/usr/share/unicode/UnicodeData.txt");
  return {{"vendors", static_cast<std::int64_t>(vendors.keys.size())},
          {"codepoints", std::count(unicode.begin(), unicode.end(), '\n')},
          {"languages", count_with_jq("/usr/share/iso-codes/json/iso_639-3.json", ".[\"639-3\"] | length")},
          {"subdivisions", count_with_jq("/usr/share/iso-codes/json/iso_3166-2.json", ".[\"3166-2\"] | length")}};
}

class Demo : public testing::Test {
 protected:
  std::unique_ptr<Program> start_replica() const {
    ProgramRequest request = workspace_.request({"run", "--config", demo});
    request.environment = {{"OUT", workspace_.path()}};
    return std::make_unique<Program>(request);
  }
  // How many jobs each live replica's leases say that it owns: "2|2".
  std::string shares() const {
    return workspace_
        .try_query("baton.db-locks",
                   "SELECT coalesce(group_concat(jobs, '|'), '') FROM (SELECT count(*) AS jobs FROM baton_lease WHERE "
                   "isReleased IS "
                   "NULL GROUP BY ownerName)")
        .value_or("");
  }
  bool completed(const std::string& job) const {
    const auto count = workspace_.try_query(
        "baton.db",
        "SELECT count(*) FROM BATCH_JOB_EXECUTION JOIN BATCH_JOB_INSTANCE USING (JOB_INSTANCE_ID) WHERE JOB_NAME = '" +
            job + "' AND STATUS = 'COMPLETED'");
    return count && *count != "" && *count != "0";
  }
  ProgramEnd run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", demo});
    ProgramRequest request = workspace_.request(std::move(arguments));
    request.environment = {{"OUT", workspace_.path()}};
    return run_to_end(request);
  }
  ProgramEnd run_all() const {
    std::vector<std::string> arguments{"run", "--once", "--json"};
    arguments.insert(arguments.end(), jobs.begin(), jobs.end());
    return run(arguments);
  }
  std::int64_t rows(const std::string& table) const {
    return std::stoll(workspace_.query("warehouse.db", "SELECT count(*) FROM " + table));
  }
  // Each table's content in one line of text: the count and a sum over all rows.
  std::string content() const {
    std::string content;
    for (const char* table : {"vendors", "codepoints", "languages", "subdivisions"}) {
      const ProgramEnd dump = run_to_end(
          {{"sqlite3", workspace_.file("warehouse.db"), std::string("SELECT * FROM ") + table + " ORDER BY 1, 2"},
           "",
           {},
           {},
           false,
           false});
      content += std::to_string(dump.output.size()) + ":" + std::to_string(std::hash<std::string>()(dump.output)) + " ";
    }
    return content;
  }

  Workspace workspace_{BATON_BINARY_DIR "/baton"};
};

TEST_F(Demo, RunsLoadWhatOtherToolsCount) {
  const ProgramEnd end = run_all();

  ASSERT_EQ(end.exit_code, 0) << end.errors;
  std::map<std::string, std::int64_t> expected = expected_rows();
  for (const auto& [table, count] : expected) EXPECT_EQ(rows(table), count) << table;

  const auto reports = nlohmann::json::parse(end.output);
  // Some of the vendors' keys come more than once.
  expected["vendors"] = count_quoted(file_text("/usr/share/ieee-data/oui.csv"), 1).records - 1;
  ASSERT_EQ(reports.size(), jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(reports[i]["job"], jobs[i]);
    EXPECT_EQ(reports[i]["read"], expected.at(jobs[i]));
    EXPECT_EQ(reports[i]["rejected"], 0);
  }
  // Of the records of one key the last one is there.
  EXPECT_EQ(workspace_.query("warehouse.db", "SELECT count(*) FROM vendors WHERE assignment = '080030'"), "1");
  EXPECT_EQ(workspace_.query("warehouse.db", "SELECT count(*) FROM vendors WHERE instr(address, char(10)) > 0"), "8");
}

TEST_F(Demo, TwoReplicasOwnTwoJobsEachAndLoadThemAll) {
  const auto first = start_replica(), second = start_replica();
  ASSERT_TRUE(await([&] { return shares() == "2|2"; })) << shares();
  for (const std::string& job : jobs) ASSERT_TRUE(await([&] { return completed(job); })) << job;
  EXPECT_EQ(shares(), "2|2");
  for (const auto& replica : {first.get(), second.get()}) {
    replica->signal(SIGTERM);
    const ProgramEnd end = replica->wait();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
  }
  EXPECT_EQ(shares(), "");
  for (const auto& [table, expected] : expected_rows()) EXPECT_EQ(rows(table), expected) << table;
  EXPECT_EQ(workspace_.query("baton.db",
                             "SELECT count(DISTINCT replica) FROM baton_execution b JOIN BATCH_JOB_EXECUTION e "
                             "ON e.JOB_EXECUTION_ID = b.job_execution_id WHERE STATUS = 'COMPLETED'"),
            "2");
}

TEST_F(Demo, ASecondRunIsAnotherInstanceWithTheSameTables) {
  ASSERT_EQ(run_all().exit_code, 0);
  const std::string first = content();
  ASSERT_EQ(run_all().exit_code, 0);

  EXPECT_EQ(content(), first);
  for (const std::string& job : jobs) {
    EXPECT_EQ(workspace_.query("baton.db",
                               "SELECT p.PARAMETER_VALUE, e.STATUS, p.PARAMETER_TYPE, p.IDENTIFYING "
                               "FROM BATCH_JOB_INSTANCE i JOIN BATCH_JOB_EXECUTION e USING (JOB_INSTANCE_ID) "
                               "JOIN BATCH_JOB_EXECUTION_PARAMS p USING (JOB_EXECUTION_ID) WHERE i.JOB_NAME = '" +
                                   job + "' AND p.PARAMETER_NAME = 'run.id' ORDER BY 1"),
              "1|COMPLETED|java.lang.Long|Y\n2|COMPLETED|java.lang.Long|Y")
        << job;
  }
  const auto history = nlohmann::json::parse(run({"history", "--json"}).output);
  EXPECT_EQ(history.size(), 2 * jobs.size());
}

}  // namespace
}  // namespace baton
