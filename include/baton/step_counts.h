// What a step has counted.
#pragma once

#include <cstdint>

namespace baton {

// Spring Batch's counters of a step execution. Records that Baton read = read + read_skip.
struct StepCounts {
  std::int64_t commit = 0;
  std::int64_t read = 0;  // records that the reader gave out
  std::int64_t filter = 0;
  std::int64_t write = 0;
  std::int64_t read_skip = 0;
  std::int64_t process_skip = 0;
  std::int64_t write_skip = 0;
  std::int64_t rollback = 0;

  std::int64_t records() const { return read + read_skip; }
  std::int64_t rejected() const { return read_skip + process_skip + write_skip; }

  StepCounts& operator+=(const StepCounts& other);
  StepCounts& operator-=(const StepCounts& other);
  friend StepCounts operator+(StepCounts a, const StepCounts& b) { return a += b; }
  friend StepCounts operator-(StepCounts a, const StepCounts& b) { return a -= b; }
  friend bool operator==(const StepCounts&, const StepCounts&) = default;
};

}  // namespace baton
