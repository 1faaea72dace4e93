// P11: a process is killed in the middle of a load, and then the input is replaced.
#include "tests/process/kill_trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>

namespace baton {
namespace {

class KillThenChangedInput : public testing::TestWithParam<std::string> {
 protected:
  KillThenChangedInput() { write_kill_inputs(inputs_.path()); }

  Undisturbed undisturbed(const KillScenario& scenario) const {
    return KillTrial(scenario, inputs_.path(), "", 60'000).run_undisturbed();
  }

  // After a third of its commits.
  static void kill_in_the_middle(KillTrial& trial, const Undisturbed& undisturbed) {
    const auto& calls = undisturbed.calls;
    const auto commits = std::count(calls.begin(), calls.end(), "Transaction::commit");
    std::uint64_t point = 0;
    for (long passed = 0; passed <= commits / 3; point += 2)
      passed += calls[point / 2] == "Transaction::commit" ? 1 : 0;
    ASSERT_EQ(trial.run_with_kill_at(point).signal, SIGKILL) << trial.log();
  }

  // The same bytes, but another file as far as anyone can tell without reading all of it.
  void replace_inputs() const {
    for (const auto& file : std::filesystem::directory_iterator(inputs_.path())) {
      std::filesystem::last_write_time(file, file.last_write_time() + std::chrono::seconds(5));
    }
  }

  const std::string& inputs() const { return inputs_.path(); }

 private:
  TemporaryFolder inputs_;
};

// Of what the step did before it began anew, its counts and revisions tell.
Outcome without_history(Outcome outcome) {
  std::erase_if(outcome, [](const auto& part) {
    return part.first.ends_with(": progress") || part.first == "counts of the steps";
  });
  return outcome;
}

TEST_P(KillThenChangedInput, BeginsTheStepAnewAndLeavesTheUndisturbedRows) {
  const KillScenario& scenario = kill_scenario(GetParam());
  const Undisturbed expected = undisturbed(scenario);
  KillTrial trial(scenario, inputs());
  kill_in_the_middle(trial, expected);
  replace_inputs();
  std::vector<std::string> problems;
  ASSERT_TRUE(trial.finish(problems)) << fmt::format("{}\n{}", fmt::join(problems, "\n"), trial.log());
  EXPECT_THAT(trial.log(), testing::HasSubstr("begins anew"));
  EXPECT_THAT(broken_rules(trial.folder()), testing::IsEmpty()) << trial.log();
  EXPECT_THAT(differences(without_history(expected.outcome), without_history(read_outcome(trial.folder()))),
              testing::IsEmpty())
      << trial.log();
}

INSTANTIATE_TEST_SUITE_P(Every, KillThenChangedInput,
                         testing::Values("upsert_elsewhere", "upsert_here", "replace_elsewhere", "replace_here",
                                         "mirror_elsewhere", "mirror_here", "rejects_here"),
                         [](const auto& scenario) { return scenario.param; });

using KillThenChangedInputOfAppend = KillThenChangedInput;

TEST_P(KillThenChangedInputOfAppend, IsRefusedAndTheRunCanBeAbandoned) {
  const KillScenario& scenario = kill_scenario(GetParam());
  KillTrial trial(scenario, inputs());
  kill_in_the_middle(trial, undisturbed(scenario));
  replace_inputs();
  EXPECT_EQ(trial.run_one({"run", "--once", "job"}).exit_code, 1);
  EXPECT_THAT(trial.log(), testing::HasSubstr("is not the input it was"));
  EXPECT_EQ(trial.run_one({"abandon", "job"}).exit_code, 0) << trial.log();
  EXPECT_EQ(trial.run_one({"run", "--once", "job"}).exit_code, 0) << trial.log();
}

INSTANTIATE_TEST_SUITE_P(Every, KillThenChangedInputOfAppend, testing::Values("append_elsewhere", "append_here"),
                         [](const auto& scenario) { return scenario.param; });

}  // namespace
}  // namespace baton
