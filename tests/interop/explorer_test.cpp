// What JobExplorer sees of Baton's runs.
#include "tests/interop/interop_fixture.h"

namespace baton {
namespace {

class Explorer : public InteropTest {
 protected:
  std::vector<std::string> formats() const {
    std::vector<std::string> formats{"base64-java", "jackson2", "none"};
    if (generation() == 6) formats.emplace_back("jackson3");
    return formats;
  }
  // The sums over an execution's steps, as `baton history` has them.
  static nlohmann::json sums(const nlohmann::json& execution) {
    std::int64_t read = 0, written = 0, filtered = 0, rejected = 0;
    for (const auto& step : execution["steps"]) {
      const std::int64_t skipped = step["read_skip"].get<std::int64_t>() + step["process_skip"].get<std::int64_t>() +
                                   step["write_skip"].get<std::int64_t>();
      read += step["read"].get<std::int64_t>() + step["read_skip"].get<std::int64_t>();
      written += step["write"].get<std::int64_t>();
      filtered += step["filter"].get<std::int64_t>();
      rejected += skipped;
    }
    return {{"execution_id", execution["id"]},
            {"status", execution["status"]},
            {"read", read},
            {"written", written},
            {"filtered", filtered},
            {"rejected", rejected}};
  }
  static void expect_no_contexts(const nlohmann::json& execution) {
    EXPECT_EQ(execution["context"], nlohmann::json::object());
    for (const auto& step : execution["steps"]) EXPECT_EQ(step["context"], nlohmann::json::object());
  }
};

TEST_P(Explorer, SeesInstancesExecutionsStepsAndCountsAsHistoryDoes) {
  configure({.load = "chunk: 2\n        skip: { limit: 1 }"});
  numbers_and_a_word(5);
  ASSERT_EQ(run_prices().exit_code, 0);
  configure({.load = "chunk: 2"});
  ASSERT_EQ(run_prices().exit_code, 1);  // the word is refused now
  numbers(3);
  ASSERT_EQ(run({"abandon", "prices"}).exit_code, 0);
  ASSERT_EQ(run_prices().exit_code, 0);

  const nlohmann::json seen = explored();
  EXPECT_EQ(seen["names"], nlohmann::json::array({"prices"}));
  EXPECT_EQ(seen["count"], 3);
  EXPECT_EQ(seen["running"], nlohmann::json::array());
  const nlohmann::json history = this->history();
  ASSERT_EQ(history.size(), 3U);
  ASSERT_EQ(seen["instances"].size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& execution = seen["instances"][i]["executions"][0];
    nlohmann::json told;
    for (const char* key : {"execution_id", "status", "read", "written", "filtered", "rejected"})
      told[key] = history[i][key];
    EXPECT_EQ(sums(execution), told);
    EXPECT_EQ(seen["instances"][i]["id"], history[i]["instance_id"]);
    EXPECT_EQ(execution["steps"][0]["name"], "prepare");
    EXPECT_EQ(execution["steps"][1]["name"], "load");
    EXPECT_FALSE(execution["ended"].is_null());
    expect_no_contexts(execution);
  }
  const auto& first = seen["instances"][2]["executions"][0];
  EXPECT_EQ(first["steps"][1]["write"], 5);
  EXPECT_EQ(first["steps"][1]["read_skip"].get<int>() + first["steps"][1]["write_skip"].get<int>() +
                first["steps"][1]["process_skip"].get<int>(),
            1);
  EXPECT_EQ(first["exit"], "COMPLETED");
  EXPECT_EQ(seen["instances"][1]["executions"][0]["status"], "ABANDONED");
}

TEST_P(Explorer, ReadsContextsInEveryFormat) {
  for (const std::string& format : formats()) {
    configure({.contexts = format, .mode = "replace"});
    numbers(3);
    ASSERT_EQ(run_prices().exit_code, 0) << format;
    const nlohmann::json seen = explored();
    expect_no_contexts(seen["instances"][0]["executions"][0]);
    database_.query("DROP SCHEMA datasync CASCADE; CREATE SCHEMA datasync");
    database_.query("DROP TABLE IF EXISTS public.baton_progress, public.baton_fence, public.baton_reject");
  }
}

TEST_P(Explorer, ReadsParametersWithTheirTypesAndFindsTheInstanceByThem) {
  configure({.job = "parameters: { region: eu, size: { value: 7, type: Long } }"});
  numbers(3);
  const ProgramEnd end = run({"run", "--once", "prices", "day=2024-01-15,LocalDate", "ratio=10000000000,Double",
                              "at=2024-01-15T10:15:00,LocalDateTime", "time=10:15:30,LocalTime", "flag=true,Boolean",
                              "count=5,Integer", "note=a b,String,false"});
  ASSERT_EQ(end.exit_code, 0) << end.errors;
  const nlohmann::json parameters = explored_execution(0, 0)["parameters"];
  const auto expect = [&](const char* name, const char* type, const char* value, bool identifying = true) {
    const nlohmann::json wanted{{"type", type}, {"value", value}, {"identifying", identifying}};
    EXPECT_EQ(parameters.value(name, nlohmann::json()), wanted) << name;
  };
  expect("run.id", "java.lang.Long", "1");
  expect("region", "java.lang.String", "eu");
  expect("size", "java.lang.Long", "7");
  expect("day", "java.time.LocalDate", "2024-01-15");
  expect("ratio", "java.lang.Double", "1.0E10");
  expect("at", "java.time.LocalDateTime", "2024-01-15T10:15");
  expect("time", "java.time.LocalTime", "10:15:30");
  expect("flag", "java.lang.Boolean", "true");
  expect("count", "java.lang.Integer", "5");
  expect("note", "java.lang.String", "a b", false);
  EXPECT_EQ(parameters.size(), 10U);

  // JOB_KEY: made of them by Java, and stored by Baton.
  nlohmann::json given = nlohmann::json::array();
  for (const auto& [name, one] : parameters.items()) {
    given.push_back(
        {{"name", name}, {"type", one["type"]}, {"value", one["value"]}, {"identifying", one["identifying"]}});
  }
  const nlohmann::json key = java("key", {{"parameters", given}});
  EXPECT_EQ(key["key"], database_.query("SELECT job_key FROM datasync.batch_job_instance"));
  EXPECT_EQ(java("find", {{"job", "prices"}, {"parameters", given}})["found"], true);
  EXPECT_EQ(java("find", {{"job", "prices"}, {"parameters", run_id(1)}})["found"], false);
}

TEST_P(Explorer, SeesWhatRuns) {
  configure({.load = "chunk: 1"});
  numbers(9);
  HeldRecord record(database_, 5);
  Program program(request({"run", "--once", "prices"}));
  ASSERT_TRUE(await_loaded(4));
  const nlohmann::json seen = explored();
  EXPECT_EQ(seen["running"].size(), 1U);
  const auto& execution = seen["instances"][0]["executions"][0];
  EXPECT_EQ(execution["status"], "STARTED");
  EXPECT_TRUE(execution["ended"].is_null());
  EXPECT_EQ(execution["steps"][1]["status"], "STARTED");
  EXPECT_EQ(execution["steps"][1]["write"], 4);
  // Java leaves it alone as it leaves a run of its own.
  EXPECT_THAT(java_error("run", {{"job", "prices"}, {"parameters", run_id(1)}, {"steps", java_steps(3)}}),
              HasSubstr("JobExecutionAlreadyRunningException"));
  record.let_go();
  EXPECT_EQ(program.wait().exit_code, 0);
}

BATON_INTEROP_SUITE(Explorer);

}  // namespace
}  // namespace baton
