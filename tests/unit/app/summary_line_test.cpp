#include "app/commands.h"
#include "app/run_once.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

OnceReport report_of(const StepCounts& first, const StepCounts& second, Duration elapsed) {
  OnceReport report;
  report.job = "prices";
  report.elapsed = elapsed;
  report.execution.emplace();
  report.execution->status = BatchStatus::completed;
  report.execution->steps.resize(2);
  report.execution->steps[0].counts = first;
  report.execution->steps[1].counts = second;
  return report;
}

TEST(SummaryLine, CountsAllStepsAndWhatWasReadIsWrittenFilteredOrRejected) {
  StepCounts first, second;
  first.read = 90;
  first.write = 80;
  first.filter = 5;
  first.process_skip = 5;
  first.read_skip = 10;
  second.read = second.write = 100;
  EXPECT_EQ(summary_line(report_of(first, second, Duration(4'000))),
            "prices COMPLETED: read 200, written 180, filtered 5, rejected 15, 4.00 s, 50 rows/s");
}

TEST(SummaryLine, NoTimeIsNoDivisionByZero) {
  StepCounts counts;
  counts.read = counts.write = 3;
  EXPECT_EQ(summary_line(report_of(counts, {}, Duration(0))),
            "prices COMPLETED: read 3, written 3, filtered 0, rejected 0, 0.00 s, 3000 rows/s");
}

TEST(SummaryLine, AJobThatDidNotRunSaysSo) {
  OnceReport report;
  report.job = "prices";
  EXPECT_EQ(summary_line(report), "prices: not run");
}

TEST(Rfc3339, IsUtcWithMilliseconds) {
  EXPECT_EQ(rfc3339(WallTime(std::chrono::milliseconds(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(WallTime(std::chrono::milliseconds(1'709'210'096'007))), "2024-02-29T12:34:56.007Z");
}

}  // namespace
}  // namespace baton
