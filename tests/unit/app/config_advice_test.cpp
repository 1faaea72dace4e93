// What `validate` warns of.
#include "app/config_advice.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfigAdvice, SinksWithoutAMonitorThenWhereAndTheNextStep) {
  Config config;
  config.file = "baton.yaml";
  config.alerts.sinks.emplace_back(LogSinkConfig{});
  EXPECT_THAT(advice_on(config), ElementsAre(AllOf(HasSubstr("baton.yaml"), HasSubstr("alerts.sinks"),
                                                   HasSubstr("nobody of jobs that no replica owns"),
                                                   HasSubstr("monitoring-1: { every: 1m }"))));
}

TEST(ConfigAdvice, SinksWithAMonitorOrNoneThenNothing) {
  Config config;
  EXPECT_THAT(advice_on(config), IsEmpty());
  config.alerts.sinks.emplace_back(LogSinkConfig{});
  config.monitoring.monitors.emplace_back();
  EXPECT_THAT(advice_on(config), IsEmpty());
}

}  // namespace
}  // namespace baton
