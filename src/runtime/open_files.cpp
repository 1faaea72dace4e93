#include "runtime/open_files.h"

#include <sys/resource.h>

namespace baton {
namespace {

// Set before there are threads, and then only read.
rlimit as_it_was{0, 0};

}  // namespace

void raise_open_files_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) as_it_was = limit;
}

void restore_open_files_limit() {
  if (as_it_was.rlim_max != 0) setrlimit(RLIMIT_NOFILE, &as_it_was);
}

}  // namespace baton
