#pragma once
#include "data/writer.h"
#include "sqlite/connection.h"
namespace baton {
std::unique_ptr<TableWriter> make_sqlite_table_writer(SqliteConnection& connection, TableSpec spec, std::string where);
}
