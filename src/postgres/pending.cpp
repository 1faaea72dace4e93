// Until the real ones are here.
#include "postgres/execution_rows.h"

namespace baton {

__attribute__((weak)) Result<BatchStatus> update_pg_step_row(PgConnection&, const PgSession&, StepExecution&) {
  return fail(ErrorKind::internal, "no job repository");
}

}  // namespace baton
