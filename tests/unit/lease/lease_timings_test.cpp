#include "lease/lease_timings.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(LeaseTimings, P3MarginIsATenthOfTheLeaseAndAtLeast200Milliseconds) {
  EXPECT_EQ((LeaseTimings{Duration(20'000), Duration(5'000), Duration(1'000)}).margin(), Duration(2'000));
  EXPECT_EQ((LeaseTimings{Duration(1'000), Duration(300), Duration(100)}).margin(), Duration(200));
}

TEST(LeaseTimings, TheDefaultsAreAccepted) { EXPECT_TRUE(LeaseTimings{}.check()); }

TEST(LeaseTimings, P3ALeaseShorterThanTwoHeartbeatsAndTheMarginIsRefusedAndTheLeastIsNamed) {
  const LeaseTimings timings{Duration(10'000), Duration(5'000), Duration(1'000)};
  const Status status = timings.check();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::invalid);
  EXPECT_NE(status.error().message.find("at least 11111ms"), std::string::npos) << status.error().message;
}

TEST(LeaseTimings, TheNamedLeastLeaseIsAcceptedAndOneMillisecondLessIsNot) {
  for (const std::int64_t heartbeat : {1, 7, 100, 899, 900, 901, 1'000, 4'999, 5'000, 60'001}) {
    LeaseTimings timings{Duration(1), Duration(heartbeat), Duration(1'000)};
    const std::string message = timings.check().error().message;
    for (timings.lease = 2 * Duration(heartbeat); !timings.check(); ++timings.lease) {
    }
    LeaseTimings less = timings;
    --less.lease;
    EXPECT_FALSE(less.check());
    const std::string text = timings.lease.count() % 1'000 == 0 ? "" : std::to_string(timings.lease.count()) + "ms";
    EXPECT_NE(message.find(text), std::string::npos) << timings.lease.count() << ": " << message;
  }
}

TEST(LeaseTimings, NothingMayBeZeroOrBeyondAllMeasure) {
  EXPECT_FALSE((LeaseTimings{Duration(0), Duration(5'000), Duration(1'000)}).check());
  EXPECT_FALSE((LeaseTimings{Duration(20'000), Duration(0), Duration(1'000)}).check());
  EXPECT_FALSE((LeaseTimings{Duration(20'000), Duration(5'000), Duration(-1)}).check());
  EXPECT_FALSE((LeaseTimings{Duration::max(), Duration(5'000), Duration(1)}).check());
  EXPECT_FALSE((LeaseTimings{Duration(20'000), Duration::max(), Duration(1)}).check());
}

}  // namespace
}  // namespace baton
