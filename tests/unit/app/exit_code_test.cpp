#include "app/exit_code.h"

#include <gtest/gtest.h>
#include <vector>

namespace baton {
namespace {

TEST(ExitCodes, ErrorsOutsideOfAJobSayWhoShouldAct) {
  EXPECT_EQ(exit_code({ErrorKind::invalid, ""}), ExitCode::wrong_config);
  EXPECT_EQ(exit_code({ErrorKind::internal, ""}), ExitCode::job_failed);
  for (const ErrorKind kind :
       {ErrorKind::retry, ErrorKind::conflict, ErrorKind::lease_lost, ErrorKind::unknown_outcome})
    EXPECT_EQ(exit_code({kind, ""}), ExitCode::for_now) << name(kind);
}

TEST(ExitCodes, TheWorstOfTwoTellsMost) {
  const std::vector<ExitCode> from_best{ExitCode::done, ExitCode::for_now, ExitCode::job_failed, ExitCode::wrong_usage,
                                        ExitCode::wrong_config};
  for (std::size_t i = 0; i < from_best.size(); ++i) {
    for (std::size_t j = 0; j < from_best.size(); ++j)
      EXPECT_EQ(worst(from_best[i], from_best[j]), from_best[std::max(i, j)]) << i << " " << j;
  }
}

TEST(ExitCodes, AreThoseOfTheSystem) {
  EXPECT_EQ(static_cast<int>(ExitCode::done), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::job_failed), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::wrong_usage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::for_now), 75);
  EXPECT_EQ(static_cast<int>(ExitCode::wrong_config), 78);
}

}  // namespace
}  // namespace baton
