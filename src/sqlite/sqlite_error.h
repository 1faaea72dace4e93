// SQLite's result codes as Baton's errors.
#pragma once

#include "baton/error.h"

#include <string>

struct sqlite3;

namespace baton {

// `code` is an extended result code; the message is SQLite's own, `where` names file and operation.
Error sqlite_error(int code, sqlite3* db, const std::string& where);

// True for a row that a constraint refuses (NOT NULL, UNIQUE, CHECK, FOREIGN KEY, a STRICT column's type).
bool is_constraint(int code);

}  // namespace baton
