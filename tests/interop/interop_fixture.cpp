#include "tests/interop/interop_fixture.h"

#include <fmt/format.h>

namespace baton {

InteropTest::InteropTest() { database_.query("CREATE TABLE public.prices (id integer)"); }

HeldRecord::HeldRecord(const TemporaryDatabase& database, int id) : session_(database.connect("public")) {
  database.query("CREATE UNIQUE INDEX prices_id ON public.prices (id)");  // outside of the session's transaction
  const auto held = session_->script(fmt::format("BEGIN; INSERT INTO public.prices VALUES ({})", id));
  EXPECT_TRUE(held) << held.error().message;
}

void InteropTest::configure(const PricesJob& job) const {
  contexts_ = job.contexts;
  const bool keyed = job.mode == "upsert" || job.mode == "mirror";
  if (keyed) database_.query("ALTER TABLE public.prices ADD PRIMARY KEY (id)");
  workspace_.write("baton.yaml", fmt::format(R"(
repository: {{ url: "${{PGURL}}", schema: datasync, spring_batch: {}, contexts: {} }}
locks: {{ refresh: 50ms }}
connections: {{ warehouse: {{ url: "${{PGURL}}", schema: public }} }}
jobs:
  prices:
    schedule: {}
    {}
    steps:
      - name: prepare
        {}
      - name: load
        read: {{ csv: {{ path: prices.csv }} }}
        write: {{ table: {{ connection: warehouse, name: prices, mode: {}{} }} }}
        {}
)",
                                             job.spring_batch.value_or(generation()), job.contexts, job.schedule,
                                             job.job, job.prepare, job.mode, keyed ? ", key: [id]" : "", job.load));
}

void InteropTest::write_numbers(const std::string& after, int last) const {
  std::string text = "id\n";
  for (int i = 1; i <= last; ++i) text += std::to_string(i) + "\n";
  workspace_.write("prices.csv", text + after);
}

ProgramRequest InteropTest::request(std::vector<std::string> arguments) const {
  ProgramRequest request = workspace_.request(std::move(arguments));
  request.environment.emplace_back("PGURL", database_.url());
  return request;
}

nlohmann::json InteropTest::listing(std::vector<std::string> command) const {
  command.emplace_back("--json");
  const ProgramEnd end = run(std::move(command));
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  return nlohmann::json::parse(end.output, nullptr, false);
}

nlohmann::json InteropTest::ask_java(const std::string& command, nlohmann::json arguments) const {
  nlohmann::json asked{{"command", command}, {"url", database_.url()}, {"schema", "datasync"}, {"contexts", contexts_}};
  asked.update(arguments);
  return JavaPeer::of_generation(generation()).ask(asked);
}

nlohmann::json InteropTest::java(const std::string& command, nlohmann::json arguments) const {
  nlohmann::json answer = ask_java(command, std::move(arguments));
  if (answer.contains("error")) {
    ADD_FAILURE() << command << ": " << answer["error"];
    throw std::runtime_error("Spring Batch refused what this test needs");
  }
  return answer;
}

std::string InteropTest::java_error(const std::string& command, nlohmann::json arguments) const {
  const nlohmann::json answer = ask_java(command, std::move(arguments));
  EXPECT_TRUE(answer.contains("error")) << command << ": " << answer;
  return answer.value("error", "");
}

// Both lists have the newest first.
nlohmann::json InteropTest::explored_execution(int newest_instance, int newest_execution) const {
  return explored().at("instances").at(newest_instance).at("executions").at(newest_execution);
}

nlohmann::json InteropTest::java_steps(int rows, int fail_at) {
  return {{{"name", "prepare"}},
          {{"name", "load"},
           {"insert", "INSERT INTO public.prices VALUES (?)"},
           {"rows", rows},
           {"chunk", 2},
           {"fail_at", fail_at}}};
}

nlohmann::json InteropTest::run_id(int value) {
  return {{{"name", "run.id"}, {"type", "java.lang.Long"}, {"value", std::to_string(value)}}};
}

nlohmann::json InteropTest::java_leaves_failed() const {
  nlohmann::json left =
      java("run", {{"job", "prices"}, {"parameters", run_id(1)}, {"steps", java_steps(5, /*fail_at=*/4)}});
  EXPECT_EQ(left["status"], "FAILED");
  EXPECT_EQ(loaded(), loaded(2));
  return left;
}

}  // namespace baton
