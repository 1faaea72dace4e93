// The tests of the documents must find what is wrong in one.
#include "tests/docs/configuration_text.h"
#include "tests/docs/console.h"
#include "tests/docs/document_run.h"
#include "tests/docs/markdown.h"
#include "tests/docs/shown_output.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;

TEST(Markdown, ADocumentThenItsBlocksLinksCodeAndAnchorsAreFound) {
  const MarkdownDocument document = parse_markdown("a.md",
                                                   "# What `x` is, and (not)\n"
                                                   "## Again\n"
                                                   "## Again\n"
                                                   "See [this](b.md#c) and `baton run`; `[no](link)`.\n"
                                                   "<!-- test: run\n"
                                                   "true\n"
                                                   "-->\n"
                                                   "<!-- test: exit 78 -->\n"
                                                   "```console\n"
                                                   "$ baton validate\n"
                                                   "```\n");
  EXPECT_THAT(document.anchors, ElementsAre("again", "again-1", "what-x-is-and-not"));
  ASSERT_EQ(document.links.size(), 1U);
  EXPECT_EQ(document.links[0].text, "b.md#c");
  ASSERT_EQ(document.blocks.size(), 2U);
  EXPECT_EQ(document.blocks[0].language, "hidden");
  EXPECT_EQ(document.blocks[0].text, "true\n");
  EXPECT_EQ(document.blocks[1].line, 10);
  EXPECT_EQ(*document.blocks[1].directive("exit"), "78");
  EXPECT_EQ(document.blocks[1].directive("file"), nullptr);
  EXPECT_THAT(document.problems, ElementsAre());
}

TEST(Markdown, ABlockNamesItsFileThenItIsThatFile) {
  const MarkdownDocument document = parse_markdown(
      "a.md", "```yaml\n# jobs.yaml\njobs: {}\n```\n<!-- test: file b.txt -->\n```text\nb\n```\n```yaml\n# c\n```\n");
  EXPECT_EQ(document.blocks[0].file(), "jobs.yaml");
  EXPECT_EQ(document.blocks[1].file(), "b.txt");
  EXPECT_EQ(document.blocks[2].file(), "");
}

TEST(Markdown, ADirectiveBeforeNoBlockThenItIsAProblem) {
  EXPECT_THAT(parse_markdown("a.md", "<!-- test: exit 1 -->\n\ntext\n").problems.size(), 1U);
  EXPECT_THAT(parse_markdown("a.md", "```console\n$ true\n").problems.size(), 1U);
}

TEST(Console, HereDocumentsAndBackslashesThenBelongToTheirCommand) {
  const auto commands = parse_console("$ cat > f <<'END' && true\n$ no\nEND\n$ baton \\\n  run\nsaid\nmore\n", 5);
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(commands[0].text, "cat > f <<'END' && true\n$ no\nEND");
  EXPECT_EQ(commands[0].expected, "");
  EXPECT_EQ(commands[1].text, "baton \\\n  run");
  EXPECT_EQ(commands[1].expected, "said\nmore\n");
  EXPECT_EQ(commands[1].line, 8);
}

TEST(Console, ACommandLineThenItsSimpleCommandsAreFound) {
  using Words = std::vector<std::string>;
  EXPECT_THAT(simple_commands("A=1 baton run --once 'a b' 2> log & kill %1 # end\nbaton status | head -3 2>&1"),
              ElementsAre(Words{"baton", "run", "--once", "a b"}, Words{"kill", "%1"}, Words{"baton", "status"},
                          Words{"head", "-3"}));
  EXPECT_THAT(simple_commands("cat > f <<END && true\nmake\nEND"), ElementsAre(Words{"cat"}, Words{"true"}));
}

TEST(Console, ACommandForOthersThenTheOneThatTheyCarryOut) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(carried_out({"sudo", "-u", "baton", "env", "A=1", "baton", "status"}), (Words{"baton", "status"}));
  EXPECT_EQ(carried_out({"kubectl", "-n", "etl", "exec", "pod/x", "--", "baton", "doctor"}),
            (Words{"baton", "doctor"}));
  EXPECT_EQ(carried_out({"sudo", "apt-get", "remove", "baton"}), (Words{"apt-get", "remove", "baton"}));
  EXPECT_EQ(carried_out({"kubectl", "get", "pods"}), (Words{"kubectl", "get", "pods"}));
  EXPECT_EQ(carried_out({"sudo", "-u"}), Words());
}

TEST(DocumentRun, BlocksOfAShellThenAreCommandsAndOthersAreNot) {
  const MarkdownDocument document =
      parse_markdown("a.md",
                     "```sh\nmake # it\nbaton run\n```\n```console\n$ baton status\nsaid\n```\n"
                     "```text\nbaton runs\n```\n");
  const auto commands = commands_of(document.blocks[0]);
  ASSERT_TRUE(commands);
  EXPECT_THAT(simple_commands(commands->at(0).text),
              ElementsAre(std::vector<std::string>{"make"}, std::vector<std::string>{"baton", "run"}));
  EXPECT_EQ(commands_of(document.blocks[1])->at(0).text, "baton status");
  EXPECT_FALSE(commands_of(document.blocks[2]));
  EXPECT_EQ(steps_of(document).size(), 1U);  // what `console` says is run
}

TEST(ShownOutput, TimesAndBlanksThatDifferThenEqual) {
  EXPECT_TRUE(shows("r-12ab  live  just now\n", "r-77ff   live  3 s ago\n"));
  EXPECT_TRUE(shows("read 5, 0.03 s, 197192 rows/s", "read 5, 1.20 s, 4 rows/s"));
  EXPECT_FALSE(shows("read 5", "read 6"));
  EXPECT_FALSE(shows("live", "live and more"));
}

TEST(ShownOutput, AnEllipsisThenStandsForAnything) {
  EXPECT_TRUE(shows("a\n…\nd", "a\nb\nc\nd\n"));
  EXPECT_TRUE(shows("a … d", "a bc d"));
  EXPECT_TRUE(shows("a…", "abc"));
  EXPECT_FALSE(shows("a … d", "a bc d e"));
  EXPECT_FALSE(shows("b … d", "a b c d"));
  EXPECT_FALSE(shows("a … x … d", "a b c d"));
}

TEST(DocumentRun, StepsThenShareOneShellAndAnswerWithCodeAndText) {
  const MarkdownDocument document = parse_markdown("a.md",
                                                   "<!-- test: file a.txt -->\n```yaml\nk: v\n```\n"
                                                   "```console\n$ export A=5\n$ make nothing\n$ cat a.txt\n```\n"
                                                   "<!-- test: exit 3 -->\n```console\n$ (exit $((A - 2)))\n```\n"
                                                   "<!-- test: not run: a reason -->\n```console\n$ false\n```\n");
  const auto answers = run_steps(steps_of(document), "true", {});
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[2].said, "k: v\n");
  EXPECT_EQ(answers[3].exit_code, 3);
  EXPECT_EQ(steps_of(document)[3].exit_code, 3);
}

TEST(ConfigurationText, AFragmentThenCompletedByItsKeys) {
  EXPECT_NE(whole_configuration("schedule: manual\n")->find("  job:\n    schedule: manual\n    steps:"),
            std::string::npos);
  EXPECT_NE(whole_configuration("- name: a\n  sql: { statement: b }\n")->find("steps:\n      - name: a\n        sql:"),
            std::string::npos);
  EXPECT_NE(whole_configuration("replica: { tokens: 2 }\n")->find("\njobs: "), std::string::npos);
  EXPECT_FALSE(whole_configuration("apiVersion: v1\n"));
  EXPECT_THAT(references("${A} ${B:-c} ${file:/d}"), ElementsAre("A", "file:/d"));
}

}  // namespace
}  // namespace baton
