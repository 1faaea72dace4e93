// What readers, processors and writers that others have written make of a batch, looked at before Baton relies on it: a
// wrong count would lose rows, a wrong offset read past the buffer, bytes that are no text break a target or a log.
// Only native parts are looked at. Baton's own are trusted, and their batches come without a look.
#pragma once

#include "baton/reader.h"
#include "baton/row_batch.h"
#include "baton/row_writer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// What is wrong: the place, what was found, what was expected. Nothing where all is well.
using Fault = std::optional<std::string>;

// The columns of a batch, as the part that makes it has announced them.
struct BatchColumns {
  std::string_view announced_by;  // "open()"
  std::vector<std::string> names;
  std::vector<bool> native;  // whose fields may be FieldKind::native; empty: none's
};

// More than the 32 bits of an offset can tell.
Fault text_size_fault(std::uint64_t bytes);

// Counts of columns and fields, then whether each field and each raw record lies in the buffer. Reads nothing else.
Fault shape_fault(const RowBatch& batch, const BatchColumns& columns);

// Whether each field that is text is valid UTF-8; those that begin before `from` in the buffer are not looked at.
// REQUIRES: shape_fault found nothing.
Fault utf8_fault(const RowBatch& batch, const BatchColumns& columns, std::size_t from = 0);
bool is_utf8(const RowBatch& batch);

// What Reader::read answered, where reading stood at `offset` before. Not the fields.
Fault read_fault(const RowBatch& batch, bool more, const ReadLimits& limits, std::uint64_t offset);

// A batch as it came to a processor.
struct BatchBefore {
  explicit BatchBefore(const RowBatch& batch);

  std::uint64_t rows;
  std::uint64_t filtered;
  std::uint64_t rejects;
  std::uint64_t read;
  Position end;
  // From where in the buffer on it is the processor's own doing if text is not UTF-8.
  std::size_t own_text;
};

// The counts that Processor::apply left behind. Not the fields.
Fault processed_fault(const BatchBefore& before, const RowBatch& batch);

// The rows of a batch of `rows` that RowWriter::write refused.
Fault refusals_fault(const std::vector<RowRefusal>& refused, std::size_t rows);

}  // namespace baton
