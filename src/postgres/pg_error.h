// SQLSTATEs as errors (https://www.postgresql.org/docs/15/errcodes-appendix.html).
#pragma once

#include "baton/error.h"

#include <string>
#include <string_view>

namespace baton {

// What a caller should do about a statement that failed with this state, inside a transaction or alone, when the
// connection goes on. 08xxx, 53xxx, 55P03, 57P0x, 57014, 40xxx: `retry` (the whole transaction); 40003 and 08007:
// `unknown_outcome`; XX…: `internal`; everything else `invalid`.
ErrorKind pg_error_kind(std::string_view sqlstate);

// What more than its state is known of an error.
struct PgErrorOrigin {
  std::string_view function;  // of the server's source
  bool on_standby = false;
};

// What a person can do about it, or nothing: "check username and password".
std::string_view pg_next_step(std::string_view sqlstate, const PgErrorOrigin& origin = {});

// A row that the target refuses: NOT NULL, CHECK, UNIQUE, FK, EXCLUDE (23xxx), or a value that does not fit (22xxx).
bool pg_refuses_row(std::string_view sqlstate);

}  // namespace baton
