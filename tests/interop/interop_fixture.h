// Baton and Spring Batch on one PostgreSQL database. The job "prices" has the steps "prepare" and "load"; load writes
// the numbers of prices.csv into public.prices, as a step of the same name does in Java.
#pragma once

#include "tests/doubles/postgres_server.h"
#include "tests/doubles/workspace.h"
#include "tests/interop/java_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct PricesJob {
  std::string contexts = "base64-java";
  std::string schedule = "manual";
  std::string prepare = "sql: { statement: SELECT 1 }";
  std::string mode = "append";           // with a key where it needs one
  std::string load = "";                 // more keys of the step
  std::string job = "";                  // more keys of the job
  std::optional<int> spring_batch = {};  // absent: the test's generation
};

// Keeps one record of a load from being written, and so the load from going on, until it is let go of.
class HeldRecord {
 public:
  HeldRecord(const TemporaryDatabase& database, int id);
  void let_go() { session_.reset(); }

 private:
  std::unique_ptr<PgConnection> session_;
};

// The parameter is the generation of Spring Batch, 5 or 6.
class InteropTest : public testing::TestWithParam<int> {
 protected:
  InteropTest();

  void configure(const PricesJob& job = {}) const;
  void numbers(int last) const { write_numbers("", last); }
  // A record that is no number after so many that are.
  void numbers_and_a_word(int last) const { write_numbers("word\n", last); }

  ProgramRequest request(std::vector<std::string> arguments) const;
  ProgramEnd run(std::vector<std::string> arguments) const { return run_to_end(request(std::move(arguments))); }
  ProgramEnd run_prices() const { return run({"run", "--once", "prices"}); }
  // What `baton COMMAND… --json` lists.
  nlohmann::json listing(std::vector<std::string> command) const;
  nlohmann::json history() const { return listing({"history"}); }
  std::string loaded() const { return database_.query("SELECT count(*), coalesce(sum(id), 0) FROM public.prices"); }
  static std::string loaded(int last) {
    return std::to_string(last) + "|" + std::to_string(1LL * last * (last + 1) / 2);
  }
  // Until the load has come up to where a record is held.
  bool await_loaded(int last) const {
    return await([&] { return loaded() == loaded(last); });
  }

  // Spring Batch's answer; an error fails the test.
  nlohmann::json java(const std::string& command, nlohmann::json arguments = nlohmann::json::object()) const;
  // Its error; an answer fails the test.
  std::string java_error(const std::string& command, nlohmann::json arguments = nlohmann::json::object()) const;
  // What JobExplorer says of the job "prices".
  nlohmann::json explored() const { return java("explore", {{"job", "prices"}}); }
  nlohmann::json explored_execution(int newest_instance, int newest_execution) const;
  // The steps of the Java job: prepare completes; load writes 1 to `rows` in chunks of 2, and fails at `fail_at`.
  static nlohmann::json java_steps(int rows, int fail_at = 0);
  // A Java run with run.id 1, as Baton's first; it fails in "load" after having written 1 and 2.
  nlohmann::json java_leaves_failed() const;
  static nlohmann::json run_id(int value);

  int generation() const { return GetParam(); }

  Workspace workspace_{BATON_BINARY_DIR "/baton"};
  TemporaryDatabase database_;
  mutable std::string contexts_ = "base64-java";

 private:
  void write_numbers(const std::string& after, int last) const;
  nlohmann::json ask_java(const std::string& command, nlohmann::json arguments) const;
};

// One suite for both generations.
#define BATON_INTEROP_SUITE(suite) \
  INSTANTIATE_TEST_SUITE_P(SpringBatch, suite, testing::Values(5, 6), testing::PrintToStringParamName())

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

}  // namespace baton
