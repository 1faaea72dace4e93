#include "runtime/workers.h"

#include "runtime/errands.h"
#include "tests/doubles/tally.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <atomic>
#include <latch>
#include <set>
#include <vector>

namespace baton {
namespace {

TEST(Workers, WorkThatLastsHoldsUpNoOther) {
  std::latch end(1);
  Tally done;
  Workers workers(3);
  static_cast<void>(workers.give([&] { end.wait(); }));
  static_cast<void>(workers.give([&] { end.wait(); }));
  static_cast<void>(workers.give([&] { done.add(); }));
  done.await(1);
  end.count_down();
}

TEST(Workers, MoreWorkThanThreadsWaitsForOne) {
  std::latch end(1);
  Tally begun, done;
  {
    Workers workers(2);
    for (int i = 0; i < 3; ++i) {
      static_cast<void>(workers.give([&] {
        begun.add();
        end.wait();
        done.add();
      }));
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
    static_cast<void>(workers.give([&] {
      const std::scoped_lock lock(mutex);
      threads.insert(std::this_thread::get_id());
      done.add();
    }));
    done.await(1);
  }
  EXPECT_LT(threads.size(), 20U);
}

struct FewThreads {
  std::jthread make(std::function<void(std::stop_token)> work) {
    if (left-- <= 0) throw std::system_error(EAGAIN, std::generic_category());
    return std::jthread(std::move(work));
  }
  Workers::ThreadMaker maker() {
    return [this](auto work) { return make(std::move(work)); };
  }
  int left;
};

TEST(Workers, NoThreadCanBeMadeThenTheWorkWaitsForOneThatThereIs) {
  FewThreads threads{1};
  std::latch end(1);
  Tally done;
  Workers workers(3, threads.maker());
  EXPECT_TRUE(workers.give([&] { end.wait(); }));
  EXPECT_TRUE(workers.give([&] { done.add(); }));
  end.count_down();
  done.await(1);
}

TEST(Workers, NoThreadCanBeMadeAndThereIsNoneThenItIsAnErrorAndTheWorkIsNotDoneLater) {
  FewThreads threads{0};
  std::atomic<bool> wrong = false;
  Tally done;
  Workers workers(3, threads.maker());
  EXPECT_FALSE(workers.give([&] { wrong = true; }));
  threads.left = 1;
  EXPECT_TRUE(workers.give([&] { done.add(); }));
  done.await(1);
  EXPECT_FALSE(wrong);
}

TEST(Errands, AreDoneInOrderAndFinishWaitsForThem) {
  std::vector<int> done;
  Errands errands;
  for (int i = 0; i < 100; ++i) errands.give([&done, i] { done.push_back(i); });
  errands.finish();
  ASSERT_EQ(done.size(), 100U);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

TEST(Errands, TooManyWaitThenTheNextIsRefused) {
  std::latch begun(1), go_on(1);
  int done = 0;
  Errands errands;
  errands.give([&] {
    begun.count_down();
    go_on.wait();
  });
  begun.wait();
  const auto count = [&done] { ++done; };
  EXPECT_TRUE(errands.give_if_fewer_wait(2, count));
  EXPECT_TRUE(errands.give_if_fewer_wait(2, count));
  EXPECT_FALSE(errands.give_if_fewer_wait(2, count));
  go_on.count_down();
  errands.finish();
  EXPECT_EQ(done, 2);
  EXPECT_TRUE(errands.give_if_fewer_wait(2, count));
  errands.finish();
}

}  // namespace
}  // namespace baton
