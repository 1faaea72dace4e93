// Refused records come back as they were.
#include "tests/process/process_test.h"

namespace baton {
namespace {

class Rejects : public ProcessTest {
 protected:
  // Six refused records among good ones; each as it stands in the file, without its line's end.
  const std::vector<std::string> refused_{"2",      "3,\xff\xfe", "four,4.5", "\"5\"x,5.5", "\"6\r\n6\",\"6,\"\"5\"",
                                          "7,7.5,,"};

  void SetUp() override {
    configure({.step = "skip: { limit: 10 }"});
    std::string text = "id,price\r\n1,1.5\r\n";
    for (const std::string& record : refused_) text += record + "\r\n";
    workspace_.write("prices.csv", text + "8,8.5\r\n");
    const ProgramEnd end = run_prices();
    ASSERT_EQ(end.exit_code, 0) << end.errors;
    ASSERT_EQ(workspace_.query("warehouse.db", "SELECT group_concat(id) FROM prices"), "1,8");
  }
};

TEST_F(Rejects, RawExportIsTheRecordsByteForByte) {
  std::string expected;
  for (const std::string& record : refused_) expected += record + "\n";
  EXPECT_EQ(run({"rejects", "export", "--format", "raw"}).output, expected);
  const ProgramEnd to_file = run({"rejects", "export", "prices", "--format", "raw", "--output", "refused.csv"});
  EXPECT_EQ(to_file.exit_code, 0);
  EXPECT_EQ(to_file.output, "");
  EXPECT_EQ(workspace_.read("refused.csv"), expected);
}

TEST_F(Rejects, JsonLinesHoldTheRecordsByteForByte) {
  const ProgramEnd end = run({"rejects", "export"});
  std::istringstream lines(end.output);
  std::size_t i = 0;
  for (std::string line; std::getline(lines, line); ++i) {
    const auto reject = nlohmann::json::parse(line);
    ASSERT_LT(i, refused_.size());
    EXPECT_EQ(reject["job"], "prices");
    EXPECT_EQ(reject["record"], i + 2);
    if (refused_[i].find('\xff') == std::string::npos) {
      EXPECT_EQ(reject["raw"], refused_[i]);
      EXPECT_FALSE(reject.contains("raw_hex"));
    } else {
      EXPECT_EQ(reject["raw_hex"], "332cfffe");
    }
  }
  EXPECT_EQ(i, refused_.size());
}

TEST_F(Rejects, TheListNamesLineColumnValueAndReason) {
  const auto rows = nlohmann::json::parse(run({"rejects", "list", "--json"}).output);
  ASSERT_EQ(rows.size(), refused_.size());
  EXPECT_EQ(rows[0]["line"], 3);
  EXPECT_THAT(rows[0]["reason"].get<std::string>(), HasSubstr("expected 2 fields, found 1"));
  EXPECT_EQ(rows[1]["column"], "price");
  EXPECT_THAT(rows[1]["reason"].get<std::string>(), HasSubstr("UTF-8"));
  EXPECT_EQ(rows[2]["column"], "id");
  EXPECT_EQ(rows[2]["value"], "four");
  EXPECT_EQ(rows[4]["line"], 7);
  EXPECT_EQ(rows[5]["line"], 9);
  EXPECT_EQ(nlohmann::json::parse(run({"rejects", "list", "--json", "--limit", "2"}).output).size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(run({"rejects", "list", "--json", "--execution", "9"}).output).size(), 0U);
}

TEST_F(Rejects, AFileThatCannotBeWrittenIsSaid) {
  const ProgramEnd end = run({"rejects", "export", "--output", "nowhere/refused.csv"});
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors, HasSubstr("nowhere/refused.csv"));
}

}  // namespace
}  // namespace baton
