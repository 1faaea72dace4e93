// The first process of a container (pid 1): the kernel gives it no default actions of signals, and every process whose
// parent died becomes its child.
#pragma once

#include <functional>

namespace baton {

// As pid 1: `program` runs in a child, and this process passes signals on and reaps whatever ends, like tini does.
// Returns the program's exit code, or 128 + the signal that ended it. As any other process: just `program()`. Call it
// before the first thread is started.
int run_below_init(const std::function<int()>& program);

}  // namespace baton
