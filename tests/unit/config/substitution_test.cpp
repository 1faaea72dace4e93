#include "loading.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_config::job;
using testing_config::World;

// What a job's description becomes; a problem as its text.
std::string described(const World& world, const std::string& yaml_value) {
  const auto config = world.load("jobs: { j: { description: " + yaml_value +
                                 ", steps: [ { name: s, sql: { statement: select 1 } } ] } }\n");
  return config ? config->jobs.at(0).description : config.error().problems.at(0).message;
}

TEST(Substitution, VariablesThenReplacedWithinTheText) {
  World world;
  world.environment = {{"A", "one"}, {"B_2", "two"}};
  EXPECT_EQ(described(world, "\"x ${A}-${B_2} y\""), "x one-two y");
  EXPECT_THAT(described(world, "${A}"), HasSubstr("needs quotes"));
  const auto config =
      world.load("jobs:\n  j:\n    description: ${A}\n    steps: [ { name: s, sql: { statement: a } } ]\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->jobs.at(0).description, "one");
  EXPECT_EQ(described(world, "'${A}'"), "one");
}

TEST(Substitution, DefaultThenTakenForAnUnsetAndForAnEmptyVariable) {
  World world;
  world.environment = {{"EMPTY", ""}, {"SET", "v"}};
  EXPECT_EQ(described(world, "\"${NONE:-d}\""), "d");
  EXPECT_EQ(described(world, "\"${EMPTY:-d}\""), "d");
  EXPECT_EQ(described(world, "\"${SET:-d}\""), "v");
  EXPECT_EQ(described(world, "\"${NONE:-}\""), "");
  EXPECT_EQ(described(world, "\"${EMPTY}\""), "");
  EXPECT_EQ(described(world, "\"${NONE:-a:-b}x}\""), "a:-bx}");
}

TEST(Substitution, UnsetVariableThenAProblemAtItsValue) {
  World world;
  EXPECT_THAT(world.problems("log: { level: \"${NOBODY}\" }\n" + job),
              ElementsAre("1:15 the environment variable NOBODY is not set: set it, or write ${NOBODY:-default}"));
}

TEST(Substitution, DollarsThenOnlyTwoBeforeABraceAreLiteral) {
  World world;
  world.environment = {{"A", "one"}};
  EXPECT_EQ(described(world, "\"$${A} $A $$ ${A}$${\""), "${A} $A $$ one${");
}

TEST(Substitution, ReplacedTextWithAReferenceThenNotReplacedAgain) {
  World world;
  world.environment = {{"A", "${B}"}, {"B", "no"}};
  world.files = {{"/f", "${B}"}};
  EXPECT_EQ(described(world, "\"${A}\""), "${B}");
  EXPECT_EQ(described(world, "\"${file:/f}\""), "${B}");
}

TEST(Substitution, FilesThenOneTrailingNewlineIsDropped) {
  World world;
  world.files = {{"/f", "two\n\n"}, {"/dos", "x\r\n"}, {"conf/secrets/pw", "near"}};
  EXPECT_EQ(described(world, "\"${file:/f}\""), "two\n");
  EXPECT_EQ(described(world, "\"${file:/dos}\""), "x");
  EXPECT_EQ(described(world, "\"${file:secrets/pw}\""), "near");
  EXPECT_THAT(described(world, "\"${file:/none}\""), HasSubstr("${file:/none} cannot be read: no such file"));
}

TEST(Substitution, WhatIsNoReferenceThenRefusedWithTheLiteralForm) {
  World world;
  world.environment = {{"A", "x"}};
  EXPECT_THAT(described(world, "\"${A\""), HasSubstr("`${` without its `}`"));
  EXPECT_THAT(described(world, "\"${}\""), HasSubstr("expected ${NAME}"));
  EXPECT_THAT(described(world, "\"${A:x}\""), HasSubstr("${NAME:-default}"));
  EXPECT_THAT(described(world, "\"${1A}\""), HasSubstr("expected ${NAME}"));
}

TEST(Substitution, ReferencesInKeysThenLeftAlone) {
  World world;
  world.environment = {{"A", "log"}};
  EXPECT_THAT(world.problems("\"${A}\": {}\n" + job), ElementsAre(HasSubstr("1:1 unknown key `${A}`")));
}

TEST(Substitution, QuotedReferenceForANumberThenTheNumberIsTaken) {
  World world;
  world.environment = {{"TOKENS", "3"}};
  const auto config = world.load("replica: { tokens: \"${TOKENS}\" }\n" + job);
  ASSERT_TRUE(config);
  EXPECT_EQ(*config->tokens.value(), 3);
}

TEST(Substitution, WrongReplacedValueThenReportedWithoutShowingIt) {
  World world;
  world.environment = {{"X", "geheim"}};
  const auto problems = world.problems(
      "replica: { tokens: \"${X}\" }\nlog: { level: \"${X}\" }\nlocks: { lease: \"${X}\" }\n"
      "repository: { url: \"${X}\" }\n"
      "jobs: { j: { parameters: { p: { value: \"${X}\", type: Long } }, steps: [ { name: s, sql: { connection: "
      "\"${X}\", statement: s } } ] } }\n");
  EXPECT_EQ(problems.size(), 6U);
  EXPECT_THAT(problems, testing::Each(testing::Not(HasSubstr("geheim"))));
}

TEST(Substitution, EmptyReplacementForAnOptionalKeyThenTheKeyIsAbsent) {
  World world;
  const auto config = world.load(
      "replica: { tokens: \"${T:-}\" }\nlocks: { lease: \"${L:-}\" }\nrepository: \"${R:-}\"\n"
      "jobs: { j: { steps: [ { name: s, read: { csv: { path: p, columns: \"${C:-}\" } }, write: { table: { name: t } } "
      "} ] "
      "} }\n");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_FALSE(config->tokens);
  EXPECT_EQ(*config->locks.lease, Duration(20'000));
  EXPECT_EQ(config->locks.lease.place.text(), "conf/baton.yaml");
}

}  // namespace
}  // namespace baton
