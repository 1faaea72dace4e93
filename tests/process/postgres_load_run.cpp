#include "tests/process/postgres_load_run.h"

#include <fmt/format.h>
#include <fstream>
#include <thread>
#include <utility>

namespace baton {

using std::chrono::steady_clock;

PostgresLoadRun::PostgresLoadRun(PostgresLoad load) : load_(std::move(load)) {
  if (load_.direct.empty()) load_.direct = load_.url;
  std::ofstream csv(folder_.file("prices.csv"));
  csv << "id,price\n";
  for (int i = 1; i <= load_.rows; ++i) {
    csv << i << ',' << i << (load_.bad_every > 0 && i % load_.bad_every == 0 ? " bad\n" : ".5\n");
  }
  configure("baton.yaml", load_.url);
}

void PostgresLoadRun::configure(const std::string& name, const std::string& url) const {
  const std::string key = load_.mode == "append" ? "" : ", key: [id]";
  std::ofstream(folder_.file(name)) << fmt::format(
      "repository: {{ url: \"{}\", schema: datasync }}\n"
      "locks: {{ lease: {}ms, heartbeat: 400ms, refresh: 50ms }}\n"
      "jobs:\n  load:\n    schedule: manual\n    steps:\n      - name: load\n"
      "        read: {{ csv: {{ path: prices.csv }} }}\n"
      "        write: {{ table: {{ name: prices, mode: {}, create: true, writers: {}{}, columns: {{ id: integer, "
      "price: double }} }} }}\n        chunk: {}\n"
      "        skip: {{ limit: {} }}\n",
      url, lease.count(), load_.mode, load_.writers, key, load_.chunk, rejects());
}

int PostgresLoadRun::rejects() const {
  return (load_.bad_every > 0 ? load_.rows / load_.bad_every : 0) + (load_.refused_id > 0 ? 1 : 0);
}

std::vector<std::string> PostgresLoadRun::command(const std::string& verb, const std::string& config) const {
  std::vector<std::string> argv{BATON_FAILPOINT_PROGRAM, "--config", folder_.file(config), verb};
  if (verb == "run") argv.emplace_back("--once");
  if (verb != "migrate") argv.emplace_back("load");
  return argv;
}

ProcessEnd PostgresLoadRun::run(const std::vector<std::string>& argv, std::chrono::microseconds limit) const {
  return ProcessRun(argv, {}, folder_.file("log.txt")).wait_or_kill(limit);
}

void PostgresLoadRun::migrate() const { run(command("migrate"), std::chrono::seconds(60)); }

ProcessEnd PostgresLoadRun::run(std::chrono::microseconds limit) const { return run(command("run"), limit); }

std::unique_ptr<Program> PostgresLoadRun::start(const std::string& point, const std::string& url) const {
  if (!url.empty()) configure("other.yaml", url);
  ProgramRequest request;
  request.argv = command("run", url.empty() ? "baton.yaml" : "other.yaml");
  request.folder = folder_.path();
  if (!point.empty()) request.environment.emplace_back("BATON_AT", point);
  return std::make_unique<Program>(request);
}

// `restart` carries on in spite of the limit of dead executions; where nothing is unfinished it only closes what is
// open.
bool PostgresLoadRun::finish() const {
  constexpr int most_runs = 8;
  constexpr std::chrono::seconds longest(60);
  for (int i = 0; i < most_runs; ++i) {
    const bool over = finished();
    const std::size_t log_before = log().size();
    const ProcessEnd end = run(command(over ? "restart" : "run"), longest);
    const std::string said = log().substr(log_before);
    if (over && said.find("has no unfinished run to restart") != std::string::npos) return true;
    if (!over && end.exit_code == 0) return true;
    if (said.find("died without committing anything") != std::string::npos) run(command("restart"), longest);
  }
  return false;
}

std::string PostgresLoadRun::query(const std::string& sql) const {
  const auto settings =
      pg_settings({Redacted<std::string>(load_.direct), {}, {}, "datasync", "postgresql://test"}, "baton-watcher");
  const auto connection = PgConnection::open(*settings, Duration(10'000));
  if (!connection) return "";
  const auto result = (*connection)->query(sql);
  if (!result) return "";
  std::string shown;
  for (int row = 0; row < result->rows(); ++row) {
    if (row > 0) shown += '\n';
    for (int column = 0; column < result->columns(); ++column) {
      if (column > 0) shown += '|';
      shown += result->view(row, column);
    }
  }
  return shown;
}

bool PostgresLoadRun::finished() const {
  return query("SELECT count(*) FROM batch_job_execution WHERE status = 'COMPLETED'") == "1";
}

bool PostgresLoadRun::await(const std::string& sql, const std::string& answer) const {
  for (const auto until = steady_clock::now() + std::chrono::minutes(1); query(sql) != answer;) {
    if (steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

std::vector<std::string> PostgresLoadRun::problems(const std::string& rows) const {
  std::vector<std::string> found;
  const auto expect = [&](const std::string& what, const std::string& sql, const std::string& wanted) {
    if (const std::string is = query(sql); is != wanted)
      found.push_back(fmt::format("{}: {}, not {}", what, is, wanted));
  };
  const auto sum_to = [](long long last) { return last * (last + 1) / 2; };
  const long long good = load_.rows - rejects();
  const long long bad_ids =
      load_.refused_id + (load_.bad_every > 0 ? load_.bad_every * sum_to(load_.rows / load_.bad_every) : 0);
  const long long ids = sum_to(load_.rows) - bad_ids;
  expect("rows, different ids, their sum, the sum of prices",
         "SELECT count(*), count(DISTINCT id), sum(id), sum(price)::numeric(20,1) FROM prices WHERE " + rows,
         fmt::format("{0}|{0}|{1}|{2:.1f}", good, ids, static_cast<double>(ids) + static_cast<double>(good) * 0.5));
  expect("rejects, their records", "SELECT count(*), coalesce(sum(record), 0) FROM baton_reject",
         fmt::format("{}|{}", rejects(), bad_ids));
  const auto open = [](const char* table) {
    return fmt::format(
        "SELECT count(*) FROM {} WHERE end_time IS NULL OR status IN ('STARTING', 'STARTED', 'STOPPING')", table);
  };
  expect("open executions", open("batch_job_execution"), "0");
  expect("open steps", open("batch_step_execution"), "0");
  expect("instances", "SELECT count(*) FROM batch_job_instance", "1");
  expect("completed executions", "SELECT count(*) FROM batch_job_execution WHERE status = 'COMPLETED'", "1");
  expect("leases that are held", "SELECT count(*) FROM baton_lease WHERE isReleased IS NULL", "0");
  expect("staging tables", "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'baton_stage%'", "0");
  const std::string backends =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
      "backend_type = 'client backend' AND application_name NOT IN ('baton-watcher', 'baton-test')";
  if (!await(backends, "0")) found.emplace_back("backends are left");
  return found;
}

std::string PostgresLoadRun::log() const {
  std::ifstream file(folder_.file("log.txt"));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace baton
