// The JSON Schema and the checks must say the same; the schema is judged by a validator that knows nothing of Baton.
#include "config/description.h"
#include "config/yaml_tree.h"
#include "loading.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <set>

namespace baton {
namespace {

using nlohmann::json;
using testing_config::job;
using testing_config::source_file;
using testing_config::with_step;
using testing_config::World;

// What an editor makes of plain scalars (YAML's core schema).
json scalar(const YamlNode& node) {
  if (node.quoted) return node.text;
  const std::string& text = node.text;
  if (text == "true" || text == "false") return text == "true";
  if (text.find_first_not_of("+-0123456789.eE") == text.npos && json::accept(text)) return json::parse(text);
  return text;
}

json to_json(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::null) return nullptr;
  if (node.kind == YamlNode::Kind::scalar) return scalar(node);
  json value = node.kind == YamlNode::Kind::map ? json::object() : json::array();
  for (const YamlNode& item : node.items) value.push_back(to_json(item));
  for (const YamlMember& member : node.members) value[member.key.text] = to_json(member.value);
  return value;
}

// Empty where the schema accepts the text, else what it says.
std::string schema_problem(const std::string& text) {
  static const json document = json::parse(config_schema());
  static const auto schema = [] {
    auto parsed = std::make_unique<valijson::Schema>();
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(document), *parsed);
    return parsed;
  }();
  const auto tree = parse_yaml(*SourceText::read("f.yaml", text));
  if (!tree) return "not YAML";
  const json value = to_json(*tree);
  valijson::ValidationResults results;
  valijson::Validator validator;
  if (validator.validate(*schema, valijson::adapters::NlohmannJsonAdapter(value), &results)) return "";
  valijson::ValidationResults::Error error;
  std::string problem = "refused";
  while (results.popError(error)) problem += "; " + error.description;
  return problem;
}

TEST(Schema, AcceptanceFilesThenValidatedThenAccepted) {
  EXPECT_EQ(schema_problem(source_file("tests/acceptance/demo.yaml")), "");
  EXPECT_EQ(schema_problem(source_file("tests/acceptance/postgres-load.yaml")), "");
  EXPECT_EQ(schema_problem(source_file("tests/acceptance/jobs.yaml")), "");
  EXPECT_EQ(schema_problem(source_file("tests/acceptance/dynamodb-locks.yaml")), "");
  EXPECT_EQ(schema_problem(source_file("tests/acceptance/monitoring.yaml")), "");
}

TEST(Schema, AnyOfTheseThenTheSchemaAndTheChecksAgree) {
  const std::string load = "read: { csv: { path: p } }, write: { table: { name: t } }";
  const std::vector<std::string> texts{
      job,
      "{}\n",
      "jobs: {}\n",
      "log: 5\n" + job,
      "replica: { tokens: 2, shutdown_grace: 5s }\n" + job,
      "replica: { tokens: 0 }\n" + job,
      "replica: { tokens: \"5\" }\n" + job,
      "replica: { tokens: \"\" }\n" + job,
      "replica: { tokens: 1.5 }\n" + job,
      "replica: \"\"\n" + job,
      "replica: { token: 5 }\n" + job,
      "replica: { shutdown_grace: 5 }\n" + job,
      "replica: { balance: fair }\n" + job,
      "locks: { refresh: 0s }\n" + job,
      "locks: { store: dynamodb, dynamodb: { table: t } }\n" + job,
      "locks: { store: repository }\n" + job,
      "log: { level: loud }\n" + job,
      "log: { level: \"\" }\n" + job,
      "log: { level: }\n" + job,
      "repository: { spring_batch: 5, username: 7 }\n" + job,
      "repository: { spring_batch: \"5\" }\n" + job,
      "repository: { spring_batch: 4 }\n" + job,
      "connections: { c: {} }\n" + job,
      "connections: { c: { url: mysql://h } }\n" + job,
      "connections: { c: { url: \"sqlite::memory:\" } }\n" + job,
      "connections: { c: { url: sqlite://x } }\n" + job,
      "connections: { c: { url: sqlite:///x } }\n" + job,
      "connections: { c: { url: host=h dbname=d } }\n" + job,
      "connections: { c: { url: jdbc:postgresql:d } }\n" + job,
      "connections: { \"a/b\": { url: sqlite:x } }\n" + job,
      with_step(load),
      with_step(load + ", chunk: 5, skip: { limit: 1, percent: 0.5 }, retry: { limit: 0 }"),
      with_step(load + ", chunk: 0"),
      with_step(load + ", skip: { percent: 101 }"),
      with_step(load + ", process: [ { keep: [a] } ]"),
      with_step(load + ", process: [ { keep: [a, a] } ]"),
      with_step(load + ", process: [ { keep: [] } ]"),
      with_step(load + ", process: [ { keep: [a], drop: [b] } ]"),
      with_step(load + ", process: [ { rename: {} } ]"),
      with_step(load + ", process: [ { set: { a: b } } ]"),
      with_step(load + ", sql: { statement: a }"),
      with_step("read: { csv: { path: p } }"),
      with_step("read: { csv: { path: p }, json: { path: p } }, write: { table: { name: t } }"),
      with_step("read: { csv: { path: p, delimiter: ab } }, write: { table: { name: t } }"),
      with_step("read: { csv: { path: p, delimiter: tab, quote: none } }, write: { table: { name: t } }"),
      with_step(
          "read: { csv: { path: p, null_text: \"\", header: false, columns: [a] } }, write: { table: { name: t } }"),
      with_step("read: { csv: { path: p, header: no } }, write: { table: { name: t } }"),
      with_step("read: { json: { path: p, items: /a~0 } }, write: { table: { name: t } }"),
      with_step("read: { json: { path: p, items: a } }, write: { table: { name: t } }"),
      with_step("read: { json: { path: \"\" } }, write: { table: { name: t } }"),
      with_step("read: { json: { path: p } }, write: { table: { name: t, writers: 1, create: true } }"),
      with_step("read: { json: { path: p } }, write: { table: { name: t, writers: 9 } }"),
      with_step("read: { table: { name: a, key: [id] } }, write: { table: { name: t } }"),
      with_step("read: { table: { name: a, key: [] } }, write: { table: { name: t } }"),
      with_step("read: { query: { sql: SELECT 1, key: [id] } }, write: { table: { name: t } }"),
      with_step("read: { query: { name: a } }, write: { table: { name: t } }"),
      with_step("read: { json: { path: p } }, write: { table: { name: t, columns: { a: \"\" } } }"),
      with_step("sql: { statement: a, transaction: none }"),
      with_step("sql: { statement: a }, chunk: 5"),
      with_step("sql: a"),
      with_step("command: { argv: [a, \"\"], env: { A: \"\" } }"),
      with_step("command: { argv: [] }"),
      with_step("command: { argv: [a], env: { \"A=B\": x } }"),
      "jobs: { j: { schedule: manual, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { schedule: {}, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { schedule: { fixed_rate: 5s, jitter: 0s }, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "replica: { balance: greedy }\n" + job,
      "replica: { balance: best }\n" + job,
      "jobs: { j: { schedule: { cron: \"0 0 4 * * MON\" }, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { schedule: { cron: \"@daily\", zone: Europe/Berlin, jitter: 1s }, steps: [ { name: s, sql: { "
      "statement: a } } ] } }\n",
      "jobs: { j: { schedule: { cron: \"0 4 * * *\" }, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { schedule: { cron: \"@daily\", fixed_rate: 5s }, steps: [ { name: s, sql: { statement: a } } ] } "
      "}\n",
      "jobs: { j: { schedule: { zone: UTC, fixed_rate: 5s }, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { schedule: { fixed_rate: 0s }, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { timeout: 5s, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { steps: [ { sql: { statement: a } } ] } }\n",
      "jobs: { j: { parameters: { a: b, c: { value: 5, type: Long } }, steps: [ { name: s, sql: { statement: a } } ] } "
      "}\n",
      "jobs: { j: { parameters: { c: { value: 5, type: Short } }, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { parameters: { run.id: 5 }, steps: [ { name: s, sql: { statement: a } } ] } }\n",
      "jobs: { j: { parameters: { c: {} }, steps: [ { name: s, sql: { statement: a } } ] } }\n",
  };
  int accepted = 0;
  for (const std::string& text : texts) {
    const auto problems = World().problems(text);
    const std::string from_schema = schema_problem(text);
    EXPECT_EQ(problems.empty(), from_schema.empty()) << text << from_schema << testing::PrintToString(problems);
    accepted += from_schema.empty() ? 1 : 0;
  }
  EXPECT_GT(accepted, 15);
  EXPECT_GT(static_cast<int>(texts.size()) - accepted, 30);
}

// Every key that holds a single value, with a reference as its value.
TEST(Schema, ReferenceForAnySingleValueThenAccepted) {
  EXPECT_EQ(schema_problem("replica: { tokens: \"${A}\", shutdown_grace: \"${A}\" }\n"
                           "repository: { url: \"${A}\", pool: \"${A}\", contexts: \"${A}\", zone: \"${A}\" }\n"
                           "jobs: { j: { schedule: \"${A}\", steps: [ { name: \"${A}\", read: { csv: { path: \"${A}\", "
                           "delimiter: \"${A}\", header: \"${A}\", columns: \"${A:-}\" } }, write: { table: { name: "
                           "\"${A}\", mode: \"${A}\" } }, skip: { percent: \"${A}\" } } ] } }\n"),
            "");
  EXPECT_NE(schema_problem("replica: { tokens: \"A\" }\n" + job), "");
}

void collect_later(const Shape& shape, std::set<std::string>& later, std::set<std::string>& known) {
  for (const Member& member : shape.members) {
    (member.is_later ? later : known).insert(member.key);
    collect_later(member.shape, later, known);
  }
  for (const Shape& inner : shape.inner) collect_later(inner, later, known);
}

TEST(Schema, KeysOfLaterVersionsThenNotInIt) {
  std::set<std::string> later;
  std::set<std::string> known;
  collect_later(configuration_shape(), later, known);
  const std::string schema = config_schema();
  int absent = 0;
  for (const std::string& key : later) {
    if (known.count(key) != 0) continue;
    EXPECT_EQ(schema.find("\"" + key + "\":"), schema.npos) << key;
    ++absent;
  }
  EXPECT_GT(absent, 3);
}

std::string described(const Member& member, const std::string& path) {
  std::string missing;
  if (member.description.empty() && !member.is_later) missing += path + " has no description\n";
  const auto inner = [&](const Shape& shape, const auto& self) -> void {
    for (const Member& below : shape.members) missing += described(below, path + "." + below.key);
    for (const Shape& nested : shape.inner) self(nested, self);
  };
  inner(member.shape, inner);
  return missing;
}

TEST(Description, EveryKeyThenHasADescription) { EXPECT_EQ(described(Member("", configuration_shape(), "-"), ""), ""); }

TEST(ConfigurationReference, DescriptionChangedThenTheFileIsMadeAnew) {
  EXPECT_EQ(source_file("docs/configuration-reference.md"), config_reference())
      << "run: build/release/baton schema --markdown > docs/configuration-reference.md";
}

// docs/configuration.md explains each key, in backquotes.
TEST(Description, EveryKeyThenIsExplained) {
  std::set<std::string> later;
  std::set<std::string> known;
  collect_later(configuration_shape(), later, known);
  const std::string explained = source_file("docs/configuration.md");
  std::vector<std::string> missing;
  for (const std::string& key : known) {
    if (explained.find("`" + key + "`") == explained.npos) missing.push_back(key);
  }
  EXPECT_THAT(missing, testing::IsEmpty());
}

}  // namespace
}  // namespace baton
