// What a Deployment does to pods, done to real processes while their loads run: each job keeps an owner but for a
// moment, rows are exact, and a graceful end leaves STOPPED executions that others carry on, never FAILED ones. `make
// test` takes a sample; BATON_SOAK=1 takes every case on every store.
//   BATON_ROLLING_REPORT=FOLDER   every gap in FOLDER/gaps.csv (store, case, class, job, milliseconds), and a picture
//                                 of each case: who owned which job when
#include "tests/process/process_test.h"
#include "tests/process/rolling/deployment.h"
#include "tests/process/rolling/ownership_drawing.h"
#include "tests/process/rolling/rolling_stores.h"
#include "tests/process/soak.h"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>

namespace baton {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds refresh(200);
// How far apart two processes may tell of the same moment.
constexpr milliseconds log_jitter(500);
constexpr int replicas = 3, spread_out = 4;  // as many as jobs: each has one then (P20)
constexpr int records = 100'000;
constexpr int slower_than_alone = 3;  // how much a machine with other work may take

enum class Case { no_surge, surge, recreate, eviction, node_loss, stuck, scale_up, scale_down };

struct Trial {
  const char* store;
  Case what;
  const char* name;
};

void PrintTo(const Trial& trial, std::ostream* out) { *out << trial.store << trial.name; }

// `make test` runs these.
bool in_sample(const Trial& trial) {
  const std::string name = std::string(trial.store) + trial.name;
  return name == "SQLiteNoSurge" || name == "SQLiteStuck" || name == "PostgreSQLNoSurge" ||
         name == "PostgreSQLNodeLoss" || name == "DynamoDBNoSurge";
}

// ctest asks for the names when it is built: the soak's are there too.
std::vector<Trial> trials() {
  std::vector<Trial> all;
  for (const char* store : {"SQLite", "PostgreSQL", "DynamoDB"}) {
    for (const auto& [what, name] : {std::pair(Case::no_surge, "NoSurge"), std::pair(Case::surge, "Surge"),
                                     std::pair(Case::recreate, "Recreate"), std::pair(Case::eviction, "Eviction"),
                                     std::pair(Case::node_loss, "NodeLoss"), std::pair(Case::stuck, "Stuck"),
                                     std::pair(Case::scale_up, "ScaleUp"), std::pair(Case::scale_down, "ScaleDown")}) {
      all.push_back({store, what, name});
    }
  }
  return all;
}

std::string tick(const std::string& job, const std::string& delay) {
  return "  " + job + ": { schedule: { fixed_delay: " + delay +
         " }, steps: [ { name: s, sql: { connection: warehouse, statement: \"INSERT INTO ticks VALUES ('" + job +
         "')\" } } ] }\n";
}

std::string load(const std::string& job) {
  return "  " + job +
         ":\n    schedule: { fixed_delay: 500ms }\n    steps:\n      - name: load\n"
         "        read: { csv: { path: prices.csv } }\n        write: { table: { connection: warehouse, name: " +
         job + " } }\n        chunk: 500\n";
}

class RollingUpdate : public ProcessTest, public testing::WithParamInterface<Trial> {
 protected:
  void SetUp() override {
    if (!is_soak() && !in_sample(GetParam())) GTEST_SKIP() << "BATON_SOAK=1 takes it";
    workspace_.write("prices.csv", prices(records));
    stores_ = rolling_stores(GetParam().store, workspace_, refresh);
    write_version("v1.yaml", "500ms");
    write_version("v2.yaml", "510ms");
  }

  bool graceful() const { return GetParam().what != Case::node_loss && GetParam().what != Case::stuck; }
  // Where all is released in order no lease runs out: a lost release would be seen.
  milliseconds lease() const { return graceful() ? milliseconds(20'000) : milliseconds(2'000); }

  // 4 jobs; 3 replicas of 2 tokens, so that any two of them can own all.
  void write_version(const std::string& file, const std::string& delay) const {
    workspace_.write(file, "replica: { tokens: 2, shutdown_grace: 10s }\nserver: { listen: \"127.0.0.1:0\" }\n" +
                               stores_->settings(fmt::format("lease: {}ms, heartbeat: 500ms, refresh: {}ms",
                                                             lease().count(), refresh.count())) +
                               "jobs:\n" + tick("tick_1", delay) + tick("tick_2", delay) + load("load_1") +
                               load("load_2"));
  }

  Deployment deploy(int pods) const {
    return {[this](const std::string& config) {
              return workspace_.request({"run", "--config", config});
            },
            "v1.yaml", pods, 4};
  }

  int number(const std::string& answer) const {
    EXPECT_FALSE(answer.empty()) << "a query was refused";
    return answer.empty() ? -1 : std::stoi(answer);
  }
  int count_executions(const std::string& where) const {
    return number(stores_->repository(
        "SELECT count(*) FROM BATCH_JOB_EXECUTION e JOIN BATCH_JOB_INSTANCE i ON i.JOB_INSTANCE_ID = e.JOB_INSTANCE_ID "
        "WHERE " +
        where));
  }
  bool has_rows(const std::string& table) const {
    return number(stores_->warehouse("SELECT count(*) FROM " + table)) > 0;
  }
  // The load that this pod is amid, and not near its end: told to end now, it stops it at its next chunk. Empty: none.
  std::string load_of(Pod& pod) const {
    return stores_->repository(fmt::format(
        "SELECT coalesce(max(i.JOB_NAME), '') FROM BATCH_JOB_EXECUTION e JOIN BATCH_JOB_INSTANCE i ON "
        "i.JOB_INSTANCE_ID = e.JOB_INSTANCE_ID JOIN baton_execution b ON b.job_execution_id = e.JOB_EXECUTION_ID "
        "WHERE i.JOB_NAME LIKE 'load%' AND e.STATUS = 'STARTED' AND b.replica = '{}' AND (SELECT sum(s.WRITE_COUNT) "
        "FROM BATCH_STEP_EXECUTION s JOIN BATCH_JOB_EXECUTION run ON run.JOB_EXECUTION_ID = s.JOB_EXECUTION_ID WHERE "
        "run.JOB_INSTANCE_ID = e.JOB_INSTANCE_ID) BETWEEN 1 AND {}",
        pod.replica(), records / 2));
  }

  bool hold_amid_load(Pod& pod) const {
    if (load_of(pod).empty()) return false;
    pod.hold();
    // P9: inside of a write transaction of SQLite's nobody could take over from one that hangs.
    const bool hangs_alone = GetParam().what != Case::stuck || !stores_->keeps_others_out(pod.process());
    if (hangs_alone && !load_of(pod).empty()) return true;
    pod.go_on();
    return false;
  }

  // Whom to hit: one that is held amid a load of its own. Where one was hit before, and none of these has a load, the
  // oldest.
  Pod& amid_load(const Deployment& pods, const std::vector<Pod*>& candidates) {
    Pod* chosen = candidates.front();
    EXPECT_TRUE(await([&] {
      for (Pod* pod : candidates) {
        if (!hold_amid_load(*pod)) continue;
        chosen = pod;
        hit_amid_load_.push_back(pod->replica());
        return true;
      }
      return !hit_amid_load_.empty() && !own_loads(pods, candidates);
    })) << "a pod is amid a load";
    return *chosen;
  }
  static bool own_loads(const Deployment& pods, const std::vector<Pod*>& candidates) {
    const std::vector<Hold> holds = pods.holds();
    return std::any_of(holds.begin(), holds.end(), [&](const Hold& hold) {
      const auto its = [&](const Pod* pod) { return pod->name() == hold.pod; };
      return hold.job.starts_with("load") && !hold.until && std::any_of(candidates.begin(), candidates.end(), its);
    });
  }

  void disturb(Deployment& pods) {
    const auto choose = [&](const std::vector<Pod*>& some) -> Pod& { return amid_load(pods, some); };
    switch (GetParam().what) {
      case Case::no_surge: ASSERT_TRUE(pods.roll("v2.yaml", {0, 1, false}, choose)); break;
      case Case::surge: ASSERT_TRUE(pods.roll("v2.yaml", {1, 0, false}, choose)); break;
      case Case::recreate: ASSERT_TRUE(pods.roll("v2.yaml", {0, 0, true}, choose)); break;
      case Case::eviction: pods.evict(choose(pods.running())); break;
      case Case::node_loss: pods.lose_node(choose(pods.running())); break;
      case Case::stuck: stick(pods, choose(pods.running())); break;
      case Case::scale_up: ASSERT_TRUE(pods.scale(spread_out, choose)); break;
      case Case::scale_down: ASSERT_TRUE(pods.scale(replicas, choose)); break;
    }
    ASSERT_TRUE(pods.settle()) << "every pod is ready and every job has an owner";
    if (GetParam().what == Case::scale_up) {
      ASSERT_TRUE(await([&] { return pods.each_owns(); })) << "P20: the new one gets its share";
    }
  }

  // Held past its lease, and let go on amid its load when others have taken over.
  void stick(Deployment& pods, Pod& pod) const {
    const std::string load = load_of(pod);
    pod.stop();
    ASSERT_TRUE(await([&] { return pods.all_held(); }));
    pod.go_on();
    ASSERT_TRUE(await([&] { return pod.log().find(load + ": lost its lease") != std::string::npos; })) << load;
  }

  void expect_short_gaps(const std::vector<Gap>& gaps) const {
    EXPECT_FALSE(gaps.empty()) << "jobs changed hands";
    for (const Gap& gap : gaps) {
      EXPECT_GE(gap.length, -log_jitter) << gap.job << ": two owners";
      EXPECT_TRUE(gap.after_release || !graceful()) << gap.job << ": given up without a release";
      if (GetParam().what == Case::recreate) continue;  // nobody is there
      const milliseconds bound = gap.after_release ? stores_->hand_over_bound : lease() + refresh;
      EXPECT_LE(gap.length, slower_than_alone * bound)
          << gap.job << (gap.after_release ? ", released" : ", taken over");
    }
  }

  int count_instances(const std::string& job, const std::string& having) const {
    return number(stores_->repository(
        "SELECT count(*) FROM (SELECT i.JOB_INSTANCE_ID FROM BATCH_JOB_INSTANCE i JOIN BATCH_JOB_EXECUTION e ON "
        "e.JOB_INSTANCE_ID = i.JOB_INSTANCE_ID WHERE i.JOB_NAME = '" +
        job + "' GROUP BY i.JOB_INSTANCE_ID HAVING " + having + ") AS instances"));
  }
  int count_ids(const std::string& job, const std::string& what, const std::string& having) const {
    return number(stores_->warehouse("SELECT " + what + " FROM (SELECT id, count(*) AS n FROM " + job +
                                     " GROUP BY id HAVING " + having + ") AS ids"));
  }

  // Each completed run has written each record once; one that is unfinished has written the first ones, once.
  void expect_exact_rows() const {
    const std::string completions = "sum(CASE WHEN e.STATUS = 'COMPLETED' THEN 1 ELSE 0 END)";
    for (const std::string job : {"load_1", "load_2"}) {
      const int done = count_instances(job, completions + " = 1");
      EXPECT_EQ(count_instances(job, completions + " > 1"), 0) << job << ": no run completes twice";
      EXPECT_GT(done, 0) << job;
      EXPECT_EQ(
          count_ids(job, "count(*)", "count(*) BETWEEN " + std::to_string(done) + " AND " + std::to_string(done + 1)),
          records)
          << job << ": each record once for each of " << done << " runs";
      const std::string once_more = "count(*) = " + std::to_string(done + 1);
      EXPECT_EQ(count_ids(job, "count(*)", once_more), count_ids(job, "coalesce(max(id), 0)", once_more))
          << job << ": the first ones of the run that is unfinished";
    }
    for (const std::string job : {"tick_1", "tick_2"}) {
      const int rows = number(stores_->warehouse("SELECT count(*) FROM ticks WHERE job = '" + job + "'"));
      const int completed = count_executions("i.JOB_NAME = '" + job + "' AND e.STATUS = 'COMPLETED'");
      // Of one that was killed between its statement's commit and its own end, the next execution knows that it is
      // done.
      EXPECT_GE(rows, completed) << job;
      EXPECT_LE(rows, completed + (graceful() ? 0 : 1)) << job << ": one row a run";
    }
  }

  void expect_whole_history() const {
    EXPECT_EQ(count_executions("e.STATUS NOT IN ('COMPLETED', 'STOPPED', 'FAILED') OR e.END_TIME IS NULL"), 0);
    EXPECT_EQ(number(stores_->repository(
                  "SELECT count(*) FROM (SELECT e.START_TIME AS began, lag(e.END_TIME) OVER (PARTITION BY i.JOB_NAME "
                  "ORDER BY e.JOB_EXECUTION_ID) AS ended FROM BATCH_JOB_EXECUTION e JOIN BATCH_JOB_INSTANCE i ON "
                  "i.JOB_INSTANCE_ID = e.JOB_INSTANCE_ID) AS runs WHERE ended > began")),
              0)
        << "no two executions of a job at the same time";
    if (!graceful()) return;
    EXPECT_EQ(count_executions("e.STATUS = 'FAILED'"), 0) << "who is told to end stops its runs";
  }

  // What was stopped or died has gone on since, and each load has come to its end.
  void expect_carried_on() const {
    const std::string cut_short = "e.STATUS IN ('STOPPED', 'FAILED')";
    const std::string nothing_later =
        " AND NOT EXISTS (SELECT 1 FROM BATCH_JOB_EXECUTION later WHERE later.JOB_INSTANCE_ID = e.JOB_INSTANCE_ID AND "
        "later.JOB_EXECUTION_ID > e.JOB_EXECUTION_ID)";
    // Who takes over from the dead closes what they left a moment later (P15).
    const std::string of_the_hit =
        fmt::format("e.JOB_EXECUTION_ID IN (SELECT job_execution_id FROM baton_execution WHERE replica IN ('{}'))",
                    fmt::join(hit_amid_load_, "', '"));
    EXPECT_TRUE(await([&] { return count_executions("e.STATUS = 'STARTED' AND " + of_the_hit) == 0; }));
    EXPECT_TRUE(await([&] { return count_executions(cut_short + nothing_later) == 0; }));
    EXPECT_TRUE(await([&] {
      return count_executions("i.JOB_NAME = 'load_1' AND e.STATUS = 'COMPLETED'") > 0 &&
             count_executions("i.JOB_NAME = 'load_2' AND e.STATUS = 'COMPLETED'") > 0;
    }));
    if (GetParam().what == Case::scale_up) {
      EXPECT_EQ(count_executions(cut_short), 0) << "P20: only a job that is idle is given away";
    } else {
      EXPECT_FALSE(hit_amid_load_.empty());
      EXPECT_GE(count_executions("i.JOB_NAME LIKE 'load%' AND " + cut_short + " AND " + of_the_hit),
                static_cast<int>(hit_amid_load_.size()))
          << "it was disturbed amid a load";
    }
  }

  void report(const std::vector<Hold>& holds) const {
    const std::string folder = setting("BATON_ROLLING_REPORT");
    if (folder.empty()) return;
    std::ofstream gaps(folder + "/gaps.csv", std::ios::app);
    for (const Gap& gap : ownership_gaps(holds)) {
      gaps << fmt::format("{},{},{}-{},{},{}\n", GetParam().store, GetParam().name,
                          gap.job.starts_with("load") ? "loading" : "idle", gap.after_release ? "released" : "lost",
                          gap.job, std::max(milliseconds(0), gap.length).count());
    }
    const std::string name = std::string(GetParam().store) + "-" + GetParam().name;
    std::ofstream(folder + "/" + name + ".svg")
        << ownership_svg(std::string(GetParam().store) + ", " + GetParam().name + ": who owned which job", holds);
  }

  std::unique_ptr<RollingStores> stores_;
  std::vector<std::string> hit_amid_load_;  // the replicas
};

TEST_P(RollingUpdate, WhileLoadsRunThenShortGapsExactRowsAndAWholeHistory) {
  const Case what = GetParam().what;
  Deployment pods = deploy(what == Case::scale_up ? replicas - 1 : what == Case::scale_down ? spread_out : replicas);
  ASSERT_TRUE(pods.settle());
  ASSERT_TRUE(await([&] { return has_rows("load_1") && has_rows("load_2"); }));
  if (what == Case::scale_down) {
    ASSERT_TRUE(await([&] { return pods.each_owns(); }));
  }
  disturb(pods);
  if (HasFatalFailure()) return;
  expect_carried_on();
  const auto over = std::chrono::system_clock::now();
  for (const int code : pods.end()) EXPECT_EQ(code, 0);
  std::vector<Hold> holds = pods.holds();  // whole logs: no release that is yet to be told
  std::erase_if(holds, [&](const Hold& hold) { return hold.from > over; });

  expect_short_gaps(ownership_gaps(holds));
  expect_exact_rows();
  expect_whole_history();
  report(holds);
}

INSTANTIATE_TEST_SUITE_P(Deployment, RollingUpdate, testing::ValuesIn(trials()),
                         [](const auto& one) { return std::string(one.param.store) + one.param.name; });

}  // namespace
}  // namespace baton
