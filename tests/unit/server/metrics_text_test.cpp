#include "server/metrics_text.h"

#include "tests/doubles/program.h"
#include "tests/doubles/temporary_folder.h"
#include "tests/unit/server/fake_observed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fstream>

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class MetricsText : public testing::Test {
 protected:
  std::string text() const { return metrics_text(shown_); }

  MetricsSnapshot shown_ = FakeObserved().shown;
};

TEST_F(MetricsText, NothingHappenedYetThenEverySeriesIsThere) {
  shown_.jobs = {job_metrics("prices")};
  shown_.runs = {{"prices", "", "COMPLETED", {}}, {"prices", "load", "FAILED", {}}};
  shown_.steps = {{"prices", "load", std::nullopt}};
  shown_.states = {"late", "paused"};
  shown_.alerts = {{"unowned", 0}};
  shown_.monitors = {{"monitoring-1", 60, 0}};
  for (const char* const line : {
           "baton_replica_info{replica=\"host-1\",version=\"1.2.3\"} 1\n",
           "baton_lease_trust_left_seconds +Inf\n",
           "baton_lease_renewals_total 0\n",
           "baton_lease_renewal_seconds_count 0\n",
           "baton_lease_losses_total{job_name=\"prices\",running=\"true\"} 0\n",
           "baton_job_last_success_timestamp_seconds{job_name=\"prices\"} NaN\n",
           "baton_job_state{job_name=\"prices\",state=\"late\"} 0\n",
           "baton_rows_rejected_total{job_name=\"prices\"} 0\n",
           "baton_refused_commits_total{job_name=\"prices\"} 0\n",
           "baton_alerts_open{kind=\"unowned\"} 0\n",
           "baton_monitor_last_pass_timestamp_seconds{monitor=\"monitoring-1\"} 0\n",
           "baton_monitor_pass_seconds_count{monitor=\"monitoring-1\"} 0\n",
           "spring_batch_job_seconds_count{error=\"none\",spring_batch_job_name=\"prices\","
           "spring_batch_job_status=\"COMPLETED\"} 0\n",
           "spring_batch_step_seconds_max{error=\"failure\",spring_batch_step_job_name=\"prices\","
           "spring_batch_step_name=\"load\",spring_batch_step_status=\"FAILED\"} 0\n",
           "spring_batch_job_active_seconds_count{spring_batch_job_active_name=\"prices\","
           "spring_batch_job_name=\"prices\"} 0\n",
           "spring_batch_step_active_seconds_max{spring_batch_step_job_name=\"prices\","
           "spring_batch_step_name=\"load\"} 0\n",
           "spring_batch_job_launch_count_total 0\n",
       }) {
    EXPECT_THAT(text(), HasSubstr(line));
  }
}

TEST_F(MetricsText, ValuesThenTheyStandInTheirSeries) {
  JobMetrics job = job_metrics("prices");
  job.owned = true;
  job.running_for = 2.5;
  job.paused_since = 1.6e9;
  job.state = "late";
  job.last_success = 1700000000.25;
  job.start_lateness = {3, 0.75, 0.5};
  job.rows_written = 12345678901;
  job.losses_running = 2;
  shown_.states = {"late", "paused"};
  shown_.jobs = {job};
  shown_.runs = {{"prices", "", "FAILED", {4, 8.5, 3}}};
  shown_.steps = {{"prices", "load", 1.25}};
  shown_.least_trust_left = 9.5;
  EXPECT_THAT(text(), AllOf(HasSubstr("\nbaton_job_owned{job_name=\"prices\"} 1\n"),
                            HasSubstr("\nbaton_job_running{job_name=\"prices\"} 1\n"),
                            HasSubstr("\nbaton_job_paused{job_name=\"prices\"} 1\n"),
                            HasSubstr("\nbaton_job_paused_timestamp_seconds{job_name=\"prices\"} 1600000000\n"),
                            HasSubstr("\nbaton_job_state{job_name=\"prices\",state=\"late\"} 1\n"),
                            HasSubstr("\nbaton_job_state{job_name=\"prices\",state=\"paused\"} 0\n")));
  EXPECT_THAT(text(), AllOf(HasSubstr("\nspring_batch_step_active_seconds_count{spring_batch_step_job_name=\"prices\","
                                      "spring_batch_step_name=\"load\"} 1\n"),
                            HasSubstr("spring_batch_step_active_seconds_sum{spring_batch_step_job_name=\"prices\","
                                      "spring_batch_step_name=\"load\"} 1.25\n")));
  EXPECT_THAT(text(), AllOf(HasSubstr("_last_success_timestamp_seconds{job_name=\"prices\"} 1700000000.25\n"),
                            HasSubstr("_start_lateness_seconds_count{job_name=\"prices\"} 3\n"),
                            HasSubstr("_start_lateness_seconds_sum{job_name=\"prices\"} 0.75\n"),
                            HasSubstr("_start_lateness_seconds_max{job_name=\"prices\"} 0.5\n"),
                            HasSubstr("\nbaton_rows_written_total{job_name=\"prices\"} 12345678901\n"),
                            HasSubstr("\nbaton_lease_trust_left_seconds 9.5\n"),
                            HasSubstr("baton_lease_losses_total{job_name=\"prices\",running=\"true\"} 2\n")));
  EXPECT_THAT(text(), AllOf(HasSubstr("spring_batch_job_active_seconds_sum{spring_batch_job_active_name=\"prices\","
                                      "spring_batch_job_name=\"prices\"} 2.5\n"),
                            HasSubstr("spring_batch_job_seconds_sum{error=\"failure\",spring_batch_job_name=\"prices\","
                                      "spring_batch_job_status=\"FAILED\"} 8.5\n")));
}

TEST_F(MetricsText, NobodyJudgesJobsThenNoStates) { EXPECT_THAT(text(), Not(HasSubstr("baton_job_state"))); }

TEST_F(MetricsText, ANameWithQuotesThenItIsEscaped) {
  shown_.jobs = {job_metrics("a \"b\"\\c\nd")};
  EXPECT_THAT(text(), HasSubstr(R"(baton_job_owned{job_name="a \"b\"\\c\nd"} 0)"));
}

TEST_F(MetricsText, NumbersThenNoneLosesADigit) {
  JobMetrics job = job_metrics("prices");
  job.rows_read = (1ULL << 53) - 1;
  job.rows_written = 100'000;
  job.next_start = 1700000000.123456;
  job.grace = 1e300;
  job.expected_interval = 1e-7;
  shown_.jobs = {job};
  EXPECT_THAT(text(),
              AllOf(HasSubstr("baton_rows_read_total{job_name=\"prices\"} 9007199254740991\n"),
                    HasSubstr("baton_rows_written_total{job_name=\"prices\"} 100000\n"),
                    HasSubstr("baton_job_next_start_timestamp_seconds{job_name=\"prices\"} 1700000000.123456\n"),
                    HasSubstr("baton_job_grace_seconds{job_name=\"prices\"} 1e+300\n"),
                    HasSubstr("baton_job_expected_interval_seconds{job_name=\"prices\"} 1e-07\n")));
}

TEST_F(MetricsText, CheckedByPromtoolThenNoComplaint) {
  shown_.jobs = {job_metrics("prices"), job_metrics("rates")};
  shown_.runs = {{"prices", "", "COMPLETED", {}}, {"prices", "load", "FAILED", {}}};
  shown_.states = {"late"};
  shown_.alerts = {{"unowned", 0}};
  shown_.monitors = {{"monitoring-1", 60, 0}};
  const TemporaryFolder folder;
  std::ofstream(folder.file("metrics")) << text();
  const ProgramEnd end = run_to_end({{"sh", "-c", "promtool check metrics < " + folder.file("metrics")}, {}, {}, {}});
  EXPECT_EQ(end.exit_code, 0) << end.output << end.errors;
}

}  // namespace
}  // namespace baton
