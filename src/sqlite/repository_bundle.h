// One connection to a job repository in a SQLite file, and all that can be done over it.
#pragma once

#include "batch/repository.h"
#include "sqlite/alerts.h"
#include "sqlite/database.h"
#include "sqlite/reject_log.h"
#include "sqlite/replicas.h"
#include "sqlite/repository.h"
#include "sqlite/retention.h"

#include <memory>

namespace baton {

class SqliteRepository final : public Repository {
 public:
  // REQUIRES: the tables of migrate_repository are there.
  static Result<std::unique_ptr<SqliteRepository>> open(std::unique_ptr<SqliteConnection> connection,
                                                        const Clock& clock, ContextFormat contexts);

  Executions& executions() override { return executions_; }
  Control& control() override { return control_; }
  Replicas& replicas() override { return replicas_; }
  RepositoryRecord& record() override { return *record_; }
  Alerts& alerts() override { return alerts_; }
  Retention& retention() override { return retention_; }
  RejectLog& rejects() override { return rejects_; }
  Database& database() override { return database_; }
  JobKeyFormat key_format() const override { return key_format_; }
  bool usable() override { return !connection_->file_has_moved(); }

 private:
  SqliteRepository(std::unique_ptr<SqliteConnection> connection, std::unique_ptr<SqliteRepositoryRecord> record,
                   std::string identity, JobKeyFormat key_format, const Clock& clock, ContextFormat contexts);

  std::unique_ptr<SqliteConnection> connection_;
  std::unique_ptr<SqliteRepositoryRecord> record_;
  JobKeyFormat key_format_;
  SqliteExecutions executions_;
  SqliteControl control_;
  SqliteReplicas replicas_;
  SqliteAlerts alerts_;
  SqliteRetention retention_;
  SqliteRejectLog rejects_;
  SqliteDatabase database_;
};

}  // namespace baton
