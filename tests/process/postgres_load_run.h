// A load into PostgreSQL by the real program, and what must hold after it, however it was disturbed.
#pragma once

#include "postgres/connection.h"
#include "tests/doubles/program.h"
#include "tests/doubles/temporary_folder.h"
#include "tests/process/process_run.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace baton {

struct PostgresLoad {
  std::string url;          // as the program reaches repository and target
  std::string direct = {};  // as the test does; empty: the same
  std::string mode = "append";
  int writers = 1;
  int rows = 6'000;
  int chunk = 200;
  int bad_every = 0;   // every so many records is one that Baton refuses; 0: none
  int refused_id = 0;  // of a record that the table refuses; 0: none
};

// The job "load" brings so many rows into the table prices of schema datasync. Used by one thread.
class PostgresLoadRun {
 public:
  static constexpr std::chrono::milliseconds lease{1'500};

  explicit PostgresLoadRun(PostgresLoad load);

  // Makes the tables beforehand.
  void migrate() const;
  // `run --once`, to its end, or killed after the time.
  ProcessEnd run(std::chrono::microseconds limit = std::chrono::seconds(60)) const;
  // The same beside the test; `point` as in tests/doubles/store_calls.h.
  // `url`: another way to the same database.
  std::unique_ptr<Program> start(const std::string& point = "", const std::string& url = "") const;
  // Runs until it is finished; false if that does not come about.
  bool finish() const;

  // psql -At; "" where the server or a table is not there.
  std::string query(const std::string& sql) const;
  std::string loaded() const { return query("SELECT count(*) FROM prices"); }
  bool finished() const;
  bool is_leased() const { return query("SELECT count(*) FROM baton_lease WHERE isReleased IS NULL") == "1"; }
  // Until the answer is this; false after a minute.
  bool await(const std::string& sql, const std::string& answer) const;

  // A sentence for everything that is not as after an undisturbed run: rows, rejects, open executions, instances,
  // leases, staging, backends. `rows` is the condition that the loaded rows of prices meet.
  std::vector<std::string> problems(const std::string& rows = "true") const;
  std::string log() const;
  std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  int rejects() const;
  void configure(const std::string& name, const std::string& url) const;
  std::vector<std::string> command(const std::string& verb, const std::string& config = "baton.yaml") const;
  ProcessEnd run(const std::vector<std::string>& argv, std::chrono::microseconds limit) const;

  TemporaryFolder folder_;
  PostgresLoad load_;
};

}  // namespace baton
