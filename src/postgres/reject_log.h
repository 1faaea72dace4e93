// baton_reject in a PostgreSQL database.
#pragma once

#include "batch/reject_log.h"
#include "postgres/session.h"

namespace baton {

class PgRejectLog final : public RejectLog {
 public:
  explicit PgRejectLog(PgSession& session) : session_(session) {}

  Result<std::vector<LoggedReject>> list(const RejectFilter& filter) override;

 private:
  PgSession& session_;
};

}  // namespace baton
