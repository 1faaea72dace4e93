// Until the real ones are here.
#include "postgres/execution_rows.h"
#include "postgres/table_writer.h"

namespace baton {

__attribute__((weak)) Result<BatchStatus> update_pg_step_row(PgConnection&, const PgSession&, StepExecution&) {
  return fail(ErrorKind::internal, "no job repository");
}

__attribute__((weak)) std::unique_ptr<TableWriter> make_pg_table_writer(PgSession&, TableSpec, std::string) {
  return nullptr;
}

}  // namespace baton
