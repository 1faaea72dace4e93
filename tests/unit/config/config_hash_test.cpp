// P19: replicas with the same hash do the same.
#include "config/config_hash.h"
#include "loading.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>

namespace baton {
namespace {

using testing::MatchesRegex;
using testing_config::World;

std::string hash(const std::string& text, const World& world = {}) {
  const auto config = world.load(text);
  EXPECT_TRUE(config) << config.error().text();
  return config ? config->hash : "";
}

const std::string whole = R"(
replica: { tokens: 2, balance: fair, shutdown_grace: 25s }
repository: { url: "sqlite:baton.db", spring_batch: auto, contexts: base64-java, zone: UTC, migrate: auto, pool: 10 }
locks: { store: repository, lease: 20s, heartbeat: 5s, refresh: 1s }
connections:
  pg: { url: "postgresql://me:secret@host:5432/db", username: me, password: secret, schema: s, pool: 4 }
log: { format: text, level: info }
monitoring: { grace: 5s, ping: "https://h/p", global: { m: { every: 1m, probe: acquire, lease: 2s } } }
alerts: { remind: 1h, sinks: [ { log: {} }, { webhook: { url: "https://h/x" } } ] }
jobs:
  load:
    description: prices
    timeout: 1h
    stall: 10m
    on_stall: restart
    grace: 3s
    ping: "https://h/j"
    schedule: { cron: "0 0 6 * * *", zone: Europe/Berlin, initial_delay: 1s, jitter: 2s }
    parameters: { region: eu, day: { value: 2024-01-15, type: LocalDate, identifying: false } }
    on_failure: { restarts: 1, backoff: 7s }
    steps:
      - name: csv
        read: { csv: { path: in/prices.csv, delimiter: ",", quote: none, header: true, columns: [a, b], null_text: "-" } }
        process: [ { rename: { a: x } }, { keep: [x, b] }, { drop: [b] } ]
        write: { table: { name: t, mode: upsert, key: [x], create: true, columns: { x: integer } } }
        chunk: 100
        skip: { limit: 3, percent: 1.5 }
        retry: { limit: 2 }
      - name: json
        read: { json: { path: in/prices.json, items: /a } }
        write: { table: { connection: pg, name: t } }
  other:
    schedule: { fixed_delay: 10s }
    steps:
      - { name: sql, sql: { connection: pg, statement: select 1, transaction: none } }
      - { name: command, command: { argv: [ ./run.sh, -x ], env: { B: 2, A: secret } } }
)";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = whole;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ConfigHash, AnyConfigurationThenSixteenDigits) { EXPECT_THAT(hash(whole), MatchesRegex("[0-9a-f]{16}")); }

// The value itself: where it changes, replicas of the version before and of this one share nothing out between them.
TEST(ConfigHash, KnownConfigurationThenTheSameOnEveryMachine) {
  EXPECT_EQ(hash(testing_config::job), "2d5efc3369398b0c");
}

TEST(ConfigHash, ValueThatDecidesWhatAReplicaDoesThenAnotherHash) {
  const std::vector<std::pair<std::string, std::string>> changes{
      {"tokens: 2", "tokens: 3"},
      {"balance: fair", "balance: greedy"},
      {"shutdown_grace: 25s", "shutdown_grace: 26s"},
      {"sqlite:baton.db", "sqlite:other.db"},
      {"spring_batch: auto", "spring_batch: 6"},
      {"contexts: base64-java", "contexts: none"},
      {"zone: UTC", "zone: Asia/Kolkata"},
      {"migrate: auto", "migrate: never"},
      {"pool: 10", "pool: 11"},
      {"store: repository", "store: sqlite, url: \"sqlite:locks.db\""},
      {"lease: 20s", "lease: 21s"},
      {"heartbeat: 5s", "heartbeat: 4s"},
      {"refresh: 1s", "refresh: 2s"},
      {"host:5432/db", "host:5432/db2"},
      {"username: me", "username: you"},
      {"schema: s", "schema: s2"},
      {"pool: 4", "pool: 5"},
      {"load:", "load2:"},
      {"0 0 6 * * *", "0 0 7 * * *"},
      {"zone: Europe/Berlin", "zone: Asia/Kolkata"},
      {"initial_delay: 1s", "initial_delay: 2s"},
      {"jitter: 2s", "jitter: 3s"},
      {"region: eu", "region: us"},
      {"region: eu", "area: eu"},
      {"type: LocalDate", "type: String"},
      {"identifying: false", "identifying: true"},
      {"restarts: 1", "restarts: 2"},
      {"backoff: 7s", "backoff: 8s"},
      {"name: csv", "name: csv2"},
      {"in/prices.csv", "in/prices2.csv"},
      {"delimiter: \",\"", "delimiter: tab"},
      {"quote: none", "quote: \"'\""},
      {"header: true", "header: false"},
      {"columns: [a, b]", "columns: [a, b, c]"},
      {"null_text: \"-\"", "null_text: \"\""},
      {"rename: { a: x }", "rename: { c: x }"},
      {"keep: [x, b]", "keep: [b, x]"},
      {"keep: [x, b]", "drop: [c]"},
      {"mode: upsert", "mode: mirror"},
      {"key: [x]", "key: [x, b]"},
      {"create: true", "create: false"},
      {"columns: { x: integer }", "columns: { x: text }"},
      {"chunk: 100", "chunk: 101"},
      {"limit: 3", "limit: 4"},
      {"percent: 1.5", "percent: 1.6"},
      {"retry: { limit: 2 }", "retry: { limit: 3 }"},
      {"items: /a", "items: /b"},
      {"fixed_delay: 10s", "fixed_rate: 10s"},
      {"select 1", "select 2"},
      {", transaction: none", ""},
      {"./run.sh", "./run2.sh"},
      {"-x", "-y"},
      {"timeout: 1h", "timeout: 2h"},
      {"stall: 10m", "stall: 11m"},
      {"on_stall: restart", "on_stall: release"},
      {"grace: 3s", "grace: 4s"},
      {"grace: 5s", "grace: 6s"},
      {"every: 1m", "every: 2m"},
      {"probe: acquire, lease: 2s", "probe: observe"},
      {", lease: 2s }", ", lease: 3s }"},
      {"m: { every", "m2: { every"},
      {"B: 2", "C: 2"},
  };
  std::set<std::string> hashes{hash(whole)};
  for (const auto& [from, to] : changes) EXPECT_TRUE(hashes.insert(hash(changed(from, to))).second) << from << to;
}

TEST(ConfigHash, WhatDecidesNothingThenTheSameHash) {
  const std::vector<std::pair<std::string, std::string>> changes{
      {"jobs:", "# a comment\njobs:"},
      {"level: info", "level: debug"},
      {"format: text", "format: json"},
      {"description: prices", "description: other"},
      {"password: secret", "password: other"},
      {"me:secret@", "you:other@"},
      {"A: secret", "A: other"},
      {"B: 2, A: secret", "A: secret, B: 2"},
      {"20s", "\"20s\""},
      {"lease: 20s", "lease: 20000ms"},
      {", heartbeat: 5s", ""},
      {"balance: fair, ", ""},
      {"tokens: 2, ", ""},
      {"\"0 0 6 * * *\"", "\" 0 0  6 * * *\""},
      {"in/prices.csv", "./in/prices.csv"},
      {"region: eu", "\"region\": \"eu\""},
  };
  for (const auto& [from, to] : changes) EXPECT_EQ(hash(whole), hash(changed(from, to))) << from << " → " << to;
}

TEST(ConfigHash, JobsConnectionsAndParametersInAnotherOrderThenTheSameHash) {
  const std::string a = "a: { parameters: { x: 1, y: 2 }, steps: [ { name: s, sql: { statement: q } } ] }";
  const std::string b = "b: { steps: [ { name: s, sql: { statement: q } } ] }";
  const std::string c = "c: { parameters: { y: 2, x: 1 }, steps: [ { name: s, sql: { statement: q } } ] }";
  const std::string p = "p: { url: \"sqlite:p.db\" }";
  const std::string q = "q: { url: \"sqlite:q.db\" }";
  EXPECT_EQ(hash("connections: { " + p + ", " + q + " }\njobs: { " + a + ", " + b + " }\n"),
            hash("jobs: { " + b + ", a" + c.substr(1) + " }\nconnections: { " + q + ", " + p + " }\n"));
}

TEST(ConfigHash, FileInAnotherFolderThenTheSameHash) {
  World there;
  there.file = "elsewhere/other.yaml";
  EXPECT_EQ(hash(whole), hash(whole, there));
  World here;
  here.file = "baton.yaml";
  EXPECT_EQ(hash(whole), hash(whole, here));
}

TEST(ConfigHash, ValueFromTheEnvironmentThenAsIfItWereWritten) {
  World world;
  world.environment = {{"TOKENS", "2"}};
  EXPECT_EQ(hash(whole), hash(changed("tokens: 2", "tokens: \"${TOKENS}\""), world));
  world.environment = {{"TOKENS", "3"}};
  EXPECT_NE(hash(whole), hash(changed("tokens: 2", "tokens: \"${TOKENS}\""), world));
}

}  // namespace
}  // namespace baton
