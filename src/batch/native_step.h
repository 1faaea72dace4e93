// A step written in C++.
#pragma once

#include "batch/step.h"

#include <memory>
#include <string>

namespace baton {

struct NativePlan {
  std::string name;
  std::string fingerprint{};  // of the work and its options: what other work has saved is not handed to it
  int retry_limit = 3;
};

// What the work saves is kept in `saves`, the repository's database, which outlives it; where there is none, saving is
// an error.
std::unique_ptr<Step> make_native_step(NativePlan plan, NativeWork work, Database* saves = nullptr);

}  // namespace baton
