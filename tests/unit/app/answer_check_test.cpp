// What native parts answer beside batches: what Baton refuses.
#include "app/answer_check.h"

#include "baton/processor.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Optional;

auto faulty(const std::string& text) { return Optional(HasSubstr(text)); }

TEST(AnswerCheck, NamesOfColumnsThatAreNoneOrNotUniqueThenRefused) {
  EXPECT_EQ(names_fault({"id", "Straße"}), std::nullopt);
  EXPECT_THAT(names_fault({}), faulty("no columns"));
  EXPECT_THAT(names_fault({"id", ""}), faulty("column 2 of 2 has no name"));
  EXPECT_THAT(names_fault({"id", "id"}), faulty("two columns have the name `id`"));
  EXPECT_THAT(names_fault({"id", "a\nb"}), faulty("the name of column 2, `a\\nb`; expected UTF-8 without control"));
  EXPECT_THAT(names_fault({"\xFF"}), faulty("the name of column 1, `\\xff`"));
}

TEST(AnswerCheck, FormsForOtherColumnsThenRefused) {
  EXPECT_EQ(forms_fault({}, 2), std::nullopt);
  EXPECT_EQ(forms_fault({"a", ""}, 2), std::nullopt);
  EXPECT_THAT(forms_fault({"a"}, 2), faulty("native_forms() returned 1 forms for 2 columns"));
}

TEST(AnswerCheck, ColumnsThatAreNotThereThenNotPassed) {
  EXPECT_EQ(passed_fault({}, 1, 2), std::nullopt);
  EXPECT_EQ(passed_fault({0, Processor::made_here}, 1, 2), std::nullopt);
  EXPECT_THAT(passed_fault({0}, 1, 2), faulty("passed_columns() returned 1 numbers for 2 columns"));
  EXPECT_THAT(passed_fault({0, 1}, 1, 2), faulty("passed_columns() names column 1 of the 1 that arrive"));
}

TEST(AnswerCheck, IdentityThatCannotBeStoredThenRefused) {
  EXPECT_EQ(identity_fault({"ä.csv", 1, 2, "ff"}), std::nullopt);
  EXPECT_THAT(identity_fault({"\xE4.csv", 1, 2, "ff"}), faulty("the input's identity holds \"\\xe4.csv\""));
  EXPECT_THAT(identity_fault({"a", 1, 2, "\xE4"}), faulty("holds \"\\xe4\""));
}

TEST(AnswerCheck, StoppedUnaskedThenRefused) {
  EXPECT_EQ(step_end_fault(StepEnd::completed, false), std::nullopt);
  EXPECT_EQ(step_end_fault(StepEnd::stopped, true), std::nullopt);
  EXPECT_THAT(step_end_fault(StepEnd::stopped, false), faulty("it returned `stopped`, and nobody had asked it to"));
  EXPECT_THAT(step_end_fault(static_cast<StepEnd>(7), true), faulty("it returned 7; expected one of StepEnd"));
}

}  // namespace
}  // namespace baton
