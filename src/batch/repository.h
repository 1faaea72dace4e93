// One connection to a job repository, and all that can be done over it.
#pragma once

#include "batch/alerts.h"
#include "batch/control.h"
#include "batch/database.h"
#include "batch/executions.h"
#include "batch/reject_log.h"
#include "batch/replicas.h"
#include "batch/repository_record.h"
#include "batch/retention.h"

namespace baton {

// Used by one thread at a time, but for database().interrupt(). What the methods return lives as long as this.
class Repository {
 public:
  Repository() = default;
  Repository(const Repository&) = delete;
  Repository& operator=(const Repository&) = delete;
  virtual ~Repository() = default;

  virtual Executions& executions() = 0;
  virtual Control& control() = 0;
  virtual Replicas& replicas() = 0;
  virtual RepositoryRecord& record() = 0;
  virtual Alerts& alerts() = 0;
  virtual Retention& retention() = 0;
  virtual RejectLog& rejects() = 0;  // those in the repository's own database
  // The repository as a database that jobs write to.
  virtual Database& database() = 0;

  // The generation of Spring Batch that its tables are of.
  virtual JobKeyFormat key_format() const = 0;

  // False once it must be opened anew: its file was deleted or moved, its schema changed. A session that was only lost
  // is made again by the next call.
  virtual bool usable() = 0;
};

}  // namespace baton
