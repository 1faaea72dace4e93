// The program: arguments in, exit code out.
#pragma once

#include "app/native_parts.h"
#include "app/stores.h"

#include <optional>
#include <string>

namespace baton {

// What a program adds to the command line's commands.
struct ProgramParts {
  StoreHooks hooks = {};  // wrap the stores; empty in the shipped program
  NativeParts natives = {};
  std::optional<std::string> configuration = {};  // YAML, where nothing names a file
};

// Stands for the file's name of a configuration that the program itself holds.
inline constexpr const char* built_in_configuration = "(built-in configuration)";

int run_program(int argc, const char* const* argv, const ProgramParts& parts = {});

}  // namespace baton
