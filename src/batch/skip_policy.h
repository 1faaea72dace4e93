// How many rejects a load step may have.
#pragma once

#include "batch/execution.h"
#include "baton/result.h"
#include "baton/row_batch.h"

#include <cstdint>
#include <optional>
#include <string>

namespace baton {

struct SkipPolicy {
  std::optional<std::uint64_t> limit;  // rejects in all; absent together with percent: none
  std::optional<double> percent;       // of the records read

  // A percentage of few records says nothing: before the end it is judged from this many on.
  static constexpr std::int64_t min_sample = 1'000;

  bool allows(std::int64_t records, std::int64_t rejected, bool at_end) const;
  // The most rejects that are allowed at the end.
  std::int64_t most(std::int64_t records) const;
  std::string text() const;  // "skip allows 0", "skip allows 50 and 1.5 %"
};

// The sentence for a refused record: input:line (record n), column, value, what was expected.
std::string describe(const Reject& reject, const std::string& input);

}  // namespace baton
