// The native step: at least once (P14), from where it saved.
#include "batch/native_step.h"
#include "tests/unit/batch/batch_fixture.h"

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class NativeStepRun : public BatchTest {
 protected:
  // Each time a step of its own, as sessions make them.
  StepRun work(const NativeWork& work, std::stop_token stop = {}) {
    return run(*make_native_step(plan_, work, &repository_), stop);
  }
  // Counts from what was saved up to `end`, saving each number; where the lease is lost it ends the way that says so.
  NativeWork count_to(int end) {
    return [this, end](NativeContext& context) -> Result<StepEnd> {
      for (int i = std::stoi(context.saved.value_or("0")) + 1; i <= end; ++i) {
        if (context.stop.stop_requested()) return StepEnd::stopped;
        counted_.push_back(i);
        ++context.counts.write;
        BATON_CHECK(context.save(std::to_string(i)));
      }
      return StepEnd::completed;
    };
  }
  std::optional<Progress> progress() { return memory_repository_.read_progress({"repository-1", 1, "work"}).value(); }

  NativePlan plan_{"work", "print-1"};
  std::vector<int> counted_;
};

TEST_F(NativeStepRun, WorkSeesTheRunAndTheSameKeyEachTime) {
  std::vector<std::string> keys;
  const auto step = make_native_step({"work"}, [&](NativeContext& context) -> Result<StepEnd> {
    EXPECT_EQ(context.job, "job");
    EXPECT_EQ(context.instance, 1);
    EXPECT_EQ(context.execution, static_cast<std::int64_t>(keys.size()) + 1);
    EXPECT_EQ(context.step, "work");
    EXPECT_EQ(context.fence, 1);
    EXPECT_EQ(context.parameter("run.id"), "1");
    EXPECT_EQ(context.parameter("region"), std::nullopt);
    EXPECT_TRUE(context.still_owned());
    EXPECT_FALSE(context.saved);
    context.progressed();
    context.counts.write = 7;
    keys.push_back(context.idempotency_key);
    return StepEnd::completed;
  });
  EXPECT_EQ(run(*step).row.counts.write, 7);
  run(*step);
  EXPECT_THAT(keys, ElementsAre("job/1/work/0", "job/1/work/0"));
}

TEST_F(NativeStepRun, ErrorIsTheStepsFailure) {
  const StepRun done =
      work([](NativeContext&) -> Result<StepEnd> { return fail(ErrorKind::invalid, "no such thing"); });
  EXPECT_EQ(done.end.error().message, "no such thing");
  EXPECT_FALSE(progress());
}

TEST_F(NativeStepRun, SavedThenTheNextExecutionGoesOnThere) {
  EXPECT_EQ(work([&](NativeContext& context) -> Result<StepEnd> {
              BATON_CHECK(context.save("2"));
              EXPECT_EQ(context.saved, "2");
              return fail(ErrorKind::invalid, "out of paper");
            })
                .end.error()
                .message,
            "out of paper");
  EXPECT_EQ(work(count_to(4)).end, StepEnd::completed);
  EXPECT_THAT(counted_, ElementsAre(3, 4));
}

TEST_F(NativeStepRun, SavedThenTheCountsAreCommittedWithIt) {
  repository_.breaks.next(DatabaseCall::commit, {refused}, 3);  // dies there
  const StepRun first = work(count_to(5));
  EXPECT_EQ(first.end.error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(progress()->counts.write, 3);
  EXPECT_EQ(progress()->counts.commit, 3);
  const StepRun second = work(count_to(5));
  EXPECT_EQ(second.row.counts.write, 2);
  EXPECT_EQ(second.row.counts.commit, 3) << "the end too";
  EXPECT_EQ(progress()->counts.write, 5);
  EXPECT_EQ(progress()->counts_before.write, 3);
  EXPECT_EQ(progress()->step_execution_id, second.row.id);
  EXPECT_EQ(memory_repository_.last_durability(), Durability::full);
}

TEST_F(NativeStepRun, CompletedAfterItSavedThenItIsNotDoneAgain) {
  EXPECT_EQ(work(count_to(3)).end, StepEnd::completed);
  EXPECT_TRUE(progress()->complete);
  EXPECT_EQ(work(count_to(5)).end, StepEnd::completed);
  EXPECT_THAT(counted_, ElementsAre(1, 2, 3));
}

TEST_F(NativeStepRun, CompletedWithoutASaveThenNothingIsCommitted) {
  EXPECT_EQ(work(count_to(0)).end, StepEnd::completed);
  EXPECT_EQ(repository_.breaks.count(DatabaseCall::begin), 0);
}

TEST_F(NativeStepRun, OtherOptionsThenNothingOfTheOldOnesIsHandedOver) {
  repository_.breaks.next(DatabaseCall::commit, {refused}, 2);
  work(count_to(3));
  plan_.fingerprint = "print-2";
  counted_.clear();
  EXPECT_EQ(work(count_to(2)).end, StepEnd::completed);
  EXPECT_THAT(counted_, ElementsAre(1, 2));
  EXPECT_THAT(listener_.notes, ElementsAre(HasSubstr("begins anew")));
}

TEST_F(NativeStepRun, P12LeaseIsLostThenNothingIsSavedWhateverTheWorkSays) {
  repository_.breaks.next(DatabaseCall::commit, {refused}, 1);
  const StepRun done = work([&](NativeContext& context) -> Result<StepEnd> {
    EXPECT_TRUE(context.save("1"));
    const Status saved = context.save("2");
    EXPECT_EQ(saved.error().kind, ErrorKind::lease_lost);
    EXPECT_TRUE(context.stop.stop_requested());
    EXPECT_EQ(context.saved, "1");
    return StepEnd::completed;
  });
  EXPECT_EQ(done.end.error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(progress()->low_water.key, "1");
}

TEST_F(NativeStepRun, P12UnknownOutcomeIsReadBackAndNotSavedTwice) {
  repository_.breaks.next(DatabaseCall::commit, {lost_answer, lost_request}, 1);
  const StepRun done = work(count_to(3));
  EXPECT_EQ(done.end, StepEnd::completed);
  EXPECT_THAT(counted_, ElementsAre(1, 2, 3));
  EXPECT_EQ(done.row.counts.commit, 4) << "the end too";
  EXPECT_EQ(progress()->revision, 4);
  EXPECT_EQ(step_row_lost_, "");
}

TEST_F(NativeStepRun, StopIsAskedForThenTheNextSaveNoticesIt) {
  const StepRun done = work([&](NativeContext& context) -> Result<StepEnd> {
    EXPECT_TRUE(control_.request_stop("job", "anna"));
    EXPECT_FALSE(context.stop.stop_requested());
    BATON_CHECK(context.save("1"));
    EXPECT_TRUE(context.stop.stop_requested());
    return StepEnd::stopped;
  });
  EXPECT_EQ(done.end, StepEnd::stopped);
}

TEST_F(NativeStepRun, StopOfTheProcessReachesTheWork) {
  std::stop_source stop;
  const StepRun done = work(
      [&](NativeContext& context) -> Result<StepEnd> {
        stop.request_stop();
        return context.stop.stop_requested() ? StepEnd::stopped : StepEnd::completed;
      },
      stop.get_token());
  EXPECT_EQ(done.end, StepEnd::stopped);
}

TEST_F(NativeStepRun, TextThatCannotBeKeptIsRefused) {
  work([&](NativeContext& context) -> Result<StepEnd> {
    EXPECT_THAT(context.save("a\xff").error().message, HasSubstr("not UTF-8 at byte 2"));
    EXPECT_THAT(context.save(std::string(65'537, 'x')).error().message, HasSubstr("65536 at most"));
    EXPECT_TRUE(context.save(std::string(65'536, 'x')));
    EXPECT_TRUE(context.save(std::string("a\0ü", 4)));
    return StepEnd::completed;
  });
  EXPECT_EQ(progress()->low_water.key, std::string("a\0ü", 4));
}

}  // namespace
}  // namespace baton
