// The program: arguments in, exit code out.
#pragma once

#include "app/stores.h"

namespace baton {

// `hooks` wrap the stores; empty in the shipped program.
int run_program(int argc, const char* const* argv, const StoreHooks& hooks = {});

}  // namespace baton
