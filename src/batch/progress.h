// How far a step has come in a database that it writes to (P11). The row is changed by compare-and-set on `revision`
// in the same transaction as the rows that it tells of.
#pragma once

#include "batch/execution.h"
#include "baton/position.h"
#include "baton/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct ProgressKey {
  std::string repository_id;
  std::int64_t instance = 0;
  std::string step;
};

struct CommittedRange {
  Position from;
  Position to;

  friend bool operator==(const CommittedRange&, const CommittedRange&) = default;
};

struct Progress {
  std::string job;
  std::int64_t revision = 0;          // 0: nothing was committed yet
  Position low_water;                 // everything before it is committed
  std::vector<CommittedRange> above;  // committed out of order, in order of `from`, none touching another
  StepCounts counts;                  // of this pass over the input, all executions of the instance together
  InputIdentity input;
  std::string fingerprint;  // of reader, process, target, mode and key
  bool input_done = false;  // the low-water position is the end of the input
  int closing_done = 0;     // numbered chunks after the last row that are committed (P13)
  bool complete = false;    // nothing is left to do

  // Who committed last, and what the counts were when that step execution began: with them the counts of a step
  // execution that died can be told exactly.
  std::int64_t step_execution_id = 0;
  StepCounts counts_before;
};

// `progress` with `range` committed: the low-water position moves as far as ranges join up. A range that overlaps what
// is recorded is `internal`: a committed range is never repeated.
Result<Progress> with_range(Progress progress, const CommittedRange& range);

// Text for a database column and back; `internal` for text that is none.
std::string to_text(const Position& position);
std::string to_text(const std::vector<CommittedRange>& ranges);
std::string to_text(const InputIdentity& identity);
std::string to_text(const StepCounts& counts);
Result<Position> position_from(const std::string& text);
Result<std::vector<CommittedRange>> ranges_from(const std::string& text);
Result<InputIdentity> input_from(const std::string& text);
Result<StepCounts> counts_from(const std::string& text);

}  // namespace baton
