#include "sqlite/write_turn.h"

#include "tests/doubles/temporary_folder.h"

#include <gtest/gtest.h>
#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

namespace baton {
namespace {

TEST(WriteTurn, WhoWaitsTooLongGoesWithoutItAndTheNextOneGetsIt) {
  WriteTurn turn;
  ASSERT_TRUE(turn.enter(Duration(0)));
  EXPECT_FALSE(turn.enter(Duration(0)));
  turn.leave();
  EXPECT_TRUE(turn.enter(Duration(0)));
  turn.leave();
}

TEST(WriteTurn, ManyThreadsWaitThenEachGetsItAloneAndNoneIsForgotten) {
  WriteTurn turn;
  constexpr int threads = 16;
  constexpr int rounds = 200;
  int entered = 0;  // guarded by the turn
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < threads; ++i) {
      writers.emplace_back([&] {
        for (int round = 0; round < rounds; ++round) {
          if (!turn.enter(Duration(60'000))) {
            ++refused;
            return;
          }
          ++entered;
          turn.leave();
        }
      });
    }
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(entered, threads * rounds);
}

TEST(WriteTurn, TwoPathsLeadToOneFileThenTheyShareTheTurn) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("a.db")) << "x";
  std::ofstream(folder.file("b.db")) << "x";
  const auto turn = WriteTurn::of(folder.file("a.db"));
  EXPECT_EQ(turn, WriteTurn::of(folder.path() + "/./a.db"));
  EXPECT_NE(turn, WriteTurn::of(folder.file("b.db")));
}

}  // namespace
}  // namespace baton
