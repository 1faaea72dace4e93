// A store that is away is told of once it lasts, and when it answers again.
#include "app/store_outages.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct StoreOutagesTest : testing::Test {
  std::vector<Notice> at(Duration since_begin, bool repository, bool leases) {
    ReplicaPulse pulse;
    pulse.repository_answers = repository;
    pulse.leases_answer = leases;
    return outages.look(pulse, Instant(since_begin), WallTime(since_begin));
  }
  StoreOutages outages{{seconds(30), std::chrono::minutes(10), "host-1"}};
};

TEST_F(StoreOutagesTest, LeaseStoreAloneIsAwayForLongerThanTheGraceThenFoundLikeAnyOtherTrouble) {
  at(seconds(0), true, true);
  at(seconds(1), true, false);
  EXPECT_THAT(at(seconds(30), true, false), IsEmpty());
  EXPECT_THAT(outages.away(), IsEmpty());
  EXPECT_THAT(at(seconds(31), true, false), IsEmpty()) << "the repository tells it";
  ASSERT_THAT(outages.away(), SizeIs(1));
  EXPECT_EQ(outages.away()[0].trouble, Trouble::store_away);
  EXPECT_EQ(outages.away()[0].subject, "leaseStore");
  EXPECT_THAT(outages.away()[0].text, HasSubstr("the lease store does not answer replica host-1 for 30s"));
  EXPECT_THAT(outages.told(), IsEmpty());
  EXPECT_THAT(at(seconds(40), true, true), IsEmpty());
  EXPECT_THAT(outages.away(), IsEmpty());
}

TEST_F(StoreOutagesTest, RepositoryIsAwayThenToldStraightAwayOnceAndKeptUntilItIsEntered) {
  at(seconds(0), false, true);
  const std::vector<Notice> begun = at(seconds(30), false, true);
  ASSERT_THAT(begun, SizeIs(1));
  EXPECT_EQ(begun[0].event, Notice::Event::begun);
  EXPECT_FALSE(begun[0].recorded);
  EXPECT_EQ(begun[0].alert.kind, "store_away");
  EXPECT_EQ(begun[0].alert.subject, "repository");
  EXPECT_EQ(begun[0].alert.first_seen, WallTime(seconds(0)));
  EXPECT_THAT(at(seconds(31), false, true), IsEmpty());
  EXPECT_THAT(at(seconds(40), true, true), IsEmpty()) << "the entry's end is told";
  ASSERT_THAT(outages.told(), SizeIs(1));
  EXPECT_EQ(outages.told()[0].first_seen, WallTime(seconds(0)));
  outages.entered(outages.told());
  EXPECT_THAT(outages.told(), IsEmpty());
}

TEST_F(StoreOutagesTest, RepositoryFollowsTheLeaseStoreThenTheLeaseStoreIsNotToldAgainBeforeItsReminder) {
  at(seconds(0), true, false);
  at(seconds(30), true, false);
  EXPECT_THAT(at(seconds(31), false, false), IsEmpty());
  EXPECT_THAT(at(seconds(61), false, false), SizeIs(1)) << "the repository's";
  const std::vector<Notice> again = at(seconds(630), false, false);
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].event, Notice::Event::reminder);
  EXPECT_EQ(again[0].alert.subject, "leaseStore");
}

TEST_F(StoreOutagesTest, ItLastsThenReminders) {
  at(seconds(0), false, true);
  EXPECT_EQ(at(seconds(30), false, true).at(0).alert.subject, "repository");
  EXPECT_THAT(at(seconds(629), false, true), IsEmpty());
  const std::vector<Notice> again = at(seconds(630), false, true);
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].event, Notice::Event::reminder);
}

TEST_F(StoreOutagesTest, ItAnswersWithinTheGraceThenNothing) {
  at(seconds(0), false, false);
  EXPECT_THAT(at(seconds(29), true, true), IsEmpty());
  EXPECT_THAT(at(seconds(31), false, false), IsEmpty());
}

}  // namespace
}  // namespace baton
