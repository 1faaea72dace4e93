#include "tests/process/monitored_replicas.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace baton {
namespace {

constexpr Duration patience(20'000);

std::pair<std::string, std::string> parts_of(const std::string& alert) {
  const std::size_t blank = alert.find(' ');
  if (blank == std::string::npos) return {alert, ""};
  return {alert.substr(0, blank), alert.substr(blank + 1)};
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text + "\n").find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

void MonitoredTest::configure_unwatched(int tokens, const std::string& jobs, const std::string& file,
                                        const std::string& more) const {
  ReplicaConfig config;
  config.tokens = tokens;
  stores_->choose_in(config);
  config.stores += more;
  config.jobs = jobs;
  workspace_.write(file, config.text());
}

void MonitoredTest::configure_with(int tokens, const std::string& jobs, const MonitoringKeys& monitoring,
                                   const std::string& file) const {
  ReplicaConfig config;
  config.tokens = tokens;
  stores_->choose_in(config);
  config.stores += "monitoring: { grace: 1s" + monitoring.more + ", global: { " + monitoring.monitors +
                   " } }\nalerts: { sinks: [ { " + monitoring.sink + " } ] }\n";
  config.timings = monitoring.timings;
  config.jobs = jobs;
  workspace_.write(file, config.text());
}

std::vector<std::string> MonitoredTest::jobs_of(const Replica& replica) const {
  const std::string id = id_of(replica);
  std::vector<std::string> jobs;
  if (id.empty()) return jobs;
  for (const LeaseRecord& lease : stores_->leases().list(patience).value_or(std::vector<LeaseRecord>())) {
    const bool monitors = lease.key == "m1" || lease.key == "m2";
    if (!lease.released && lease.owner_name == id && !monitors) jobs.push_back(lease.key);
  }
  std::sort(jobs.begin(), jobs.end());
  return jobs;
}

LeaseRecord MonitoredTest::take_as_stranger(const std::string& key, Duration duration) {
  LeaseRecord mine{key, "stranger", duration, "", false, std::nullopt};
  EXPECT_TRUE(await([&] {
    const auto seen = stores_->leases().read(key, patience);
    mine.version = uuid(random_);
    return seen && stores_->leases().take(mine, *seen, patience);
  }));
  return mine;
}

void MonitoredTest::give_back(const LeaseRecord& taken) {
  const Status released = stores_->leases().release(taken.key, taken.owner_name, taken.version, patience);
  EXPECT_TRUE(released) << released.error().message;
}

std::string MonitoredTest::alerts(bool over) const {
  return repository(std::string("SELECT rtrim(kind || ' ' || subject) FROM baton_alert WHERE resolved_at IS ") +
                    (over ? "NOT NULL" : "NULL") + " ORDER BY 1");
}

bool MonitoredTest::await_alert(const std::string& alert) const {
  return await([&] { return has_line(alerts(false), alert); });
}

bool MonitoredTest::await_over(const std::string& alert) const {
  return await([&] { return has_line(alerts(true), alert) && !has_line(alerts(false), alert); });
}

void MonitoredTest::expect_found(const std::string& alert, Moment since, std::chrono::milliseconds bound) const {
  ASSERT_TRUE(await_alert(alert)) << alert;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now_steady() - since);
  EXPECT_LE(took.count(), 3 * bound.count()) << alert;
  RecordProperty("found_after_ms", std::to_string(took.count()) + " of " + std::to_string(bound.count()));
  std::printf("%s: found after %lld ms, bound %lld ms\n", alert.c_str(), static_cast<long long>(took.count()),
              static_cast<long long>(bound.count()));
}

std::size_t MonitoredTest::told(const std::string& event, const std::string& alert) const {
  if (!workspace_.exists("alerts.log")) return 0;
  const auto [kind, subject] = parts_of(alert);
  return times(workspace_.read("alerts.log"),
               R"({"event":")" + event + R"(","kind":")" + kind + R"(","subject":")" + subject + "\"");
}

void MonitoredTest::count_notices(const std::string& alert) const {
  EXPECT_EQ(told("begun", alert), 1U) << alert;
  EXPECT_EQ(told("ended", alert), 1U) << alert;
}

bool MonitoredTest::await_beats(std::int64_t beats) const {
  const auto counters = [&] {
    std::map<std::string, std::int64_t> found;
    std::istringstream rows(repository("SELECT id, counter FROM baton_replica"));
    for (std::string id, counter; std::getline(rows, id, '|') && std::getline(rows, counter);) {
      found[id] = std::stoll(counter);
    }
    return found;
  };
  const auto before = counters();
  return await([&] {
    const auto now = counters();
    return std::any_of(before.begin(), before.end(), [&](const auto& one) {
      const auto known = now.find(one.first);
      return known != now.end() && known->second >= one.second + beats;
    });
  });
}

// A notice that is not known to be delivered is claimed three heartbeats later, by a look that comes in each.
void MonitoredTest::expect_told_once(const std::string& alert) {
  ASSERT_TRUE(await_over(alert)) << alert;
  EXPECT_TRUE(await([&] { return told("ended", alert) >= 1; })) << alert;
  ASSERT_TRUE(await_beats(5)) << "no replica beats";
  count_notices(alert);
  told_once_.push_back(alert);
}

void MonitoredTest::TearDown() {
  for (const std::string& alert : told_once_) count_notices(alert);
}

}  // namespace baton
