// A Spring application of two pods is taken over by Baton, pod by pod, and given back: the tables are those that Spring
// Batch's script makes, the locks are AWS's lock client's, the files those of examples/migrate-from-spring.
#include "tests/doubles/dynalite.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/workspace.h"
#include "tests/interop/java_peer.h"
#include "tests/interop/lock_watch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

namespace baton {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

const std::string example = BATON_SOURCE_DIR "/examples/migrate-from-spring";
const std::vector<std::string> jobs = {"accounts", "positions", "prices", "trades"};
constexpr milliseconds lease(8'000), heartbeat(500), refresh(200);
constexpr milliseconds baton_delay(1'000);  // Java's is shorter, so that it can be told apart
// The stores' latency, on a machine that has other things to do.
constexpr milliseconds slack(4'000);
// Who waits for a lease that was never released does so for longer than a hand-over may take.
static_assert(lease - heartbeat > refresh + slack + milliseconds(3'000));

std::string all_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The parameter is the generation of Spring Batch, 5 or 6; the pods of 6 are in another time zone.
class Migration : public testing::TestWithParam<int> {
 protected:
  Migration() {
    database_.query(all_of(example + "/tables.sql"));
    make_notes_of_commits();
    workspace_.write("jobs.yaml", jobs_file());
  }

  // Each chunk takes 20 ms at least, and notes when it was about to commit, and by which pod: a deferred trigger fires
  // after all else but the guard.
  void make_notes_of_commits() const {
    database_.query(R"(
CREATE TABLE public.commits (tx bigint, job text, pod text, at_ns bigint, PRIMARY KEY (tx, job));
CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO public.commits VALUES (txid_current(), TG_TABLE_NAME, current_setting(''application_name''), 0)
   ON CONFLICT DO NOTHING; RETURN NULL; END';
CREATE FUNCTION public.stamp() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_sleep(0.02);
   UPDATE public.commits SET at_ns = extract(epoch FROM clock_timestamp()) * 1e9 WHERE tx = NEW.tx AND job = NEW.job;
   RETURN NULL; END';
CREATE CONSTRAINT TRIGGER stamp AFTER INSERT ON public.commits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION public.stamp())");
    for (const std::string& job : jobs) {
      database_.query(fmt::format(
          "CREATE TRIGGER note BEFORE INSERT ON public.{} FOR EACH STATEMENT EXECUTE FUNCTION public.note()", job));
    }
  }

  static std::string zone() { return GetParam() == 6 ? "Asia/Kolkata" : "UTC"; }

  static std::string jobs_file() {
    std::string text =
        fmt::format("repository: {{ zone: {} }}\nlocks: {{ lease: {}ms, heartbeat: {}ms, refresh: {}ms }}\njobs:\n",
                    zone(), lease.count(), heartbeat.count(), refresh.count());
    for (const std::string& job : jobs) {
      text += fmt::format(
          "  {0}:\n    schedule: {{ fixed_delay: {1}ms }}\n    steps:\n      - name: load\n"
          "        read: {{ csv: {{ path: {2}/input/{0}.csv }} }}\n"
          "        write: {{ table: {{ name: public.{0}, mode: upsert, key: [id] }} }}\n        chunk: 20\n",
          job, baton_delay.count(), example);
    }
    return text;
  }

  // What the pods of a Deployment have in common, as Spring's environment variables.
  std::vector<std::pair<std::string, std::string>> environment(const std::string& pod) const {
    const std::string url = database_.url();
    const std::size_t server = url.find('@') + 1;
    const std::size_t colon = url.find(':', url.find("//"));
    return {{"POD_NAME", pod},
            {"SPRING_DATASOURCE_URL",
             fmt::format("jdbc:postgresql://{}?currentSchema=datasync&ApplicationName={}", url.substr(server), pod)},
            {"DB_PASSWORD", url.substr(colon + 1, server - colon - 2)},
            {"DYNAMODB_TABLENAME", locks_.name},
            {"AWS_ENDPOINT_URL_DYNAMODB", dynalite_endpoint().url},
            {"TZ", zone()},
            {"INPUT", example + "/input"},
            {"SCALE_POC_FIXED_DELAY_MS", "300"},
            {"SCALE_POC_LEASE_MS", std::to_string(lease.count())},
            {"SCALE_POC_HEARTBEAT_MS", std::to_string(heartbeat.count())},
            {"SCALE_POC_REFRESH_MS", std::to_string(refresh.count())}};
  }

  ProgramRequest baton(const std::string& pod, std::vector<std::string> arguments) const {
    for (const char* argument : {"--config", properties.c_str(), "--jobs", "jobs.yaml"}) {
      arguments.emplace_back(argument);
    }
    ProgramRequest request = workspace_.request(std::move(arguments));
    request.environment = environment(pod);
    return request;
  }
  ProgramEnd run(const std::string& command) const { return run_to_end(baton("person", {command})); }

  void start_java(const std::string& pod) {
    ProgramRequest request;
    request.argv =
        java_program(fmt::format("{}/batch{}", BATON_INTEROP_PEER, GetParam()), "baton.interop.SpringReplica");
    request.argv.push_back(properties);
    request.environment = environment(pod);
    pods_[pod] = std::make_unique<Program>(request);
    owner_names_[pod] = pod;
  }

  // Its leases bear the replica's id, which is known by its process.
  void start_baton(const std::string& pod) {
    pods_[pod] = std::make_unique<Program>(baton(pod, {"run"}));
    std::string id;
    ASSERT_TRUE(await([&] {
      id = database_.query(fmt::format("SELECT id FROM datasync.baton_replica WHERE pid = {}", pods_[pod]->id()));
      return !id.empty();
    }));
    owner_names_[pod] = id;
  }

  // A hand-over counts from its end: what it releases, it has released by then.
  void terminate(const std::string& pod) {
    pods_[pod]->signal(SIGTERM);
    const int code = pods_[pod]->wait().exit_code;
    ended_at_[pod] = std::chrono::system_clock::now().time_since_epoch();
    EXPECT_EQ(code, pod.starts_with("java") ? 128 + SIGTERM : 0) << pod;
    pods_.erase(pod);
  }

  std::vector<std::string> jobs_of(const std::string& pod) const { return watch_->locks_of(owner_names_.at(pod)); }
  bool await_two_jobs_of(const std::string& pod) const {
    return await([&] { return jobs_of(pod).size() == 2; });
  }

  // Completed runs of these jobs beyond execution `after`: of each, at least so many.
  bool await_runs(const std::vector<std::string>& of, int least, bool javas, std::int64_t after) const {
    return await([&] {
      return std::all_of(of.begin(), of.end(), [&](const std::string& job) {
        return std::stoi(database_.query(fmt::format(
                   "SELECT count(*) FROM datasync.batch_job_execution e JOIN datasync.batch_job_instance USING "
                   "(job_instance_id) WHERE job_name = '{}' AND status = 'COMPLETED' AND job_execution_id > {} AND {} "
                   "EXISTS (SELECT FROM datasync.baton_execution b WHERE b.job_execution_id = e.job_execution_id AND "
                   "fence IS NOT NULL)",
                   job, after, javas ? "NOT" : ""))) >= least;
      });
    });
  }
  std::int64_t newest_execution() const {
    return std::stoll(database_.query("SELECT max(job_execution_id) FROM datasync.batch_job_execution"));
  }

  void java_pods_own_all_jobs();
  void baton_prepares() const;
  void kill_amid_a_load(const std::string& pod, const std::string& job);

  void expect_each_commit_by_its_owner(const LockTimeline& seen) const;
  void expect_handed_over(const LockTimeline& seen, const std::string& job, const std::string& from,
                          const std::vector<std::string>& to, nanoseconds bound) const;
  void expect_one_history() const;
  void expect_java_finds_each_instance() const;
  void expect_delay_counted_from_javas_run(const std::string& job) const;
  void expect_carried_on_at_once(const std::string& job) const;

  const std::string properties = example + "/application.properties";
  TemporaryDatabase database_;
  Workspace workspace_{BATON_BINARY_DIR "/baton"};
  const LockTable locks_{"locks-" + database_.name(), "jobName", std::nullopt};
  std::map<std::string, std::unique_ptr<Program>> pods_;
  std::map<std::string, std::string> owner_names_;  // in the locks
  std::unique_ptr<LockWatch> watch_;
  std::map<std::string, nanoseconds> ended_at_;
};

// The first one makes all tables.
void Migration::java_pods_own_all_jobs() {
  start_java("java-1");
  ASSERT_TRUE(pods_["java-1"]->await_error_text("java-1 started"));
  watch_ = std::make_unique<LockWatch>(locks_);
  ASSERT_TRUE(await_two_jobs_of("java-1"));
  start_java("java-2");
  ASSERT_TRUE(await_two_jobs_of("java-2"));
  ASSERT_TRUE(pods_["java-2"]->await_error_text("COMPLETED", 4));
}

void Migration::baton_prepares() const {
  for (const char* command : {"validate", "doctor", "plan", "migrate"}) {
    const ProgramEnd end = run(command);
    EXPECT_EQ(end.exit_code, 0) << command << ": " << end.output << end.errors;
  }
  EXPECT_THAT(run("doctor").output, testing::HasSubstr(fmt::format(
                                        "Spring Batch {}'s tables, adopted as another program made them", GetParam())));
}

// While it waits to write a row that another session has locked.
void Migration::kill_amid_a_load(const std::string& pod, const std::string& job) {
  const auto session = database_.connect("public");
  ASSERT_TRUE(session->script(fmt::format("BEGIN; SELECT FROM public.{} WHERE id = 50 FOR UPDATE", job)));
  ASSERT_TRUE(await([&] {
    return database_.query(fmt::format("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                                       "application_name = '{}' AND wait_event_type = 'Lock'",
                                       pod)) == "1";
  }));
  ended_at_[pod] = std::chrono::system_clock::now().time_since_epoch();
  pods_[pod]->signal(SIGKILL);
  pods_[pod]->wait();
  pods_.erase(pod);
}

void Migration::expect_each_commit_by_its_owner(const LockTimeline& seen) const {
  const auto commits = lines_of(database_.query("SELECT job, pod, at_ns FROM public.commits ORDER BY at_ns"));
  for (const std::string& commit : commits) {
    std::istringstream fields(commit);
    std::string job, pod, at;
    std::getline(std::getline(std::getline(fields, job, '|'), pod, '|'), at);
    EXPECT_TRUE(seen.may_have_held(job, owner_names_.at(pod), nanoseconds(std::stoll(at)))) << commit;
  }
  EXPECT_GT(commits.size(), 100U);
  fmt::print("{} commits, {} looks at the locks\n", commits.size(), seen.sights());
}

// The last time that `from` lost it.
void Migration::expect_handed_over(const LockTimeline& seen, const std::string& job, const std::string& from,
                                   const std::vector<std::string>& to, nanoseconds bound) const {
  std::optional<OwnerChange> last;
  for (const OwnerChange& change : seen.changes(job)) {
    if (change.from == owner_names_.at(from)) last = change;
  }
  ASSERT_TRUE(last) << job << " was never handed over by " << from << ": " << testing::PrintToString(seen.owners(job));
  std::vector<std::string> heirs;
  for (const std::string& pod : to) heirs.push_back(owner_names_.at(pod));
  EXPECT_THAT(heirs, testing::Contains(last->to)) << job;
  const nanoseconds waited = last->first - ended_at_.at(from);
  EXPECT_LE(waited, bound) << job;
  fmt::print("{}: from {} to {}, {} ms after its end, {} ms without an owner\n", job, from, last->to,
             std::chrono::duration_cast<milliseconds>(waited).count(),
             std::chrono::duration_cast<milliseconds>(last->nobody).count());
}

// The example's own check.
void Migration::expect_one_history() const {
  const std::string history = database_.query(all_of(example + "/history.sql"));
  const auto lines = lines_of(history);
  EXPECT_EQ(lines.size(), jobs.size());
  for (const std::string& line : lines) EXPECT_THAT(line, testing::EndsWith("|yes"));
  fmt::print("job|java|baton|run ids|continuous\n{}\n", history);
}

void Migration::expect_java_finds_each_instance() const {
  for (const std::string& job : jobs) {
    const int runs = std::stoi(
        database_.query(fmt::format("SELECT count(*) FROM datasync.batch_job_instance WHERE job_name = '{}'", job)));
    for (int run = 1; run <= runs; ++run) {
      const nlohmann::json answer =
          JavaPeer::of_generation(GetParam())
              .ask(
                  {{"command", "find"},
                   {"url", database_.url()},
                   {"schema", "datasync"},
                   {"job", job},
                   {"parameters", {{{"name", "run.id"}, {"type", "java.lang.Long"}, {"value", std::to_string(run)}}}}});
      EXPECT_EQ(answer.value("found", false), true) << job << ", run " << run << ": " << answer;
    }
  }
}

// From the end of Java's last run to the start of Baton's first.
void Migration::expect_delay_counted_from_javas_run(const std::string& job) const {
  const auto waited = milliseconds(std::stoll(database_.query(fmt::format(
      "SELECT (extract(epoch FROM min(e.start_time) - (SELECT end_time FROM datasync.batch_job_execution WHERE "
      "job_execution_id = (SELECT max(x.job_execution_id) FROM datasync.batch_job_execution x JOIN "
      "datasync.batch_job_instance j USING (job_instance_id) WHERE j.job_name = '{0}' AND x.job_execution_id < "
      "min(e.job_execution_id)))) * 1000)::bigint FROM datasync.batch_job_execution e JOIN datasync.batch_job_instance "
      "i USING (job_instance_id) JOIN datasync.baton_execution b USING (job_execution_id) WHERE i.job_name = '{0}' AND "
      "fence IS NOT NULL",
      job))));
  EXPECT_GE(waited, baton_delay) << job;
  EXPECT_LE(waited, baton_delay + slack) << job;
}

// What the killed pod had begun: closed, and then not at the next due time.
void Migration::expect_carried_on_at_once(const std::string& job) const {
  EXPECT_EQ(
      database_.query(fmt::format(
          "SELECT b.ended_by, n.reason, x.status FROM datasync.baton_execution b JOIN datasync.batch_job_execution e "
          "USING (job_execution_id) JOIN datasync.batch_job_execution x ON x.job_instance_id = e.job_instance_id "
          "JOIN datasync.baton_execution n ON n.job_execution_id = x.job_execution_id WHERE b.fence IS NULL AND "
          "n.fence IS NOT NULL AND b.job = '{}' AND b.ended_by IS NOT NULL",
          job)),
      "orphaned|carry_on|COMPLETED");
}

TEST_P(Migration, PodsAreExchangedOneByOneAndBackAndEachJobHasOneOwnerAndOneHistory) {
  java_pods_own_all_jobs();
  if (HasFatalFailure()) return;
  const std::vector<std::string> first = jobs_of("java-1"), second = jobs_of("java-2");
  baton_prepares();

  // Beside Java, with nothing to own; then Java's pods go one by one.
  start_baton("baton-1");
  EXPECT_THAT(jobs_of("baton-1"), testing::IsEmpty());
  terminate("java-1");
  ASSERT_TRUE(await_two_jobs_of("baton-1"));
  EXPECT_EQ(jobs_of("baton-1"), first);
  ASSERT_TRUE(await_runs(first, 1, /*javas=*/false, 0));

  // Two of Baton's replicas share what Java leaves to them.
  start_baton("baton-2");
  kill_amid_a_load("java-2", second[0]);
  JavaPeer::of_generation(GetParam());  // its machine starts while the lease runs out
  ASSERT_TRUE(await_two_jobs_of("baton-1"));
  ASSERT_TRUE(await_two_jobs_of("baton-2"));
  ASSERT_TRUE(await_runs(jobs, 2, /*javas=*/false, 0));

  // And back.
  start_java("java-3");
  ASSERT_TRUE(pods_["java-3"]->await_error_text("java-3 started"));
  const std::int64_t before = newest_execution();
  const std::vector<std::string> staying = jobs_of("baton-1"), returning = jobs_of("baton-2");
  terminate("baton-2");
  ASSERT_TRUE(await_two_jobs_of("java-3"));
  EXPECT_EQ(jobs_of("java-3"), returning);
  ASSERT_TRUE(await_runs(returning, 2, /*javas=*/true, before));
  ASSERT_TRUE(await_runs(staying, 1, /*javas=*/false, before));
  terminate("java-3");
  terminate("baton-1");

  const LockTimeline& seen = watch_->end();
  expect_each_commit_by_its_owner(seen);
  for (const std::string& job : first) {
    expect_handed_over(seen, job, "java-1", {"baton-1"}, refresh + slack);
    expect_delay_counted_from_javas_run(job);
  }
  for (const std::string& job : second) {
    expect_handed_over(seen, job, "java-2", {"baton-1", "baton-2"}, lease + refresh + slack);
  }
  expect_carried_on_at_once(second[0]);
  for (const std::string& job : returning) expect_handed_over(seen, job, "baton-2", {"java-3"}, refresh + slack);
  expect_one_history();
  expect_java_finds_each_instance();
}

INSTANTIATE_TEST_SUITE_P(SpringBatch, Migration, testing::Values(5, 6), testing::PrintToStringParamName());

}  // namespace
}  // namespace baton
