// What every job repository promises (batch/executions.h, control.h, replicas.h, repository_record.h), as tests. A
// repository takes part by a factory.
#pragma once

#include "batch/alerts.h"
#include "batch/control.h"
#include "batch/database.h"
#include "batch/executions.h"
#include "batch/reject_log.h"
#include "batch/replicas.h"
#include "batch/repository_record.h"
#include "batch/retention.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/scripted_lease.h"

#include <gtest/gtest.h>
#include <functional>
#include <memory>
#include <ostream>

namespace baton {

// What one process has open; several may be open on one repository.
struct RepositoryConnection {
  virtual ~RepositoryConnection() = default;

  std::unique_ptr<Executions> executions;
  std::unique_ptr<Control> control;
  std::unique_ptr<Replicas> replicas;
  std::unique_ptr<RepositoryRecord> record;
  std::unique_ptr<Alerts> alerts;
  std::unique_ptr<RejectLog> rejects;
  std::unique_ptr<Retention> retention;  // null in memory
  std::unique_ptr<Database> database;    // the repository as a database that is written to
};

class RepositoryBackend {
 public:
  RepositoryBackend() = default;
  RepositoryBackend(const RepositoryBackend&) = delete;
  RepositoryBackend& operator=(const RepositoryBackend&) = delete;
  virtual ~RepositoryBackend() = default;

  virtual std::unique_ptr<RepositoryConnection> open() = 0;
  virtual std::string job_key(std::int64_t instance) = 0;
  virtual JobParameters parameters(std::int64_t execution) = 0;
  // Java changes a row: STATUS, END_TIME where asked, VERSION + 1.
  virtual void change_job(std::int64_t execution, BatchStatus status, bool ended) = 0;
  virtual void change_step(std::int64_t step) = 0;
  // Any statement of the store's own SQL; the first value of its answer, "" where there is none.
  virtual std::string sql(const std::string& /*statement*/) { return ""; }
};

struct RepositoryBackendFactory {
  const char* name;
  std::function<std::unique_ptr<RepositoryBackend>(const Clock& clock)> make;
};

// Test names hold what is printed here.
inline void PrintTo(const RepositoryBackendFactory& factory, std::ostream* out) { *out << factory.name; }

RepositoryBackendFactory memory_repository_backend();
RepositoryBackendFactory sqlite_repository_backend();
RepositoryBackendFactory postgres_repository_backend();

inline auto every_stored_repository() {
  return testing::Values(sqlite_repository_backend(), postgres_repository_backend());
}

inline auto every_repository() {
  return testing::Values(memory_repository_backend(), sqlite_repository_backend(), postgres_repository_backend());
}

inline std::string backend_name(const testing::TestParamInfo<RepositoryBackendFactory>& info) {
  return info.param.name;
}

// `job` is owned at fence 1.
class RepositoryContract : public testing::TestWithParam<RepositoryBackendFactory> {
 protected:
  RepositoryContract() : backend_(GetParam().make(clock_)), connection_(backend_->open()) {
    ok(record().raise_fence("job", 0, {}));
  }

  static void ok(const Status& status) { ASSERT_TRUE(status) << status.error().message; }
  static void expect_kind(const Status& status, ErrorKind kind) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, kind) << status.error().message;
  }
  template <class T>
  static void expect_kind(const Result<T>& result, ErrorKind kind) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, kind) << result.error().message;
  }

  Executions& executions() { return *connection_->executions; }
  Control& control() { return *connection_->control; }
  Replicas& replicas() { return *connection_->replicas; }
  RepositoryRecord& record() { return *connection_->record; }

  Authority authority(std::int64_t fence = 1, const std::string& job = "job") {
    return {{record().repository_id(), job, fence}, {&lease_, &clock_}};
  }
  Authority untrusted() { return {authority().fence, {&run_out_, &clock_}}; }

  LaunchRequest request(std::optional<std::int64_t> instance = std::nullopt) {
    LaunchRequest made;
    made.instance = instance;
    made.replica = "host-1";
    return made;
  }
  JobExecution launch(std::optional<std::int64_t> instance = std::nullopt) {
    auto launched = executions().launch(authority(), request(instance));
    EXPECT_TRUE(launched) << launched.error().message;
    return std::get<JobExecution>(*launched);
  }
  // Launched, and its row says STARTED.
  JobExecution started(std::optional<std::int64_t> instance = std::nullopt) {
    JobExecution execution = launch(instance);
    execution.status = BatchStatus::started;
    execution.started = clock_.wall_now();
    ok(executions().update_job(authority(), execution));
    return execution;
  }
  void end(JobExecution& execution, BatchStatus status) {
    execution.status = status;
    execution.exit = exit_status(status);
    execution.ended = clock_.wall_now();
    ok(executions().update_job(authority(), execution));
  }
  JobExecution ended(BatchStatus status, std::optional<std::int64_t> instance = std::nullopt) {
    JobExecution execution = started(instance);
    end(execution, status);
    return execution;
  }
  // The newest execution as it is stored.
  JobExecution stored() { return executions().history("job", 1).value().at(0); }
  InstanceState last() { return executions().last_run("job").value().value(); }

  ManualClock clock_;
  ScriptedLease lease_{Instant::max()};
  ScriptedLease run_out_{Instant(std::chrono::hours(1))};  // trusted until now, so not any more
  std::unique_ptr<RepositoryBackend> backend_;
  std::unique_ptr<RepositoryConnection> connection_;
};

}  // namespace baton
