#include "tests/process/kill_outcome.h"

#include "tests/doubles/temporary_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace baton {
namespace {

constexpr const char* repository_file = "baton.db";
constexpr const char* locks_file = "baton.db-locks";

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : path_(path) {
    check(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr), "open");
    sqlite3_busy_timeout(db_, 20'000);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { sqlite3_close(db_); }

  void execute(const std::string& sql) { check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr), sql); }

  TextRows query(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), sql);
    TextRows rows;
    int code = SQLITE_OK;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      std::vector<std::string>& row = rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const void* bytes = sqlite3_column_blob(statement, i);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
        const bool null = sqlite3_column_type(statement, i) == SQLITE_NULL;
        row.push_back(null ? "NULL" : bytes == nullptr ? "" : std::string(static_cast<const char*>(bytes), size));
      }
    }
    if (code != SQLITE_DONE) check(code, sql);
    sqlite3_finalize(statement);
    return rows;
  }

 private:
  void check(int code, const std::string& what) const {
    if (code == SQLITE_OK) return;
    fmt::print(stderr, "{}: {}: {}\n", path_, what, sqlite3_errmsg(db_));
    std::abort();
  }

  std::string path_;
  sqlite3* db_ = nullptr;
};

std::vector<std::string> databases(const std::string& folder) {
  std::vector<std::string> names;
  for (const char* name : {repository_file, "warehouse.db"}) {
    if (std::filesystem::exists(folder + "/" + name)) names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> sorted_lines(const TextRows& rows) {
  std::vector<std::string> lines;
  for (const auto& row : rows) lines.push_back(fmt::format("{}", fmt::join(row, " | ")));
  std::sort(lines.begin(), lines.end());
  return lines;
}

constexpr const char* users_tables =
    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND lower(name) NOT LIKE 'batch\\_%' ESCAPE '\\' AND "
    "(name NOT LIKE 'baton\\_%' ESCAPE '\\' OR name LIKE 'baton\\_stage\\_%' ESCAPE '\\') AND "
    "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";

// Of all executions of an instance together: a load that was killed goes on where it stood.
constexpr const char* step_sums =
    "SELECT i.JOB_NAME, s.STEP_NAME, 'commits', sum(s.COMMIT_COUNT), 'records', sum(s.READ_COUNT + s.READ_SKIP_COUNT), "
    "'read', sum(s.READ_COUNT), 'filtered', sum(s.FILTER_COUNT), 'written', sum(s.WRITE_COUNT), "
    "'skips', sum(s.READ_SKIP_COUNT), sum(s.PROCESS_SKIP_COUNT), sum(s.WRITE_SKIP_COUNT) "
    "FROM BATCH_STEP_EXECUTION s JOIN BATCH_JOB_EXECUTION e USING (JOB_EXECUTION_ID) "
    "JOIN BATCH_JOB_INSTANCE i USING (JOB_INSTANCE_ID) GROUP BY i.JOB_INSTANCE_ID, s.STEP_NAME";

// What kill_natives.h writes: of lines that came several times (at least once) one.
void add_native_outcome(const std::string& folder, Outcome& outcome) {
  if (!std::filesystem::exists(folder + "/outbox")) return;
  std::set<std::string> sent, tallied;
  for (const auto& file : std::filesystem::directory_iterator(folder + "/outbox")) {
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) sent.insert(file.path().filename().string() + ": " + line);
  }
  std::ifstream in(folder + "/tally.txt");
  for (std::string line; std::getline(in, line);) tallied.insert(line);
  outcome["outbox"].assign(sent.begin(), sent.end());
  outcome["tally"].assign(tallied.begin(), tallied.end());
}

void expect_none(std::vector<std::string>& broken, OpenFile& file, const std::string& what, const std::string& sql) {
  for (const std::string& line : sorted_lines(file.query(sql))) broken.push_back(what + ": " + line);
}

}  // namespace

TextRows query(const std::string& database, const std::string& sql) { return OpenFile(database).query(sql); }

void execute(const std::string& database, const std::string& sql) { OpenFile(database).execute(sql); }

RunState run_state(const std::string& folder, const std::string& job) {
  const TemporaryFolder copies;
  for (const char* ending : {"", "-wal", "-journal"}) {
    const std::string name = std::string(repository_file) + ending;
    if (std::filesystem::exists(folder + "/" + name)) {
      std::filesystem::copy_file(folder + "/" + name, copies.file(name));
    }
  }
  OpenFile file(copies.file(repository_file));
  if (file.query("SELECT 1 FROM sqlite_schema WHERE name = 'BATCH_JOB_EXECUTION'").empty()) return RunState::never_ran;
  const TextRows status = file.query(
      fmt::format("SELECT e.STATUS FROM BATCH_JOB_EXECUTION e JOIN BATCH_JOB_INSTANCE i USING (JOB_INSTANCE_ID) "
                  "WHERE i.JOB_NAME = '{}' ORDER BY e.JOB_EXECUTION_ID DESC LIMIT 1",
                  job));
  if (status.empty()) return RunState::never_ran;
  return status[0][0] == "COMPLETED" ? RunState::finished : RunState::unfinished;
}

Outcome read_outcome(const std::string& folder) {
  Outcome outcome;
  for (const std::string& name : databases(folder)) {
    OpenFile file(folder + "/" + name);
    for (const auto& table : file.query(users_tables)) {
      outcome[name + ": definition of " + table[0]] = {table[1]};
      outcome[name + ": rows of " + table[0]] = sorted_lines(file.query("SELECT * FROM \"" + table[0] + "\""));
    }
    outcome[name + ": indexes"] =
        sorted_lines(file.query("SELECT tbl_name, name, sql FROM sqlite_schema WHERE type = 'index' AND "
                                "tbl_name NOT LIKE 'BATCH%' AND tbl_name NOT LIKE 'baton%'"));
    outcome[name + ": rejects"] =
        sorted_lines(file.query("SELECT job, step, phase, record, line, column_name, value, reason, raw "
                                "FROM baton_reject"));
    outcome[name + ": progress"] =
        sorted_lines(file.query("SELECT job, step, revision, low_water, ranges, counts, input, fingerprint, "
                                "input_done, closing_done, complete FROM baton_progress"));
  }
  add_native_outcome(folder, outcome);
  outcome["counts of the steps"] = sorted_lines(query(folder + "/" + repository_file, step_sums));
  return outcome;
}

std::vector<std::string> differences(const Outcome& expected, const Outcome& actual) {
  std::vector<std::string> found;
  for (const auto& [what, lines] : expected) {
    const auto there = actual.find(what);
    if (there == actual.end()) {
      found.push_back("missing: " + what);
      continue;
    }
    std::vector<std::string> missing, surplus;
    std::set_difference(lines.begin(), lines.end(), there->second.begin(), there->second.end(),
                        std::back_inserter(missing));
    std::set_difference(there->second.begin(), there->second.end(), lines.begin(), lines.end(),
                        std::back_inserter(surplus));
    if (missing.empty() && surplus.empty()) continue;
    found.push_back(fmt::format("{}: {} lines missing, {} too many; first missing: {}; first too many: {}", what,
                                missing.size(), surplus.size(), missing.empty() ? "-" : missing.front(),
                                surplus.empty() ? "-" : surplus.front()));
  }
  for (const auto& [what, lines] : actual) {
    if (!expected.contains(what)) found.push_back(fmt::format("not expected: {} ({} lines)", what, lines.size()));
  }
  return found;
}

std::vector<std::string> broken_rules(const std::string& folder) {
  std::vector<std::string> broken;
  OpenFile repository(folder + "/" + repository_file);
  const std::string closed = "('COMPLETED', 'FAILED', 'STOPPED', 'ABANDONED')";
  expect_none(broken, repository, "job execution left open",
              "SELECT JOB_EXECUTION_ID, STATUS, END_TIME FROM BATCH_JOB_EXECUTION WHERE END_TIME IS NULL OR "
              "STATUS NOT IN " +
                  closed);
  expect_none(broken, repository, "step execution left open",
              "SELECT STEP_EXECUTION_ID, STEP_NAME, STATUS, END_TIME FROM BATCH_STEP_EXECUTION "
              "WHERE END_TIME IS NULL OR STATUS NOT IN " +
                  closed);
  expect_none(broken, repository, "not exactly one COMPLETED execution",
              "SELECT i.JOB_INSTANCE_ID, i.JOB_NAME, count(e.JOB_EXECUTION_ID) FROM BATCH_JOB_INSTANCE i "
              "LEFT JOIN BATCH_JOB_EXECUTION e ON e.JOB_INSTANCE_ID = i.JOB_INSTANCE_ID AND e.STATUS = 'COMPLETED' "
              "GROUP BY i.JOB_INSTANCE_ID HAVING count(e.JOB_EXECUTION_ID) <> 1");
  expect_none(broken, repository, "step completed twice",
              "SELECT e.JOB_INSTANCE_ID, s.STEP_NAME, count(*) FROM BATCH_STEP_EXECUTION s "
              "JOIN BATCH_JOB_EXECUTION e USING (JOB_EXECUTION_ID) WHERE s.STATUS = 'COMPLETED' "
              "GROUP BY 1, 2 HAVING count(*) <> 1");
  expect_none(broken, repository, "more than one instance",
              "SELECT JOB_NAME, count(*) FROM BATCH_JOB_INSTANCE GROUP BY JOB_NAME HAVING count(*) <> 1");
  expect_none(broken, repository, "execution without its own record",
              "SELECT JOB_EXECUTION_ID FROM BATCH_JOB_EXECUTION WHERE JOB_EXECUTION_ID NOT IN "
              "(SELECT job_execution_id FROM baton_execution)");
  expect_none(broken, repository, "execution without its run.id",
              "SELECT JOB_EXECUTION_ID FROM BATCH_JOB_EXECUTION WHERE JOB_EXECUTION_ID NOT IN "
              "(SELECT JOB_EXECUTION_ID FROM BATCH_JOB_EXECUTION_PARAMS WHERE PARAMETER_NAME = 'run.id')");
  expect_none(broken, repository, "execution that failed by itself",
              "SELECT job_execution_id, e.STATUS, ended_by, e.EXIT_MESSAGE FROM baton_execution "
              "JOIN BATCH_JOB_EXECUTION e USING (job_execution_id) "
              "WHERE e.STATUS <> 'COMPLETED' AND ended_by IS NOT 'orphaned'");
  expect_none(broken, repository, "a later execution with a smaller fence",
              "SELECT a.job_execution_id, a.fence, b.job_execution_id, b.fence FROM baton_execution a "
              "JOIN baton_execution b ON a.job = b.job AND a.job_execution_id < b.job_execution_id "
              "WHERE a.fence > b.fence");
  for (const std::string& name : databases(folder)) {
    OpenFile file(folder + "/" + name);
    expect_none(broken, file, name + ": progress not complete",
                "SELECT job, step, low_water FROM baton_progress WHERE complete = 0");
    expect_none(broken, file, name + ": staging left",
                "SELECT name FROM sqlite_schema WHERE name LIKE 'baton\\_stage\\_%' ESCAPE '\\'");
    expect_none(broken, file, name + ": damaged",
                "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'");
  }
  OpenFile locks(folder + "/" + locks_file);
  expect_none(broken, locks, "lease not released",
              "SELECT key, ownerName FROM baton_lease WHERE isReleased IS NOT '1'");
  expect_none(broken, locks, "locks damaged",
              "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'");
  return broken;
}

}  // namespace baton
