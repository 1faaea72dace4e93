// Baton and both generations of AWS's lock client contend for the same locks while they are killed and paused. A
// sample, unless BATON_SOAK is set. BATON_SEED repeats whom it meets, though not what they do.
#include "runtime/system_clock.h"
#include "tests/doubles/dynalite.h"
#include "tests/doubles/seeded_random.h"
#include "tests/interop/hold_witness.h"
#include "tests/interop/lock_peer.h"
#include "tests/process/soak.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <optional>
#include <random>

namespace baton {
namespace {

const LeaseTimings timings{Duration(1'500), Duration(400), Duration(100)};
constexpr int lock_count = 20;
constexpr int threads_of_each = 3;

class LocksContended : public testing::Test {
 protected:
  struct Contender {
    LockSide side;
    std::unique_ptr<LockPeer> peer;
    std::optional<Instant> paused_until;
  };

  void start(Contender& contender) {
    contender.peer = std::make_unique<LockPeer>(contender.side, table_, timings);
    contender.paused_until.reset();
    contender.peer->ask({{"command", "contend"},
                         {"keys", keys_},
                         {"name", contender.peer->owner()},
                         {"witness", witness_.port()},
                         {"threads", threads_of_each},
                         {"lease", timings.lease.count()},
                         {"long_of_ten", 1}});
  }

  void kill(Contender& contender) {
    contender.peer->process().kill();
    ++kills_;
    start(contender);
  }

  void pause(Contender& contender) {
    contender.peer->process().stop();
    ++pauses_;
    // Two in three for longer than the lease.
    const auto longest = 3 * static_cast<std::uint64_t>(timings.lease.count());
    contender.paused_until = clock_.now() + Duration(below(random_, longest));
  }

  void resume_what_is_due() {
    for (Contender& one : contenders_) {
      if (!one.paused_until || clock_.now() < *one.paused_until) continue;
      one.peer->process().resume();
      one.paused_until.reset();
    }
  }

  void strike() {
    Contender& victim = contenders_[below(random_, contenders_.size())];
    if (below(random_, 3) == 0) {
      kill(victim);
    } else if (!victim.paused_until) {
      pause(victim);
    }
  }

  void trouble(Duration duration) {
    const Instant end = clock_.now() + duration;
    Instant next_strike = clock_.now();
    while (clock_.now() < end) {
      Instant next = next_strike;
      for (const Contender& one : contenders_) next = std::min(next, one.paused_until.value_or(next));
      clock_.wait_until(next, {});
      resume_what_is_due();
      if (clock_.now() < next_strike) continue;
      strike();
      next_strike = clock_.now() + Duration(100 + below(random_, 700));
    }
    for (Contender& one : contenders_) one.peer->process().resume();
  }

  const std::uint64_t seed_ =
      setting("BATON_SEED").empty() ? std::random_device()() : std::stoull(setting("BATON_SEED"));
  SystemClock clock_;
  SeededRandom random_{seed_};
  const LockTable table_ = new_lock_table();
  HoldWitness witness_;
  std::vector<std::string> keys_;
  std::vector<Contender> contenders_;
  int kills_ = 0;
  int pauses_ = 0;
};

TEST_F(LocksContended, P12NoTwoHoldersOverlapWhileBatonAndJavaAreKilledAndPaused) {
  for (int i = 0; i < lock_count; ++i) keys_.push_back("lock-" + std::to_string(i));
  for (const LockSide side : {LockSide::baton, LockSide::java1, LockSide::baton, LockSide::java2}) {
    contenders_.push_back({side, nullptr, {}});
    start(contenders_.back());
  }
  trouble(is_soak() ? Duration(600'000) : Duration(12'000));
  for (Contender& one : contenders_) one.peer->process().send({{"command", "end_contention"}});
  for (Contender& one : contenders_) EXPECT_TRUE(one.peer->receive().contains("holds"));

  const HoldJudge& seen = witness_.end();
  const auto holds = seen.holds();
  const auto held = [&](const std::string& side) { return holds.contains(side) ? holds.at(side) : 0; };
  fmt::print(
      "seed {}: {} kills and {} pauses; {} holds by Baton, {} by Java 1.1, {} by Java 1.4, {} after another side; "
      "{} commits accepted, {} refused as late\n",
      seed_, kills_, pauses_, held("baton"), held("java1"), held("java2"), seen.changes_of_side(), seen.accepted(),
      seen.refused());
  EXPECT_TRUE(seen.overlaps().empty()) << testing::PrintToString(seen.overlaps());
  for (const std::string side : {"baton", "java1", "java2"}) EXPECT_GT(held(side), 0U) << side;
  const std::size_t a_tenth = (held("baton") + held("java1") + held("java2")) / 10;
  EXPECT_GT(held("baton"), a_tenth);
  EXPECT_GT(held("java1") + held("java2"), a_tenth);
  EXPECT_GT(seen.changes_of_side(), a_tenth);
  EXPECT_GT(kills_, 0);
  EXPECT_GT(pauses_, 0);

  // Whatever the dead have left, each lock can be had.
  LockPeer last(LockSide::baton, table_, timings);
  for (const std::string& key : keys_) EXPECT_TRUE(last.acquire(key, Duration(20'000))) << key;
}

}  // namespace
}  // namespace baton
