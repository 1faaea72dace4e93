// P9: an owner whose transaction was ended renews its lease before it goes on; that is no retry.
#include "batch/sql_step.h"
#include "tests/unit/batch/batch_fixture.h"

namespace baton {
namespace {

using testing::Contains;
using testing::HasSubstr;

class EndedSession : public BatchTest {
 protected:
  StepRun run_step(int retry_limit = 0, std::stop_token stop = {}) {
    const auto step = make_sql_step({"clean", "DELETE FROM t", true, retry_limit}, &target_);
    return run(*step, stop);
  }
};

TEST_F(EndedSession, P9IsRepeatedAfterARenewalHoweverSmallTheRetryLimit) {
  target_.breaks.next(DatabaseCall::execute, {ended_session, ended_session, ended_session});
  const Instant began = clock_.now();
  const StepRun done = run_step(0);
  ASSERT_TRUE(done.end) << done.end.error().message;
  EXPECT_EQ(lease_.renewals(), 3) << "one before each attempt";
  EXPECT_EQ(target_.breaks.count(DatabaseCall::execute), 4);
  EXPECT_EQ(done.row.counts.rollback, 3U);
  EXPECT_EQ(clock_.now(), began) << "without a pause";
  EXPECT_THAT(listener_.notes, Contains(HasSubstr("the lease is still held")));
}

TEST_F(EndedSession, P9TakesNothingOfTheRetries) {
  target_.breaks.next(DatabaseCall::execute, {ended_session, not_done, ended_session, not_done});
  const StepRun done = run_step(1);
  EXPECT_FALSE(done.end) << "the second ordinary error is one too many";
  EXPECT_EQ(target_.breaks.count(DatabaseCall::execute), 4);
}

TEST_F(EndedSession, P9LeaseThatIsNotMineAnyMoreEndsTheStepAsLost) {
  target_.breaks.next(DatabaseCall::execute, {ended_session});
  lease_.answer({fail(ErrorKind::lease_lost, "another holds it")});
  const StepRun done = run_step();
  ASSERT_FALSE(done.end);
  EXPECT_EQ(done.end.error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(target_.breaks.count(DatabaseCall::execute), 1);
}

TEST_F(EndedSession, P9LeaseThatCannotBeRenewedInTimeEndsTheStepAsLost) {
  target_.breaks.next(DatabaseCall::execute, {ended_session});
  lease_.answer({fail(ErrorKind::retry, "no answer")});
  const StepRun done = run_step();
  ASSERT_FALSE(done.end);
  EXPECT_EQ(done.end.error().kind, ErrorKind::lease_lost);
}

TEST_F(EndedSession, P9CommitOfAnEndedSessionThatWasNotDoneIsRepeatedAfterARenewal) {
  target_.breaks.next(DatabaseCall::commit, {{false, ErrorKind::unknown_outcome, true}});
  const StepRun done = run_step(0);
  ASSERT_TRUE(done.end) << done.end.error().message;
  EXPECT_EQ(lease_.renewals(), 1);
  EXPECT_EQ(target_store_.committed().statements.size(), 1U);
}

TEST_F(EndedSession, P22StopIsNotHeldUp) {
  std::stop_source source;
  target_.breaks.before(DatabaseCall::execute, [&] { source.request_stop(); });
  target_.breaks.next(DatabaseCall::execute, {ended_session});
  const StepRun done = run_step(0, source.get_token());
  ASSERT_TRUE(done.end) << done.end.error().message;
  EXPECT_EQ(*done.end, StepEnd::stopped);
  EXPECT_EQ(lease_.renewals(), 0);
}

TEST_F(EndedSession, OrdinaryErrorsRenewNothing) {
  target_.breaks.next(DatabaseCall::execute, {not_done});
  ASSERT_TRUE(run_step(1).end);
  EXPECT_EQ(lease_.renewals(), 0);
}

}  // namespace
}  // namespace baton
