// A secret that cannot be printed by accident: no operator<<, no formatter, no comparison.
#pragma once

#include <utility>

namespace baton {

template <class T>
class Redacted {
 public:
  Redacted() = default;
  explicit Redacted(T secret) : secret_(std::move(secret)) {}

  // For the one call that needs it; never for a message.
  const T& reveal() const { return secret_; }

 private:
  T secret_{};
};

}  // namespace baton
