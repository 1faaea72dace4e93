// The process part of a load step: one operation of the configuration's `process` list.
#pragma once

#include "baton/job_run.h"
#include "baton/result.h"
#include "baton/row_batch.h"

#include <string>
#include <vector>

namespace baton {

// Not thread-safe: the job's thread binds it, one of the load's own applies it to batch after batch.
class Processor {
 public:
  Processor() = default;
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;
  virtual ~Processor() = default;

  // As Reader::begin_run, before the first bind.
  virtual Status begin_run(const JobRun& /*run*/) { return {}; }

  // The input columns that are needed to make `outputs`, and those that the operation itself names: the inverse of
  // bind, asked before the input is open.
  virtual std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const = 0;

  // Settles on the columns that arrive and returns those that leave. `invalid` where the operation names a column
  // that does not arrive, with a list of those that do.
  virtual Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) = 0;

  // After bind: for each column that leaves, the number of the one that arrives whose fields it has, unread and
  // unchanged; `made_here` for any other. Only fields that pass so may be in a form that is no text. Empty: none does.
  virtual std::vector<std::size_t> passed_columns() const { return {}; }
  static constexpr std::size_t made_here = static_cast<std::size_t>(-1);

  // Changes a batch in place; rows may be filtered or rejected, counted so; none is added. REQUIRES: bind succeeded.
  virtual Status apply(RowBatch& batch) = 0;
};

}  // namespace baton
