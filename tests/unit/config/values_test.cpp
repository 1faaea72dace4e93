// What accepted values become, and the rules that tie several keys together.
#include "loading.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing_config::job;
using testing_config::with_step;
using testing_config::World;

Config loaded(const std::string& text, const World& world = {}) {
  auto config = world.load(text);
  EXPECT_TRUE(config) << config.error().text();
  return config ? std::move(*config) : Config{};
}

CsvConfig csv(const std::string& keys) {
  const Config config = loaded(with_step("read: { csv: { path: p, " + keys + " } }, write: { table: { name: t } }"));
  return std::get<CsvConfig>(std::get<LoadConfig>(config.jobs.at(0).steps.at(0).work).read);
}

std::string only_problem(const std::string& text) {
  const auto problems = World().problems(text);
  return problems.size() == 1 ? problems[0] : std::to_string(problems.size()) + " problems";
}

std::string csv_problem(const std::string& keys) {
  return only_problem(with_step("read: { csv: { path: p, " + keys + " } }, write: { table: { name: t } }"));
}

std::string table_problem(const std::string& keys) {
  return only_problem(with_step("read: { json: { path: p } }, write: { table: { name: t, " + keys + " } }"));
}

TEST(Defaults, OnlyJobsThenLoadedThenEveryOtherKeyHasItsDefault) {
  const Config config = loaded(job);
  EXPECT_EQ(config.file, "conf/baton.yaml");
  EXPECT_FALSE(config.tokens);
  EXPECT_EQ(config.shutdown_grace, Duration(25'000));
  EXPECT_EQ(config.repository.database.kind, DatabaseKind::sqlite);
  EXPECT_EQ(*config.repository.database.path, "conf/baton.db");
  EXPECT_EQ(config.repository.database.path.place.text(), "conf/baton.yaml");
  EXPECT_EQ(config.repository.database.shown, "conf/baton.db");
  EXPECT_EQ(config.repository.database.pool, 10);
  EXPECT_EQ(config.repository.spring_batch, SpringBatch::automatic);
  EXPECT_EQ(config.repository.contexts, Contexts::base64_java);
  EXPECT_EQ(config.repository.zone, "UTC");
  EXPECT_EQ(config.repository.migrate, Migrate::automatic);
  EXPECT_EQ(*config.locks.database.path, "conf/baton.db-locks");
  EXPECT_EQ(*config.locks.lease, Duration(20'000));
  EXPECT_EQ(*config.locks.heartbeat, Duration(5'000));
  EXPECT_EQ(*config.locks.refresh, Duration(1'000));
  EXPECT_EQ(config.log_format, LogFormat::text);
  EXPECT_EQ(config.log_level, "info");
  const JobConfig& only = config.jobs.at(0);
  EXPECT_EQ(only.name.place.text(), "conf/baton.yaml:1:9");
  EXPECT_TRUE(only.schedule->is_manual());
  EXPECT_EQ(only.on_failure.restarts, 0);
  EXPECT_EQ(only.on_failure.backoff, Duration(5'000));
  EXPECT_TRUE(only.parameters.empty());
  const StepConfig& step = only.steps.at(0);
  EXPECT_EQ(step.chunk, 50'000U);
  EXPECT_FALSE(step.skip.allows_any());
  EXPECT_EQ(step.retry_limit, 3);
  EXPECT_TRUE(std::get<SqlConfig>(step.work).transaction);
  EXPECT_FALSE(std::get<SqlConfig>(step.work).connection);
}

TEST(Values, EveryScalarKeyThenLoadedThenTheValueIsTaken) {
  const Config config = loaded(
      "replica: { tokens: 2, shutdown_grace: 1m }\n"
      "repository: { url: \"postgresql://h/d\", username: u, password: p, schema: s, pool: 3, spring_batch: 6,\n"
      "              contexts: jackson3, zone: Europe/Berlin, migrate: never }\n"
      "locks: { lease: 3s, heartbeat: 1s, refresh: 500ms }\n"
      "log: { format: json, level: debug }\n"
      "jobs: { j: { description: d, on_failure: { restarts: 4, backoff: 1s },\n"
      "             schedule: { fixed_delay: 2s, initial_delay: 3s, jitter: 4s },\n"
      "             steps: [ { name: s, sql: { statement: a, transaction: none }, retry: { limit: 9 } } ] } }\n");
  EXPECT_EQ(config.shutdown_grace, Duration(60'000));
  EXPECT_EQ(config.repository.database.username, "u");
  EXPECT_EQ(config.repository.database.password->reveal(), "p");
  EXPECT_EQ(config.repository.database.pool, 3);
  EXPECT_EQ(config.repository.spring_batch, SpringBatch::six);
  EXPECT_EQ(config.repository.contexts, Contexts::jackson3);
  EXPECT_EQ(config.repository.zone, "Europe/Berlin");
  EXPECT_EQ(config.repository.migrate, Migrate::never);
  EXPECT_EQ(config.locks.database.kind, DatabaseKind::postgresql);
  EXPECT_EQ(config.locks.database.password->reveal(), "p");
  EXPECT_EQ(*config.locks.heartbeat, Duration(1'000));
  EXPECT_EQ(*config.locks.refresh, Duration(500));
  EXPECT_EQ(config.log_format, LogFormat::json);
  EXPECT_EQ(config.log_level, "debug");
  const JobConfig& only = config.jobs.at(0);
  EXPECT_EQ(only.description, "d");
  EXPECT_EQ(only.on_failure.restarts, 4);
  EXPECT_EQ(only.on_failure.backoff, Duration(1'000));
  EXPECT_EQ(std::get<FixedDelaySchedule>(only.schedule->when).delay, Duration(2'000));
  EXPECT_EQ(only.schedule->initial_delay, Duration(3'000));
  EXPECT_EQ(only.schedule->jitter, Duration(4'000));
  EXPECT_FALSE(std::get<SqlConfig>(only.steps.at(0).work).transaction);
  EXPECT_EQ(only.steps.at(0).retry_limit, 9);
}

TEST(Values, RelativePathsThenLoadedThenTheyAreBelowTheFilesFolder) {
  World world;
  world.file = "/etc/baton/b.yaml";
  const std::string text =
      "repository: { url: sqlite:meta/b.db }\nconnections: { c: { url: \"sqlite:../c.db\" }, d: { url: sqlite:/d.db } "
      "}\n"
      "jobs: { j: { steps: [ { name: a, command: { argv: [bin/x, bin/y] } }, { name: b, command: { argv: [ls] } },\n"
      "  { name: c, command: { argv: [/bin/ls] } },\n"
      "  { name: d, read: { csv: { path: in.csv } }, write: { table: { name: t } } },\n"
      "  { name: e, read: { json: { path: /in.json } }, write: { table: { name: t } } } ] } }\n";
  const Config config = loaded(text, world);
  EXPECT_EQ(*config.repository.database.path, "/etc/baton/meta/b.db");
  EXPECT_EQ(*config.connection("c")->path, "/etc/baton/../c.db");
  EXPECT_EQ(*config.connection("d")->path, "/d.db");
  const auto program = [&](std::size_t step) {
    return *std::get<CommandConfig>(config.jobs.at(0).steps.at(step).work).argv.at(0);
  };
  EXPECT_EQ(program(0), "/etc/baton/bin/x");
  EXPECT_EQ(*std::get<CommandConfig>(config.jobs.at(0).steps.at(0).work).argv.at(1), "bin/y");
  EXPECT_EQ(program(1), "ls");
  EXPECT_EQ(program(2), "/bin/ls");
  const auto load = [&](std::size_t step) { return std::get<LoadConfig>(config.jobs.at(0).steps.at(step).work); };
  EXPECT_EQ(*std::get<CsvConfig>(load(3).read).path, "/etc/baton/in.csv");
  EXPECT_EQ(*std::get<JsonConfig>(load(4).read).path, "/in.json");
  EXPECT_EQ(*std::get<JsonConfig>(load(4).read).items, "");
}

TEST(Values, FileInTheWorkingFolderThenLoadedThenPathsStayRelative) {
  World world;
  world.file = "baton.yaml";
  const Config config = loaded("jobs: { j: { steps: [ { name: s, command: { argv: [./x] } } ] } }\n", world);
  EXPECT_EQ(*config.repository.database.path, "baton.db");
  EXPECT_EQ(*std::get<CommandConfig>(config.jobs.at(0).steps.at(0).work).argv.at(0), "./x");
}

TEST(Locks, StoreSqliteThenAFileOfItsOwn) {
  const Config config = loaded("locks: { store: sqlite, url: sqlite:l.db }\n" + job);
  EXPECT_EQ(*config.locks.database.path, "conf/l.db");
  EXPECT_EQ(only_problem("locks: { store: sqlite }\n" + job),
            "1:17 `locks.store: sqlite` needs `locks.url` beside it: sqlite:PATH");
  EXPECT_THAT(only_problem("locks: { store: sqlite, url: \"postgresql://h/d\" }\n" + job),
              StartsWith("1:30 `locks.url` is no SQLite file"));
  EXPECT_THAT(only_problem("locks: { url: sqlite:l.db }\n" + job), StartsWith("1:15 `locks.url` has no effect"));
}

TEST(Locks, LeaseTooShortForTheHeartbeatThenRefusedWithTheLeastOne) {
  EXPECT_EQ(only_problem("locks: { lease: 10s }\n" + job),
            "1:17 a lease of 10s is too short for a heartbeat of 5s: expected at least 11111ms (two heartbeats and a "
            "margin), or a shorter heartbeat");
  EXPECT_THAT(only_problem("locks: { heartbeat: 10s }\n" + job), StartsWith("1:21 a lease of 20s is too short"));
  EXPECT_THAT(only_problem("locks: { lease: 1199ms, heartbeat: 500ms }\n" + job),
              HasSubstr("expected at least 1200ms"));
  EXPECT_THAT(World().problems("locks: { lease: 1200ms, heartbeat: 500ms }\n" + job), ElementsAre());
  EXPECT_THAT(World().problems("locks: { lease: 11111ms }\n" + job), ElementsAre());
  EXPECT_THAT(only_problem("locks: { lease: 11110ms }\n" + job), HasSubstr("11111ms"));
}

TEST(Csv, DelimiterAndQuoteThenOneByteOrAWord) {
  EXPECT_EQ(csv("delimiter: \"\\t\"").delimiter, '\t');
  EXPECT_EQ(csv("delimiter: tab").delimiter, '\t');
  EXPECT_EQ(csv("delimiter: \"\"").delimiter, ',');
  EXPECT_EQ(csv("delimiter: \"|\"").delimiter, '|');
  EXPECT_EQ(csv("quote: none").quote, std::nullopt);
  EXPECT_EQ(csv("quote: \"'\"").quote, '\'');
  EXPECT_EQ(csv("header: true").quote, '"');
  EXPECT_THAT(csv_problem("delimiter: ab"), HasSubstr("is 'ab': expected one ASCII character, or `tab`"));
  EXPECT_THAT(csv_problem("delimiter: §"), HasSubstr("expected one ASCII character"));
  EXPECT_THAT(csv_problem("delimiter: '\\t'"), HasSubstr("or `tab`"));
  EXPECT_THAT(csv_problem("delimiter: \"\\n\""), HasSubstr("expected one ASCII character"));
  EXPECT_THAT(csv_problem("quote: \"\\r\""), HasSubstr("expected one ASCII character, or `none`"));
  EXPECT_THAT(csv_problem("delimiter: '\"'"), StartsWith("1:68 `delimiter` and `quote` are the same character"));
  EXPECT_THAT(csv_problem("quote: \",\""), StartsWith("1:64 `delimiter` and `quote` are the same character"));
}

TEST(Csv, NoHeaderThenColumnsAreNeeded) {
  EXPECT_THAT(csv_problem("header: false"), StartsWith("1:65 `header: false` needs `columns` beside it"));
  EXPECT_THAT(csv_problem("header: false, columns: \"\""), HasSubstr("needs `columns`"));
  EXPECT_THAT(csv_problem("header: false, columns: []"), HasSubstr("`jobs.j.steps[0].read.csv.columns` is empty"));
  EXPECT_THAT(csv("header: FALSE, columns: [a, 1]").columns, ElementsAre("a", "1"));
  EXPECT_FALSE(csv("header: False, columns: [a]").header);
  EXPECT_THAT(csv_problem("header: no, columns: [a]"), HasSubstr("is 'no': expected true or false"));
  EXPECT_THAT(csv_problem("columns: [a, b, a]"), HasSubstr("'a' is already in `jobs.j.steps[0].read.csv.columns`"));
  EXPECT_THAT(csv_problem("columns: [a, \"\"]"), HasSubstr("`jobs.j.steps[0].read.csv.columns[1]` is empty"));
}

TEST(Csv, NullTextThenEmptyIsAValue) {
  EXPECT_EQ(csv("null_text: \"\"").null_text, "");
  EXPECT_EQ(csv("null_text: \"NULL\"").null_text, "NULL");
  EXPECT_EQ(csv("header: true").null_text, std::nullopt);
  EXPECT_THAT(csv_problem("null_text: NULL"), HasSubstr("has no value: expected a text; in quotes if it is empty"));
}

TEST(Json, ItemsThenAJsonPointer) {
  const auto problem = [](const std::string& items) {
    return only_problem(with_step("read: { json: { path: p, items: " + items + " } }, write: { table: { name: t } }"));
  };
  EXPECT_THAT(problem("a/b"), HasSubstr("is 'a/b': expected a JSON pointer"));
  EXPECT_THAT(problem("/a~2"), HasSubstr("expected a JSON pointer"));
  EXPECT_EQ(problem("/a~0~1b"), "0 problems");
  EXPECT_EQ(problem("\"\""), "0 problems");
}

TEST(Table, ModesThatFindRowsThenNeedAKey) {
  EXPECT_THAT(table_problem("mode: upsert"), HasSubstr("mode upsert needs `key` beside it"));
  EXPECT_THAT(table_problem("mode: mirror"), HasSubstr("mode mirror needs `key` beside it"));
  EXPECT_EQ(table_problem("mode: mirror, key: [a]"), "0 problems");
  EXPECT_EQ(table_problem("mode: replace"), "0 problems");
  EXPECT_EQ(table_problem("mode: replace, key: [a]"), "0 problems");
  EXPECT_EQ(table_problem("create: true"), "0 problems");
  EXPECT_THAT(table_problem("mode: upsert, key: []"), HasSubstr("write.table.key` is empty"));
  EXPECT_THAT(table_problem("mode: upsert, key: [a, a]"), HasSubstr("'a' is already in"));
  EXPECT_THAT(table_problem("columns: { a: \"\" }"), HasSubstr("write.table.columns.a` is empty: expected its type"));
}

TEST(Connection, UnknownNameThenRefusedWithTheKnownOnes) {
  const std::string connections = "connections: { warehouse: { url: sqlite:w }, other: { url: sqlite:o } }\n";
  EXPECT_EQ(only_problem(connections + with_step("sql: { connection: warehuose, statement: s }")),
            "2:52 there is no connection `warehuose` in `connections`, did you mean `warehouse`? Expected one of "
            "warehouse, other");
  EXPECT_EQ(
      only_problem(with_step("sql: { connection: c, statement: s }")),
      "1:52 there is no connection `c` in `connections`: expected an entry there, or no `connection` here for the "
      "repository's database");
  // A connection that is wrong in itself is still there.
  EXPECT_THAT(only_problem("connections: { c: { url: x } }\n" + with_step("sql: { connection: c, statement: s }")),
              HasSubstr("`connections.c.url` is wrong"));
  const Config config = loaded(connections + with_step("sql: { connection: other, statement: s }"));
  EXPECT_EQ(**std::get<SqlConfig>(config.jobs.at(0).steps.at(0).work).connection, "other");
}

TEST(Process, OperationsThenKeptInOrder) {
  const Config config = loaded(with_step(
      "read: { json: { path: p } }, process: [ { rename: { a: b } }, { keep: [b, c] }, { drop: [c] } ], write: "
      "{ table: { name: t } }"));
  const auto& process = std::get<LoadConfig>(config.jobs.at(0).steps.at(0).work).process;
  EXPECT_EQ(*std::get<RenameConfig>(process.at(0)).columns.at(0).second, "b");
  EXPECT_EQ(std::get<KeepConfig>(process.at(1)).columns.size(), 2U);
  EXPECT_EQ(*std::get<DropConfig>(process.at(2)).columns.at(0), "c");
}

TEST(Process, WrongOperationsThenRefused) {
  const auto problem = [](const std::string& entry) {
    return only_problem(
        with_step("read: { json: { path: p } }, process: [ " + entry + " ], write: { table: { name: t } }"));
  };
  EXPECT_THAT(problem("{ rename: { a: c, b: c } }"), HasSubstr("another column is already renamed to this name"));
  EXPECT_THAT(problem("{ keep: [a], drop: [b] }"), HasSubstr("exactly one of the keys `rename`, `keep`, `drop`"));
  EXPECT_THAT(problem("{ rename: {} }"), HasSubstr("rename` is empty"));
  EXPECT_THAT(problem("rename"), HasSubstr("is a single value: expected a map"));
}

TEST(Skip, LimitAndPercentThenTaken) {
  const Config config = loaded(with_step(
      "read: { json: { path: p } }, write: { table: { name: t } }, chunk: 7, skip: { limit: 50, percent: 1.5 }"));
  const StepConfig& step = config.jobs.at(0).steps.at(0);
  EXPECT_EQ(step.chunk, 7U);
  EXPECT_EQ(step.skip.limit, 50U);
  EXPECT_EQ(step.skip.percent, 1.5);
  EXPECT_TRUE(step.skip.allows_any());
}

TEST(Steps, SameNameInOneJobThenRefusedInTwoJobsThenAccepted) {
  const std::string step = "{ name: s, sql: { statement: a } }";
  EXPECT_EQ(only_problem("jobs: { j: { steps: [ " + step + ",\n" + step + " ] } }\n"),
            "2:9 another step of this job, in line 1, has this name: expected a different one");
  EXPECT_EQ(only_problem("jobs: { j: { steps: [" + step + "] }, k: { steps: [" + step + "] } }\n"), "0 problems");
}

TEST(Parameters, TextsAndTypedOnesThenTaken) {
  const Config config = loaded(
      "jobs: { j: { parameters: { a: x, n: 5, e: \"\", l: { value: 7, type: Long, identifying: false },\n"
      "  d: { value: 2024-01-15, type: java.time.LocalDate }, s: { value: t } },\n"
      "  steps: [ { name: s, sql: { statement: a } } ] } }\n");
  const auto& parameters = config.jobs.at(0).parameters;
  ASSERT_EQ(parameters.size(), 6U);
  EXPECT_EQ(parameters[0].name, "a");
  EXPECT_EQ(*parameters[1].value, "5");
  EXPECT_EQ(parameters[1].type, "String");
  EXPECT_TRUE(parameters[1].identifying);
  EXPECT_EQ(*parameters[2].value, "");
  EXPECT_EQ(parameters[3].type, "Long");
  EXPECT_FALSE(parameters[3].identifying);
  EXPECT_EQ(parameters[4].type, "LocalDate");
  EXPECT_EQ(parameters[5].type, "String");
}

TEST(Parameters, WrongOnesThenRefused) {
  const auto problem = [](const std::string& parameter) {
    return only_problem("jobs: { j: { parameters: { " + parameter +
                        " }, steps: [ { name: s, sql: { statement: a } } ] } }\n");
  };
  EXPECT_EQ(problem("p: { value: x, type: Long }"), "1:40 'x' is no Long of Java's: expected a value such as 42");
  EXPECT_THAT(problem("p: { value: \"\", type: Long }"), HasSubstr("'' is no Long"));
  EXPECT_THAT(problem("p: { value: 2023-02-29, type: LocalDate }"), HasSubstr("expected a value such as 2024-01-15"));
  EXPECT_THAT(problem("p: { value: 5, type: long }"),
              HasSubstr("is 'long', did you mean `Long`? Expected one of String"));
  EXPECT_THAT(problem("p: { value: 5, type: java.net.URL }"), HasSubstr("expected one of String, Long"));
  EXPECT_THAT(problem("p: { value: \"2024-01-15T00:00:00Z\", type: Date }"),
              StartsWith("1:70 a Date cannot identify a run: expected `identifying: false`"));
  EXPECT_EQ(problem("p: { value: \"2024-01-15T00:00:00Z\", type: java.util.Date, identifying: false }"), "0 problems");
  EXPECT_THAT(problem("run.id: 5"), StartsWith("1:28 'run.id' in `jobs.j.parameters` is not a parameter's name"));
  EXPECT_THAT(problem("baton.due: 5"), StartsWith("1:28 'baton.due' in"));
  EXPECT_THAT(problem("p: [1]"), HasSubstr("is a list: expected a text, or a map with the keys value, type"));
  EXPECT_THAT(problem("p: { type: Long }"), HasSubstr("needs the key `value`"));
}

}  // namespace
}  // namespace baton
