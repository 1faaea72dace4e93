// Which texts are cron expressions, and what is said about the others.
#include "schedule/cron.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string problem(const std::string& text) {
  const auto cron = Cron::parse(text);
  if (cron) return "";
  EXPECT_EQ(cron.error().kind, ErrorKind::invalid) << text;
  return cron.error().message;
}

TEST(CronParse, ExpressionsOfSpringThenAccepted) {
  for (const char* text : {"* * * * * *",
                           "0 0 * * * *",
                           "*/10 * * * * *",
                           "0 0 8-10 * * *",
                           "0 0 6,19 * * *",
                           "0 0/30 8-10 * * *",
                           "0 0 9-17 * * MON-FRI",
                           "0 0 0 25 DEC ?",
                           "0 0 0 L * *",
                           "0 0 0 L-3 * *",
                           "0 0 0 1W * *",
                           "0 0 0 LW * *",
                           "0 0 0 * * 5L",
                           "0 0 0 * * THUL",
                           "0 0 0 ? * 5#2",
                           "0 0 0 ? * MON#1",
                           "0 0 0 * * 0",
                           "0 0 0 * * 7",
                           "0 0 0 * * SUN-TUE",
                           "0 0 0 1,15,L * *",
                           "0 0 0 * * MON,FRI#2,SUNL",
                           "0 0 0 1-31/2 jan-mar mon",
                           "@yearly",
                           "@annually",
                           "@monthly",
                           "@weekly",
                           "@daily",
                           "@midnight",
                           "@hourly",
                           "@Daily",
                           "0 0 0 29 2 MON",
                           "  0   0\t0 * * *  ",
                           "00 05 07 * * *",
                           "0 0 0 31W 1 ?",
                           "0 0 0 L-30 1 ?"}) {
    EXPECT_EQ(problem(text), "") << text;
  }
}

TEST(CronParse, TextThenWithSingleSpaces) {
  EXPECT_EQ(Cron::parse("  0 0\t 4 * *   MON ")->text(), "0 0 4 * * MON");
  EXPECT_EQ(Cron::parse("@daily")->text(), "@daily");
  EXPECT_EQ(*Cron::parse("0 0  4 * * *"), *Cron::parse("0 0 4 * * *"));
  EXPECT_FALSE(*Cron::parse("0 0 4 * * *") == *Cron::parse("0 0 5 * * *"));
}

struct WrongField {
  const char* text;
  const char* field;
  const char* found;
};

TEST(CronParse, WrongFieldThenItsNameAndWhatWasFoundAndWhatIsExpected) {
  const std::vector<WrongField> cases{
      {"60 0 0 * * *", "the second is", "`60`"},
      {"0 61 0 * * *", "the minute is", "`61`"},
      {"0 5,61 0 * * *", "the minute is", "`61` in `5,61`"},
      {"0 1,,2 0 * * *", "the minute is", "`` in `1,,2`"},
      {"0 0 24 * * *", "the hour is", "`24`"},
      {"0 0 -1 * * *", "the hour is", "`-1`"},
      {"0 0 +1 * * *", "the hour is", "`+1`"},
      {"0 0 17-9 * * *", "the hour is", "(the range 17-9 runs backwards)"},
      {"0 0 */0 * * *", "the hour is", "(a step is at least 1)"},
      {"0 0 */ * * *", "the hour is", "`*/`"},
      {"0 0 /2 * * *", "the hour is", "`/2`"},
      {"0 0 ? * * *", "the hour is", "`?`"},
      {"0 0 1.5 * * *", "the hour is", "`1.5`"},
      {"0 0 99999999999 * * *", "the hour is", "`99999999999`"},
      {"0 0 0 0 * *", "the day of month is", "`0`"},
      {"0 0 0 32 * *", "the day of month is", "`32`"},
      {"0 0 0 32W * *", "the day of month is", "`32W`"},
      {"0 0 0 W * *", "the day of month is", "`W`"},
      {"0 0 0 L-31W * *", "the day of month is", "`L-31W`"},
      {"0 0 0 L- * *", "the day of month is", "`L-`"},
      {"0 0 0 L3 * *", "the day of month is", "`L3`"},
      {"0 0 0 1,? * *", "the day of month is", "`?` in `1,?`"},
      {"0 0 0 * 0 *", "the month is", "`0`"},
      {"0 0 0 * 13 *", "the month is", "`13`"},
      {"0 0 0 * JANUARY *", "the month is", "`JANUARY`"},
      {"0 0 0 * DEC-FEB *", "the month is", "runs backwards"},
      {"0 0 0 * * 8", "the day of week is", "`8`"},
      {"0 0 0 * * L", "the day of week is", "`L`"},
      {"0 0 0 * * FRI#0", "the day of week is", "(after # stands 1 to 5)"},
      {"0 0 0 * * FRI#6", "the day of week is", "(after # stands 1 to 5)"},
      {"0 0 0 * * FRI#", "the day of week is", "`FRI#`"},
      {"0 0 0 * * #2", "the day of week is", "`#2`"},
      {"0 0 0 * * FRI-MON", "the day of week is", "runs backwards"},
      {"0 0 0 * * MOON", "the day of week is", "`MOON`"},
  };
  for (const WrongField& one : cases) {
    EXPECT_THAT(problem(one.text), AllOf(HasSubstr(one.field), HasSubstr(one.found), HasSubstr("expected")))
        << one.text;
  }
}

TEST(CronParse, OtherNumbersOfFieldsThenSixAreExpected) {
  EXPECT_THAT(problem("0 4 * * *"), AllOf(HasSubstr("it has 5 fields: expected six"), HasSubstr("put a 0")));
  EXPECT_THAT(problem("0 0 4 * * * 2026"), HasSubstr("it has 7 fields: expected six"));
  EXPECT_THAT(problem(""), HasSubstr("it has 0 fields"));
  EXPECT_THAT(problem("5"), HasSubstr("it has 1 field:"));
  EXPECT_THAT(problem("@dayly"), AllOf(HasSubstr("no such macro"), HasSubstr("@daily")));
}

TEST(CronParse, ExpressionThatNeverFiresThenRefused) {
  for (const char* text : {"0 0 0 30 2 *", "0 0 0 31 2,4,6,9,11 *", "0 0 0 L-29 2 *", "0 0 0 15W * SAT",
                           "0 0 0 1-7 * MON#2", "0 0 0 30W FEB ?", "0 0 0 1-21 * FRIL"}) {
    EXPECT_THAT(problem(text), HasSubstr("never fires")) << text;
  }
  for (const char* text : {"0 0 0 29 2 *", "0 0 0 L-28 2 *", "0 0 0 29 2 SUN#5", "0 0 0 22-23 * FRIL"}) {
    EXPECT_EQ(problem(text), "") << text;
  }
}

// Whatever is written, there is an answer.
TEST(CronParse, EveryTextOfTwoCharactersAsAFieldThenAcceptedOrRefusedByName) {
  const std::string characters = "0159*/-,?LW#MF ";
  for (const char first : characters) {
    for (const char second : characters) {
      const std::string field{first, second};
      for (const std::string& text : {"0 0 0 " + field + " * *", "0 0 0 * * " + field, field + " 0 0 * * *"}) {
        const std::string said = problem(text);
        EXPECT_TRUE(said.empty() || said.starts_with("the cron expression `")) << text << said;
      }
    }
  }
}

}  // namespace
}  // namespace baton
