#include "batch/contexts.h"

namespace baton {

std::optional<std::string> empty_context(ContextFormat format) {
  switch (format) {
    // Base64 of the Java serialization of an empty HashMap: what 5.x and 6.x read by default.
    case ContextFormat::base64_java:
      return "rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwACRgAKbG9hZEZhY3RvckkACXRocmVzaG9sZHhwP0AAAAAAAAB3CAAAABAAA"
             "A"
             "AAeA==";
    case ContextFormat::jackson2: return R"({"@class":"java.util.HashMap"})";
    case ContextFormat::jackson3: return "{}";
    case ContextFormat::none: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace baton
