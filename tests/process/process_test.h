// What the tests of the real program share.
#pragma once

#include "tests/doubles/workspace.h"
#include "tests/process/load_job.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>
#include <nlohmann/json.hpp>

namespace baton {

class ProcessTest : public testing::Test {
 protected:
  void configure(const LoadJob& job = {}) const { workspace_.write("baton.yaml", job.text()); }
  ProgramEnd run(std::vector<std::string> arguments) const { return workspace_.run(std::move(arguments)); }
  ProgramEnd run_prices() const { return run({"run", "--once", "prices"}); }
  // Its message holds each of these.
  ProgramEnd expect_failure(const std::vector<std::string>& said) const {
    ProgramEnd end = run_prices();
    EXPECT_EQ(end.exit_code, 1) << end.errors;
    for (const std::string& one : said) EXPECT_THAT(end.errors, testing::HasSubstr(one));
    return end;
  }
  std::string loaded() const {
    return workspace_.query("warehouse.db", "SELECT count(*), sum(id), sum(price) FROM prices");
  }
  static std::string loaded(int rows) {
    const long long sum = 1LL * rows * (rows + 1) / 2;
    return std::to_string(rows) + "|" + std::to_string(sum) + "|" +
           nlohmann::json(static_cast<double>(sum) + rows * 0.5).dump();
  }
  nlohmann::json history() const {
    const ProgramEnd end = run({"history", "--json"});
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    return nlohmann::json::parse(end.output);
  }
  bool has_rows() const {
    return workspace_.exists("warehouse.db") &&
           workspace_.query("warehouse.db", "SELECT name FROM sqlite_schema WHERE name = 'prices'") == "prices" &&
           workspace_.query("warehouse.db", "SELECT count(*) FROM prices") != "0";
  }
  // A named pipe: a command that reads it waits for open_gate().
  void make_gate(const std::string& name) const { ASSERT_EQ(mkfifo(workspace_.file(name).c_str(), 0600), 0); }
  // Waits until a command reads it; closing the descriptor lets the command go on.
  int reach_gate(const std::string& name) const {
    int gate = -1;
    EXPECT_TRUE(
        await([&] { return (gate = open(workspace_.file(name).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) >= 0; }));
    return gate;
  }
  void pass_gate(const std::string& name) const { close(reach_gate(name)); }

  Workspace workspace_{BATON_BINARY_DIR "/baton"};
};

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

}  // namespace baton
