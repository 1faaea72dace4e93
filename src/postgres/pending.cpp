// Until the real one is here.
#include "postgres/table_writer.h"

namespace baton {

__attribute__((weak)) std::unique_ptr<TableWriter> make_pg_table_writer(PgSession&, TableSpec, std::string) {
  return nullptr;
}

}  // namespace baton
