#include "app/repository_access.h"

namespace baton {

ContextFormat context_format(Contexts contexts) {
  switch (contexts) {
    case Contexts::base64_java: return ContextFormat::base64_java;
    case Contexts::jackson2: return ContextFormat::jackson2;
    case Contexts::jackson3: return ContextFormat::jackson3;
    case Contexts::none: return ContextFormat::none;
  }
  return ContextFormat::none;
}

std::optional<JobKeyFormat> spring_batch_wanted(SpringBatch spring_batch) {
  switch (spring_batch) {
    case SpringBatch::automatic: return std::nullopt;
    case SpringBatch::five: return JobKeyFormat::spring_batch_5;
    case SpringBatch::six: return JobKeyFormat::spring_batch_6;
  }
  return std::nullopt;
}

}  // namespace baton
