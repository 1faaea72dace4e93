// Which keys and values are accepted, and what is said about the others.
#include "config/description.h"
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

struct Case {
  std::string text;     // the start of a configuration, or the body of a step
  std::string problem;  // how the only problem starts; empty: accepted
};

void expect_only(const std::string& text, const std::string& problem) {
  const auto problems = World().problems(text);
  if (problem.empty()) {
    EXPECT_THAT(problems, ElementsAre()) << text;
  } else {
    EXPECT_THAT(problems, ElementsAre(StartsWith(problem))) << text;
  }
}

TEST(Keys, EmptyFileThenRefused) {
  expect_only("", "1:1 the file is empty: expected a map with at least the key `jobs`");
  expect_only("# only a comment\n", "1:1 the file is empty");
  expect_only("- a\n", "1:1 the configuration is a list: expected a map");
  expect_only("text\n", "1:1 the configuration is a single value: expected a map");
}

TEST(Keys, NoJobsThenRefused) {
  expect_only("log: {}\n", "1:1 the configuration needs the key `jobs`");
  expect_only("log: {}\njobs: {}\n", "2:1 `jobs` is empty: expected a map from job names to jobs");
  expect_only("jobs:\n", "1:1 `jobs` has no value");
  expect_only("jobs: { j: { steps: [] } }\n", "1:14 `jobs.j.steps` is empty: expected a list of steps");
  expect_only("jobs: { j: {} }\n", "1:9 `jobs.j` needs the key `steps`");
  expect_only("jobs: { j: }\n", "1:9 `jobs.j` has no value");
}

TEST(Keys, UnknownKeysThenTheNearestAndTheKnownOnesAreNamed) {
  expect_only(
      "replica: { token: 2 }\n" + job,
      "1:12 unknown key `token` in `replica`, did you mean `tokens`? Expected one of tokens, shutdown_grace, balance");
  expect_only("repositry: {}\n" + job, "1:1 unknown key `repositry` at the top level, did you mean `repository`?");
  expect_only("frobnicate: 1\n" + job, "1:1 unknown key `frobnicate` at the top level: expected one of replica, ");
  expect_only("ä: { x: 1 }\n" + job, "1:1 unknown key `ä`");
}

TEST(Keys, KeyOfAnotherLevelThenItsPlaceIsNamed) {
  expect_only(
      with_step("read: { csv: { path: p, chunk: 5 } }, write: { table: { name: t } }"),
      "1:57 unknown key `chunk` in `jobs.j.steps[0].read.csv`; `chunk` belongs to a step. Expected one of path,");
  expect_only("tokens: 2\n" + job, "1:1 unknown key `tokens` at the top level; `tokens` belongs to `replica`.");
}

TEST(Keys, MisspeltNeededKeyThenItsAbsenceIsNotReportedToo) {
  expect_only("jobs: { j: { step: [] } }\n", "1:14 unknown key `step` in `jobs.j`, did you mean `steps`?");
  expect_only(with_step("raed: { csv: { path: p } }, write: { table: { name: t } }"), "1:33 unknown key `raed`");
}

TEST(Keys, LeasesInAnotherStoreThenItsKeysAreNeededAndNoOthers) {
  expect_only("locks: { dynamodb: { table: t } }\n" + job,
              "1:20 `locks.dynamodb` has no effect without `locks.store: dynamodb`");
  expect_only("locks: { store: dynamodb }\n" + job, "1:17 `locks.store: dynamodb` needs `locks.dynamodb`");
  expect_only("locks: { store: postgresql }\n" + job, "1:17 `locks.store: postgresql` needs `locks.url`");
  expect_only("locks: { store: postgresql, url: \"sqlite:a.db\" }\n" + job,
              "1:34 `locks.url` is no PostgreSQL database");
  EXPECT_THAT(World().problems("locks: { store: postgresql, url: \"postgresql://h/d\", schema: s }\n" + job),
              ElementsAre());
}

TEST(Keys, LaterKeysThenNamedAsLater) {
  const std::string later = "is known to a later version of Baton, not to this one";
  for (const std::string key : {"fixed", "jsonl"}) {
    expect_only(with_step("read: { " + key + ": {} }, write: { table: { name: t } }"),
                "1:41 `jobs.j.steps[0].read." + key + "` " + later);
  }
  for (const std::string key : {"filter", "cast", "set", "lua"}) {
    expect_only(
        with_step("read: { json: { path: p } }, process: [ { " + key + ": x } ], write: { table: { name: t } }"),
        "1:75 `jobs.j.steps[0].process[0]." + key + "` " + later);
  }
  expect_only(with_step("read: { json: { path: p } }, write: { csv: { path: x } }"),
              "1:71 `jobs.j.steps[0].write.csv` " + later);
}

TEST(Keys, WritersThenOneToEightAndOneOnSqlite) {
  const std::string step = "read: { json: { path: p } }, write: { table: { name: t, writers: ";
  expect_only(with_step(step + "1 } }"), "");
  expect_only(with_step(step + "9 } }"), "1:98 `jobs.j.steps[0].write.table.writers` is '9': expected a whole number");
  expect_only(with_step(step + "2 } }"), "1:98 a SQLite file has one writer at a time: expected 1");
  expect_only(
      "connections: { pg: { url: \"postgresql://localhost/d\" } }\n" + with_step(step + "8, connection: pg } }"), "");
}

TEST(Keys, TablesAndQueriesThenReadByKeyOrNotForAppend) {
  const std::string append = ", write: { table: { name: t } }";
  const std::string replace = ", write: { table: { name: t, mode: replace } }";
  expect_only(with_step("read: { table: { name: a, key: [id] } }" + append), "");
  expect_only(with_step("read: { query: { sql: SELECT 1 AS id, key: [id] } }" + append), "");
  expect_only(with_step("read: { table: { name: a } }" + replace), "");
  expect_only(with_step("read: { query: { sql: SELECT 1 } }" + replace), "");
  expect_only(with_step("read: { table: { name: a } }" + append),
              "1:48 `read.table` without `key` cannot go on after a restart, and mode append would repeat rows");
  expect_only(with_step("read: { query: { sql: SELECT 1 } }" + append), "1:48 `read.query` without `key`");
  expect_only(with_step("read: { table: { key: [id] } }" + append),
              "1:41 `jobs.j.steps[0].read.table` needs the key `name`");
  expect_only(with_step("read: { query: { key: [id] } }" + append),
              "1:41 `jobs.j.steps[0].read.query` needs the key `sql`");
  expect_only(with_step("read: { table: { name: a, key: [id], connection: x } }" + append),
              "1:82 there is no connection `x`");
}

TEST(Keys, RepeatedKeyThenRefusedWhereItIsRepeated) {
  expect_only("log: {}\nlog: {}\n" + job, "2:1 the key `log` is already given in line 1");
  expect_only("log: { level: info, level: warn }\n" + job, "1:21 the key `level` is already given in line 1");
}

TEST(Keys, ValuesOfAWrongTypeThenTheExpectedOneIsNamed) {
  const std::vector<Case> cases{
      {"replica: { tokens: 0 }", "1:20 `replica.tokens` is '0': expected a whole number from 1"},
      {"replica: { tokens: 1.5 }", "1:20 `replica.tokens` is '1.5': expected a whole number"},
      {"replica: { tokens: 99999999999999999999 }", "1:20 `replica.tokens` is '99999999999999999999'"},
      {"replica: { tokens: \"5\" }",
       "1:20 `replica.tokens` is text: expected a whole number from 1 to 1000000, without"},
      {"replica: { tokens: [1] }", "1:20 `replica.tokens` is a list: expected a whole number"},
      {"replica: 5", "1:10 `replica` is a single value: expected a map with the keys tokens, shutdown_grace"},
      {"replica: { shutdown_grace: 5 }", "1:28 `replica.shutdown_grace` is '5': expected a duration such as 500ms"},
      {"replica: { shutdown_grace: 0s }", ""},
      {"replica: { balance: fair }", ""},
      {"replica: { balance: gready }",
       "1:21 `replica.balance` is 'gready', did you mean `greedy`? Expected one of fair"},
      {"locks: { refresh: 0s }", "1:19 `locks.refresh` is '0s': expected a duration of at least 1ms"},
      {"log: { level: infos }", "1:15 `log.level` is 'infos', did you mean `info`? Expected one of trace, debug, info"},
      {"log: { format: yaml }", "1:16 `log.format` is 'yaml': expected one of text, json"},
      {"log: { level: }", "1:8 `log.level` has no value: expected one of trace"},
      {"log: { level: ~ }", "1:8 `log.level` has no value"},
      {"log: { level: \"\" }", ""},
      {"log:", "1:1 `log` has no value: expected a map with the keys format, level"},
      {"repository: { pool: 0 }", "1:21 `repository.pool` is '0': expected a whole number from 1 to 1000"},
      {"repository: { spring_batch: 5 }", ""},
      {"repository: { spring_batch: \"6\" }", ""},
      {"repository: { spring_batch: 4 }", "1:29 `repository.spring_batch` is '4': expected one of auto, 5, 6"},
      {"repository: { contexts: jackson }", "1:25 `repository.contexts` is 'jackson', did you mean `jackson2`?"},
      {"repository: { zone: \"Europe Berlin\" }", "1:21 `repository.zone` is 'Europe Berlin': expected a time zone"},
      {"repository: { zone: Europe/Berln }",
       "1:21 there is no time zone `Europe/Berln`, did you mean `Europe/Berlin`?"},
      {"repository: { migrate: auto, zone: Europe/Berlin, schema: s, username: 7, pool: 2 }", ""},
  };
  for (const Case& one : cases) expect_only(one.text + "\n" + job, one.problem);
}

TEST(Keys, NamesThenOnlyTheAllowedCharactersPass) {
  const std::string body = ": { steps: [ { name: s, sql: { statement: a } } ] } }\n";
  expect_only("jobs: { A job-1_x.y" + body, "");
  expect_only("jobs: { größe" + body, "1:9 'größe' in `jobs` is not a job's name (1 to 100 characters of A-Z");
  expect_only("jobs: { \"a/b\"" + body, "1:9 'a/b' in `jobs` is not a job's name");
  expect_only("jobs: { \"\"" + body, "1:9 '' in `jobs` is not a job's name");
  expect_only("jobs: { " + std::string(100, 'a') + body, "");
  expect_only("jobs: { " + std::string(101, 'a') + body, "1:9 '" + std::string(101, 'a') + "' in `jobs` is not");
  expect_only("jobs: { j: { steps: [ { name: \"a\\nb\", sql: { statement: a } } ] } }\n",
              "1:31 `jobs.j.steps[0].name` is 'a\nb': expected a step's name");
}

TEST(Keys, DatabaseUrlsThenOnlyKnownKindsPass) {
  for (const std::string url :
       {"sqlite:a.db", "sqlite:/a b.db", "sqlite:///a.db", "postgresql://h/d", "postgres://u:p@h:1,[::1]:2/d?x=y",
        "postgresql://", "host=h dbname=d", "jdbc:postgresql://h:5432/d?currentSchema=s", "jdbc:postgresql:d"}) {
    expect_only("connections: { c: { url: \"" + url + "\" } }\n" + job, "");
  }
  for (const std::string url : {"mysql://h/d", "sqlite:", "sqlite::memory:", "sqlite:file:x?mode=memory",
                                "sqlite://x.db", "jdbc:mysql://h/d", "a.db", "dynamodb:t", "postgresql:/d"}) {
    expect_only("connections: { c: { url: \"" + url + "\" } }\n" + job,
                "1:26 `connections.c.url` is wrong: expected a database URL: sqlite:PATH, postgresql://…");
  }
  expect_only("connections: { c: { url: \"\" } }\n" + job, "1:21 `connections.c.url` is empty");
  expect_only("connections: { c: { pool: 1 } }\n" + job, "1:16 `connections.c` needs the key `url`");
}

TEST(Keys, StepsThenEachHasExactlyOneKindOfWork) {
  const std::string kinds = "1:23 `jobs.j.steps[0]` needs exactly one of the keys `read`, `sql`, `command`";
  const std::vector<Case> cases{
      {"sql: { statement: a }", ""},
      {"command: { argv: [a] }", ""},
      {"read: { csv: { path: p } }, write: { table: { name: t } }", ""},
      {"retry: { limit: 0 }", kinds},
      {"sql: { statement: a }, command: { argv: [a] }", kinds},
      {"read: { csv: { path: p } }", "1:33 `read` needs `write` beside it"},
      {"read: { csv: { path: p }, json: { path: p } }, write: { table: { name: t } }",
       "1:33 `jobs.j.steps[0].read` needs exactly one of the keys `csv`, `json`"},
      {"read: {}, write: { table: { name: t } }", "1:33 `jobs.j.steps[0].read` needs exactly one of"},
      {"read: { csv: { path: p } }, write: {}",
       "1:61 `jobs.j.steps[0].write` needs exactly one of the keys `table`, `native`"},
      {"sql: { statement: a }, process: []", "1:56 `process` needs `read` beside it"},
      {"sql: { statement: a }, chunk: 5", "1:56 `chunk` needs `read` beside it"},
      {"sql: { statement: a }, skip: {}", "1:56 `skip` needs `read` beside it"},
      {"sql: { statement: \"\" }", "1:40 `jobs.j.steps[0].sql.statement` is empty"},
      {"sql: { statement: a, transaction: none }", ""},
      {"sql: { statement: a, transaction: some }", "1:67 `jobs.j.steps[0].sql.transaction` is 'some', did you mean"},
      {"sql: select 1", "1:38 `jobs.j.steps[0].sql` is a single value: expected a map with the keys connection"},
      {"command: { argv: [] }", "1:44 `jobs.j.steps[0].command.argv` is empty"},
      {"command: { argv: [\"\", x] }", "1:51 the first entry of `argv` is empty: expected a program"},
      {"command: { argv: [x, \"\"], env: { A: \"\", B: 5 } }", ""},
      {"command: { argv: [x], env: { \"A=B\": 1 } }",
       "1:62 'A=B' in `jobs.j.steps[0].command.env` is not a variable's"},
      {"command: { argv: ls -l }", "1:50 `jobs.j.steps[0].command.argv` is a single value: expected a list"},
  };
  for (const Case& one : cases) expect_only(with_step(one.text), one.problem);
}

TEST(Keys, LimitsOfAStepThenWithinTheirBounds) {
  const std::string load = "read: { csv: { path: p } }, write: { table: { name: t } }, ";
  const std::vector<Case> cases{
      {"skip: { limit: 5, percent: 0.5 }, chunk: 1, retry: { limit: 0 }", ""},
      {"skip: { percent: 100.5 }", "1:111 `jobs.j.steps[0].skip.percent` is '100.5': expected a number from 0 to 100"},
      {"skip: { percent: nan }", "1:111 `jobs.j.steps[0].skip.percent` is 'nan'"},
      {"skip: { limit: -1 }", "1:107 `jobs.j.steps[0].skip.limit` is '-1'"},
      {"chunk: 0", "1:99 `jobs.j.steps[0].chunk` is '0'"},
  };
  for (const Case& one : cases) {
    const auto problems = World().problems(with_step(load + one.text));
    if (one.problem.empty()) {
      EXPECT_THAT(problems, ElementsAre()) << one.text;
    } else {
      const std::string message = one.problem.substr(one.problem.find(' ') + 1);
      EXPECT_THAT(problems, ElementsAre(HasSubstr(message))) << one.text;
    }
  }
}

TEST(Keys, SeveralMistakesThenAllAreReportedInTheFilesOrder) {
  EXPECT_THAT(World().problems("log: { level: loud }\n"
                               "replica: { tokens: none }\n"
                               "jobs:\n"
                               "  j:\n"
                               "    steps:\n"
                               "      - name: a\n"
                               "        sql: { statement: \"${NOPE}\" }\n"
                               "      - name: a\n"
                               "        sql: { connection: c, statement: s }\n"
                               "locks: { lease: 1s }\n"),
              ElementsAre(StartsWith("1:15 "), StartsWith("2:20 "), StartsWith("7:27 "), StartsWith("8:15 "),
                          StartsWith("9:28 "), StartsWith("10:17 ")));
}

TEST(Keys, AliasThenCheckedLikeAnyValueAtThePlaceOfWhatItRepeats) {
  EXPECT_THAT(
      World().problems("connections: { a: &x { url: \"sqlite:a\", pool: 0 }, b: *x }\n" + job),
      ElementsAre(StartsWith("1:47 `connections.a.pool` is '0'"), StartsWith("1:47 `connections.b.pool` is '0'")));
  EXPECT_THAT(World().problems("jobs: { a: &j { steps: [ { name: s, sql: { statement: a } } ] }, b: *j }\n"),
              ElementsAre());
}

}  // namespace
}  // namespace baton
