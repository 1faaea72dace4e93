#include "batch/status.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(BatchStatus, UpgradeFollowsSpringsRules) {
  EXPECT_EQ(upgraded(BatchStatus::completed, BatchStatus::stopping), BatchStatus::stopping);
  EXPECT_EQ(upgraded(BatchStatus::starting, BatchStatus::completed), BatchStatus::completed);
  EXPECT_EQ(upgraded(BatchStatus::started, BatchStatus::starting), BatchStatus::started);
  EXPECT_EQ(upgraded(BatchStatus::failed, BatchStatus::stopping), BatchStatus::failed);
}

TEST(BatchStatus, NamesComeBack) {
  for (int i = 0; i < 8; ++i) {
    const auto status = static_cast<BatchStatus>(i);
    EXPECT_EQ(parse_batch_status(name(status)), status);
  }
  EXPECT_FALSE(parse_batch_status("EXECUTING"));
}

TEST(ExitStatus, DescriptionIsCutBetweenCharacters) {
  std::string text(2499, 'x');
  text += "ü";
  const ExitStatus exit = exit_status(BatchStatus::failed, text);
  EXPECT_EQ(exit.code, "FAILED");
  EXPECT_EQ(exit.description, std::string(2499, 'x'));
}

}  // namespace
}  // namespace baton
