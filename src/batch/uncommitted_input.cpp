#include "batch/uncommitted_input.h"

#include <algorithm>

namespace baton {

Result<bool> UncommittedInput::read(RowBatch& batch, ReadLimits limits) {
  while (at_committed()) {
    position_ = committed_.front().to;
    committed_.pop_front();
    BATON_CHECK(reader_.resume(position_));
  }
  begin_ = position_;
  if (!committed_.empty()) {
    const Position& until = committed_.front().from;
    limits.until = &until;
    limits.rows = static_cast<std::size_t>(std::min<std::uint64_t>(limits.rows, until.record - position_.record));
  }
  BATON_TRY(bool more, reader_.read(batch, limits));
  position_ = batch.end;
  if (limits.until != nullptr) {
    if (limits.until->offset < position_.offset || (!more && !at_committed())) {
      return fail(ErrorKind::internal, "the input does not reach the ranges of it that are committed");
    }
    more = true;
  }
  return more;
}

}  // namespace baton
