#include "tests/process/replica_fixture.h"

#include <fstream>
#include <sstream>

namespace baton {

Replica ReplicaTest::start(const std::string& config) const {
  return std::make_unique<Program>(workspace_.request({"run", "--config", config}));
}

Replica ReplicaTest::start_with(const std::string& variable, const std::string& value,
                                const std::string& config) const {
  ProgramRequest request = workspace_.request({"run", "--config", config});
  request.argv.front() = BATON_FAILPOINT_PROGRAM;
  request.environment = {{variable, value}};
  return std::make_unique<Program>(request);
}

void ReplicaTest::end(const Replica& replica) {
  replica->signal(SIGTERM);
  const ProgramEnd end = replica->wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("everything is released"));
}

std::string ReplicaTest::id_of(const Replica& replica) const {
  return repository("SELECT id FROM baton_replica WHERE pid = " + std::to_string(replica->id()));
}

std::string ReplicaTest::held_by(const Replica& replica) const {
  const std::string id = id_of(replica);
  if (id.empty()) return "";
  return workspace_
      .try_query(locks_file_,
                 "SELECT coalesce(group_concat(key, ' '), '') FROM (SELECT key FROM baton_lease WHERE "
                 "isReleased IS NULL AND ownerName = '" +
                     id + "' ORDER BY key)")
      .value_or("");
}

int ReplicaTest::count_held(const Replica& replica) const {
  std::istringstream words(held_by(replica));
  int count = 0;
  for (std::string word; words >> word;) ++count;
  return count;
}

std::string ReplicaTest::leases() const {
  return workspace_
      .try_query(locks_file_, "SELECT key, ownerName FROM baton_lease WHERE isReleased IS NULL ORDER BY key")
      .value_or("");
}

std::string ReplicaTest::runs(const std::string& job) const {
  return repository(
      "SELECT e.STATUS, b.ended_by, b.reason FROM BATCH_JOB_EXECUTION e JOIN baton_execution b "
      "ON b.job_execution_id = e.JOB_EXECUTION_ID WHERE b.job = '" +
      job + "' ORDER BY e.JOB_EXECUTION_ID");
}

int ReplicaTest::count_runs(const std::string& job, const std::string& status) const {
  const std::string count = repository(
      "SELECT count(*) FROM BATCH_JOB_EXECUTION e JOIN baton_execution b ON b.job_execution_id = e.JOB_EXECUTION_ID "
      "WHERE b.job = '" +
      job + "' AND e.STATUS = '" + status + "'");
  return count.empty() ? 0 : std::stoi(count);
}

std::string ReplicaTest::open_executions() const {
  const std::string open = " WHERE STATUS IN ('STARTING', 'STARTED', 'STOPPING') OR END_TIME IS NULL";
  return repository("SELECT JOB_EXECUTION_ID, STATUS FROM BATCH_JOB_EXECUTION" + open) +
         repository("SELECT STEP_EXECUTION_ID, STATUS FROM BATCH_STEP_EXECUTION" + open);
}

std::string ReplicaTest::status_of(const std::string& job, const std::string& key) const {
  const ProgramEnd end = run({"status", "--json"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  for (const nlohmann::json& row : nlohmann::json::parse(end.output)) {
    if (row["job"] == job) return row[key].is_string() ? row[key].get<std::string>() : row[key].dump();
  }
  return "no such job";
}

char state_of(const Replica& replica) {
  std::ifstream file("/proc/" + std::to_string(replica->id()) + "/stat");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string stat = text.str();
  const std::size_t name_ends = stat.rfind(')');
  return name_ends == std::string::npos ? 'X' : stat[name_ends + 2];
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace baton
