// The load step: read → process → write, chunk by chunk, each chunk in one transaction with its progress (P11–P13).
#pragma once

#include "batch/chunk_lanes.h"
#include "batch/chunk_source.h"
#include "batch/skip_policy.h"
#include "batch/step.h"
#include "baton/row_writer.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

struct LoadPlan {
  std::string name;
  std::string input;        // the input's name in messages
  std::string fingerprint;  // of reader, process, target, mode and key (P11)
  TableSpec table;
  SkipPolicy skip;
  int retry_limit = 3;
  ChunkLimits chunk;
};

struct LoadParts {
  // Sessions with the target, all of the same identity: one for each writer. The first one also serves what one session
  // does alone.
  std::vector<Database*> targets;
  std::unique_ptr<Reader> reader;
  std::vector<std::unique_ptr<Processor>> processors;
  // Where the rows go elsewhere than into a table: the first target then keeps only progress and rejects. Null: into
  // LoadPlan::table.
  std::unique_ptr<RowWriter> rows;
  ChunkSourceFactory chunks;
  ChunkLanesFactory lanes;  // needed where there are several targets
};

// The chunk transaction, in the target database (P12):
//   1. lock and check the fence
//   2. rows; the first chunk of a pass over the input also makes the table and its staging
//   3. rejects, within `skip`; more of them fail the step, and nothing of the chunk stays
//   4. progress, by compare-and-set on its revision
//   5. the step execution, where the target is the repository too; elsewhere it follows in a transaction of its own
//   6. the deadline guard and COMMIT
// After an unknown outcome progress is read back. After `retry` the same chunk is tried again, retry_limit times.
//
// With several targets, 1 and 2 of several chunks are under way at the same time, and 3 to 6 take turns in the order in
// which they get there. The pass over the input begins and ends with a transaction of its own, without rows.
std::unique_ptr<Step> make_load_step(LoadPlan plan, LoadParts parts);

}  // namespace baton
