#include "tests/process/kill_scenarios.h"

#include <fmt/format.h>
#include <cstdlib>
#include <fstream>

namespace baton {
namespace {

constexpr int rows = 2'400;

// Chunks of 200 rows: a dozen for each load.
constexpr const char* load_people = R"(
      - name: load
        chunk: 200
        read: { csv: { path: INPUT/people.csv } }
)";
constexpr const char* load_orders = R"(
      - name: load
        chunk: 200
        read: { json: { path: INPUT/orders.json, items: /orders } }
)";
constexpr const char* load_faulty = R"(
      - name: load
        chunk: 200
        skip: { limit: 500 }
        read: { csv: { path: INPUT/faulty.csv } }
)";

const std::string old_people = R"(
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT, amount REAL) STRICT;
CREATE INDEX people_name ON people (name);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
INSERT INTO people SELECT i * 5, 'old ' || i, NULL, i / 2.0 FROM n;
)";

KillScenario one_job(std::string name, const std::string& steps, std::map<std::string, std::string> setup = {}) {
  return {std::move(name), {"job"}, "  job:\n    steps:" + steps, std::move(setup)};
}

std::string table(const char* text) { return fmt::format("        write: {{ table: {{ {} }} }}\n", text); }

constexpr const char* people_types = "columns: { id: integer, name: text, note: text, amount: real }";

KillScenario several_steps() {
  return one_job("several_steps", load_people +
                                      table("connection: warehouse, name: staged, mode: append, create: true") + R"(
      - name: sum
        sql:
          connection: warehouse
          statement: |
            create table if not exists sums (letter text, people integer);
            insert into sums select substr(name, 1, 1), count(*) from staged group by 1
      - name: tell
        command: { argv: [/bin/sh, -c, 'echo "$BATON_IDEMPOTENCY_KEY" >> "$TOLD"'], env: { TOLD: OUT/told.txt } }
      - name: here
        chunk: 200
        read: { csv: { path: INPUT/people.csv } }
)" + table("name: people, mode: upsert, key: [id], create: true") +
                                      R"(
      - name: note
        sql: { statement: "create table if not exists notes (n integer); insert into notes select count(*) from people" }
)");
}

// Each kind of part written in C++, between Baton's own and alone. They write below the run's parameter `out`: an
// option would make other progress of each folder.
KillScenario native_parts() {
  return one_job("native_parts", R"(
      - name: table
        chunk: 200
        skip: { limit: 100 }
        read: { native: { name: numbers, options: { to: 2400 } } }
        process: [ { native: { name: double } } ]
)" + table("connection: warehouse, name: numbers, mode: append, create: true") +
                                     R"(
      - name: send
        chunk: 200
        skip: { limit: 100 }
        read: { native: { name: numbers, options: { to: 2400 } } }
        process: [ { native: { name: double } }, { drop: [ run ] } ]
        write: { native: { name: outbox } }
      - name: tally
        native: { name: tally, options: { to: 600 } }
      - name: people
        chunk: 200
        read: { csv: { path: INPUT/people.csv } }
        write: { native: { name: outbox, connection: warehouse } }
    parameters: { out: OUT }
)");
}

KillScenario two_jobs() {
  KillScenario scenario{"two_jobs", {"people", "orders"}, "", {}};
  scenario.config = "  people:\n    steps:" + std::string(load_people) +
                    table("connection: warehouse, name: people, mode: append, create: true") +
                    "  orders:\n    steps:" + load_orders +
                    table(
                        "connection: warehouse, name: orders, mode: replace, key: [number], create: true, "
                        "columns: { number: integer, item: text, price: real }");
  return scenario;
}

std::vector<KillScenario> make_scenarios() {
  const std::string orders_table = "CREATE TABLE orders (number INTEGER PRIMARY KEY, item TEXT, price REAL);";
  return {
      one_job("append_elsewhere",
              load_people + table("connection: warehouse, name: people, mode: append, create: true")),
      one_job("append_here", load_people + table("name: people, mode: append, create: true")),
      one_job("upsert_elsewhere",
              load_orders + table("connection: warehouse, name: orders, mode: upsert, key: [number]"),
              {{"warehouse.db", orders_table}}),
      one_job("upsert_here", load_orders + table("name: orders, mode: upsert, key: [number], create: true, "
                                                 "columns: { number: integer, item: text, price: real }")),
      one_job("replace_elsewhere", load_people + table("connection: warehouse, name: people, mode: replace, key: [id]"),
              {{"warehouse.db", old_people}}),
      one_job("replace_here", load_people + table((std::string("name: people, mode: replace, key: [id], "
                                                               "create: true, ") +
                                                   people_types)
                                                      .c_str())),
      one_job("mirror_elsewhere", load_people + table("connection: warehouse, name: people, mode: mirror, key: [id]"),
              {{"warehouse.db", old_people}}),
      one_job("mirror_here", load_people + table("name: people, mode: mirror, key: [id]"), {{"baton.db", old_people}}),
      one_job("rejects_elsewhere",
              load_faulty + table((std::string("connection: warehouse, name: people, mode: append, key: [id], "
                                               "create: true, ") +
                                   people_types)
                                      .c_str())),
      one_job("rejects_here",
              load_faulty +
                  table((std::string("name: people, mode: mirror, key: [id], create: true, ") + people_types).c_str())),
      several_steps(),
      native_parts(),
      two_jobs(),
  };
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Every kind of quoted field, line breaks in it too.
std::string person(int id) {
  const std::string note = id % 7 == 0    ? fmt::format("\"said \"\"{}\"\", and left\"", id)
                           : id % 11 == 0 ? fmt::format("\"two\nlines of {}\"", id)
                                          : fmt::format("note {}", id * 31);
  return fmt::format("{},{} {},{},{}.5\n", id, static_cast<char>('A' + id % 26), id, note, id % 1000);
}

}  // namespace

const std::vector<KillScenario>& kill_scenarios() {
  static const std::vector<KillScenario> scenarios = make_scenarios();
  return scenarios;
}

const char* const vendors_input = "/usr/share/ieee-data/oui.csv";

const KillScenario& vendors_scenario() {
  static const KillScenario scenario = one_job("vendors", R"(
      - name: load
        chunk: 3000
        read: { csv: { path: /usr/share/ieee-data/oui.csv, header: true } }
        process:
          - rename: { Registry: registry, Assignment: assignment, Organization Name: organization, Organization Address: address }
)" + table("connection: warehouse, name: vendors, mode: upsert, key: [assignment], create: true"));
  return scenario;
}

const KillScenario& kill_scenario(const std::string& name) {
  if (name == vendors_scenario().name) return vendors_scenario();
  for (const KillScenario& scenario : kill_scenarios()) {
    if (scenario.name == name) return scenario;
  }
  fmt::print(stderr, "there is no scenario \"{}\"\n", name);
  std::abort();
}

void write_kill_inputs(const std::string& folder) {
  std::ofstream people(folder + "/people.csv"), faulty(folder + "/faulty.csv"), orders(folder + "/orders.json");
  people << "id,name,note,amount\n";
  faulty << "id,name,note,amount\n";
  orders << "{\"orders\": [\n";
  for (int id = 1; id <= rows; ++id) {
    people << person(id);
    faulty << person(id);
    if (id % 97 == 0) faulty << id << ",too few\n";
    if (id % 101 == 0) faulty << "x" << id << ",no number,,1\n";
    if (id % 103 == 0) faulty << id << ",again,,1\n";
    // Each eighth order comes again with another price; the last one wins.
    orders << fmt::format("{{\"number\": {}, \"item\": \"item {}, \\\"new\\\"\", \"price\": {}.25}}{}\n",
                          id % 8 == 0 ? id - 5 : id, id, id % 90, id < rows ? "," : "");
  }
  orders << "]}\n";
}

std::string kill_config(const KillScenario& scenario, const std::string& inputs, const std::string& out, int lease_ms) {
  const std::string head = fmt::format(
      "repository: {{ url: \"sqlite:baton.db\" }}\n"
      "connections:\n  warehouse: {{ url: \"sqlite:warehouse.db\" }}\n"
      "locks: {{ lease: {}ms, heartbeat: {}ms, refresh: 50ms }}\njobs:\n",
      lease_ms, lease_ms / 3);
  return head + replaced(replaced(scenario.config, "INPUT", inputs), "OUT", out);
}

}  // namespace baton
