// The parts that a program has registered under names: what `native` in the configuration refers to.
#pragma once

#include "baton/native_factories.h"
#include "config/config.h"
#include "config/load_config.h"

#include <map>
#include <memory>
#include <string>

namespace baton {

// Const methods are thread-safe as far as the factories are.
struct NativeParts {
  std::map<std::string, ReaderFactory> readers;
  std::map<std::string, ProcessorFactory> processors;
  std::map<std::string, WriterFactory> writers;
  std::map<std::string, StepFactory> steps;

  // What a factory makes, so that no exception of the user's comes out of it, and no error that would mean something
  // else to Baton than to the user. `invalid` where there is none of this name (the message lists those there are), or
  // where it refuses its options. `where` is "job/step", with which its messages begin; empty: with its own name.
  Result<std::unique_ptr<Reader>> reader(const NativeConfig& native, const std::string& where = "") const;
  Result<std::unique_ptr<Processor>> processor(const NativeConfig& native, const std::string& where = "") const;
  Result<std::unique_ptr<RowWriter>> writer(const NativeConfig& native, const std::string& where = "") const;
  Result<NativeWork> step(const NativeConfig& native, const std::string& where = "") const;

  // Whether it can be made.
  Status check(NativePart part, const NativeConfig& native) const;
};

// The options as one text, in the order of their names, so that no two lists of options read the same.
std::string options_text(const NativeConfig& native);

}  // namespace baton
