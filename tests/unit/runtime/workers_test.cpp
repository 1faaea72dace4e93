#include "runtime/workers.h"

#include "runtime/errands.h"
#include "tests/doubles/tally.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <latch>
#include <set>
#include <vector>

namespace baton {
namespace {

TEST(Workers, WorkThatLastsHoldsUpNoOther) {
  std::latch end(1);
  Tally done;
  Workers workers(3);
  workers.give([&] { end.wait(); });
  workers.give([&] { end.wait(); });
  workers.give([&] { done.add(); });
  done.await(1);
  end.count_down();
}

TEST(Workers, MoreWorkThanThreadsWaitsForOne) {
  std::latch end(1);
  Tally begun, done;
  {
    Workers workers(2);
    for (int i = 0; i < 3; ++i) {
      workers.give([&] {
        begun.add();
        end.wait();
        done.add();
      });
    }
    begun.await(2);
    EXPECT_EQ(begun.count(), 2);
    end.count_down();
    done.await(3);
  }
  EXPECT_EQ(done.count(), 3);
}

TEST(Workers, AnIdleThreadIsUsedAgain) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  Workers workers(100);
  for (int i = 0; i < 20; ++i) {
    Tally done;
    workers.give([&] {
      const std::scoped_lock lock(mutex);
      threads.insert(std::this_thread::get_id());
      done.add();
    });
    done.await(1);
  }
  EXPECT_LT(threads.size(), 20U);
}

TEST(Errands, AreDoneInOrderAndFinishWaitsForThem) {
  std::vector<int> done;
  Errands errands;
  for (int i = 0; i < 100; ++i) errands.give([&done, i] { done.push_back(i); });
  errands.finish();
  ASSERT_EQ(done.size(), 100U);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

}  // namespace
}  // namespace baton
