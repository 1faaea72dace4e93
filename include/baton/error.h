// What went wrong, classed by what the caller should do about it.
#pragma once

#include <string>
#include <string_view>

namespace baton {

enum class ErrorKind {
  retry,            // not done; the same call may succeed later
  conflict,         // lost a compare-and-set; read again and decide
  lease_lost,       // a fence or a lease refused us; stop, do not retry
  unknown_outcome,  // sent, no answer: it may have happened; read back before anything else
  invalid,          // the user must change something; the message says where and what
  internal,         // a bug of Baton's
};

std::string_view name(ErrorKind kind);

// `message` is for people: the place, what was expected, the next step. It holds no secrets.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  // With `retry`: somebody told the server to end our session (P9). Who still owns the job may go on at once; that it
  // does has to be proven first.
  bool session_ended = false;
};

}  // namespace baton
