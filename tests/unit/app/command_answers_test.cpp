// What is said where a job is asked for that there is not.
#include "app/commands.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;

Config one_job_and_a_monitor() {
  Config config;
  config.file = "baton.yaml";
  config.jobs.emplace_back().name.value = "load";
  config.monitoring.monitors.emplace_back().name.value = "monitoring-1";
  return config;
}

TEST(FindJob, UnknownThenTheJobsThatThereAre) {
  const Config config = one_job_and_a_monitor();
  EXPECT_TRUE(find_job(config, "load"));
  const auto found = find_job(config, "lod");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("has no job \"lod\"; its jobs are: load"));
}

TEST(FindJob, NameOfAMonitorThenThatItIsOne) {
  const auto found = find_job(one_job_and_a_monitor(), "monitoring-1");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("\"monitoring-1\" is a global monitor, not a job"));
}

}  // namespace
}  // namespace baton
