// A program that is not Baton and shares the lease store, as one with the Java lock client would: it takes a job's
// lease, keeps it for a while and releases it, or dies. It knows nothing of fences.
#pragma once

#include "tests/simulation/surroundings.h"

#include <optional>

namespace baton {

// Tries once to take the lease of `job`: at once if it is free, else after having watched it expire; then keeps it for
// `length`. Everything it does is on the queue. Whether it dies then, and does not release it, the seed decides where
// `dies` does not.
void visit_as_foreigner(Surroundings& world, const std::string& job, TrueTime length, std::optional<bool> dies = {});

}  // namespace baton
