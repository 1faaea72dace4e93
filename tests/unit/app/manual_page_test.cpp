// Manual pages and completions of command lines that are easier to see through than Baton's.
#include "app/manual_page.h"
#include "app/completion_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

CommandOutline program() {
  CommandOutline outline;
  outline.name = "ferry";
  outline.options = {{{"-h", "--help"}, Takes::nothing, "", {}, "", "help"}};
  CommandOutline sail;
  sail.name = "sail";
  sail.text = "cross; isn't it [far]: a\\b";
  sail.options = {{{"--half-speed"}, Takes::nothing, "", {}, "", ".5 of it"},
                  {{"--to"}, Takes::choice, "TEXT", {"east", "west"}, "east", "where to"}};
  sail.arguments = {{"job", Takes::job, {}, true, false, "what to carry"}};
  outline.commands = {sail};
  return outline;
}

TEST(ManualPage, TextThatRoffWouldTakeForSomethingElseThenEscaped) {
  const std::string page = manual_page(program(), "1.0-2");
  EXPECT_THAT(page, HasSubstr(".TH FERRY 1 \"\" \"Baton 1.0\\-2\""));
  EXPECT_THAT(page, HasSubstr("\n\\fB\\-\\-half\\-speed\\fR\n\\&.5 of it.\n"));
  EXPECT_THAT(page, HasSubstr("\nCross; isn't it [far]: a\\eb.\n"));
}

TEST(ManualPage, ACommandThenItsSynopsisItsChoicesAndWhatHoldsWithoutThem) {
  const std::string page = manual_page(program(), "1.0");
  EXPECT_THAT(page, HasSubstr("[\\fB\\-\\-to\\fR\\ \\fITEXT\\fR] \\fIJOB\\fR\n"));
  EXPECT_THAT(page, HasSubstr("Where to.\nOne of: \\fBeast west\\fR.\nWithout it: \\fBeast\\fR.\n"));
}

TEST(ConfigurationPage, ARowThenItsKeyValuesDefaultAndMeaning) {
  const std::string page = configuration_page(
      "# Title\n\nWords.\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n"
      "| `a` | [`b.NAME`](#bname) | – | Either \\| or. |\n\n## `b.NAME`\n\nExactly one of `c`.\n\n"
      "| key | value | default | meaning |\n| --- | --- | --- | --- |\n| `c` | a number | `5` | Five - or not. |\n"
      "| `d` | text | needed | Told. |",
      "1.0");
  EXPECT_THAT(page, HasSubstr(".SH KEYS\n.TP\n\\fBa\\fR (b.NAME)\nEither | or.\n"));
  EXPECT_THAT(page, HasSubstr(".SH b.NAME\nExactly one of c.\n"));
  EXPECT_THAT(page, HasSubstr("\\fBc\\fR (a number; default \\fB5\\fR)\nFive \\- or not.\n"));
  EXPECT_THAT(page, HasSubstr("\\fBd\\fR (text; needed)\nTold.\n"));
  EXPECT_THAT(page, Not(HasSubstr("Words")));
}

TEST(Completion, TextThatAShellWouldTakeForSomethingElseThenQuoted) {
  CommandOutline outline = program();
  outline.commands[0].text = "isn't it [far]: a\\b";
  EXPECT_THAT(zsh_completion(outline), HasSubstr("'sail:isn'\\''t it \\[far\\]\\: a\\\\b'"));
  EXPECT_THAT(fish_completion(outline), HasSubstr("-a sail -d 'isn\\'t it [far]: a\\\\b'"));
}

TEST(Completion, ALongDescriptionThenItsBeginning) {
  EXPECT_EQ(short_text("one; two"), "one");
  EXPECT_EQ(short_text("one (two)"), "one");
  EXPECT_EQ(short_text("one"), "one");
  EXPECT_THAT(fish_completion(program()), HasSubstr("-a sail -d 'cross'\n"));
}

TEST(Completion, AnotherProgramThenItsName) {
  for (const std::string& script :
       {bash_completion(program()), zsh_completion(program()), fish_completion(program())}) {
    EXPECT_THAT(script, AllOf(HasSubstr("ferry"), HasSubstr("job-names"), Not(HasSubstr("baton"))));
  }
}

}  // namespace
}  // namespace baton
