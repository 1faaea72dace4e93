// A step written in C++.
#pragma once

#include "batch/step.h"

#include <functional>
#include <memory>
#include <string>

namespace baton {

// What the step's function sees. Its side effects happen at least once; `idempotency_key` is the same every time.
struct NativeContext {
  std::string job;
  std::int64_t instance = 0;
  std::string step;
  std::string idempotency_key;
  std::stop_token stop;
  StepCounts& counts;
};

// `stopped` only after a stop was requested.
using NativeWork = std::function<Result<StepEnd>(NativeContext& context)>;

std::unique_ptr<Step> make_native_step(std::string name, NativeWork work);

}  // namespace baton
