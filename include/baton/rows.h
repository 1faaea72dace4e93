// Making and changing the rows of a batch. Nothing here is thread-safe: one thread holds a batch at a time.
#pragma once

#include "baton/row_batch.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// For readers. Begins a row; add_field for each column must follow. Counts it as read. `raw` is the record as it was
// written, which rejects keep; `offset` is where it begins in the input.
void begin_row(RowBatch& batch, std::uint64_t record, std::string_view raw = {}, std::uint64_t offset = 0,
               std::uint64_t line = 0);

// The next field of the row that was begun last. `value` is UTF-8; FieldKind::null takes none.
void add_field(RowBatch& batch, std::string_view value, FieldKind kind = FieldKind::text);
inline void add_null(RowBatch& batch) { add_field(batch, {}, FieldKind::null); }

// For readers. A record that was read and is no row; phase read.
void refuse_record(RowBatch& batch, std::uint64_t record, std::string reason, std::string_view raw = {},
                   std::uint64_t line = 0);

// For processors. Another value for a field; the old text stays in the buffer, unused.
void set_field(RowBatch& batch, std::size_t row, std::size_t column, std::string_view value,
               FieldKind kind = FieldKind::text);

// For processors. Adds so many columns behind the others; their fields are NULL.
void add_columns(RowBatch& batch, std::size_t count);

// What becomes of a row.
struct RowFate {
  enum class Kind { keep, filter, refuse };
  Kind kind = Kind::keep;
  std::string column = {};  // refuse: empty where the whole row is meant
  std::string value = {};   // refuse: what was refused; empty where it may be a secret
  std::string reason = {};  // refuse: what was expected
};

inline RowFate keep_row() { return {}; }
inline RowFate filter_row() { return {RowFate::Kind::filter}; }
inline RowFate refuse_row(std::string column, std::string value, std::string reason) {
  return {RowFate::Kind::refuse, std::move(column), std::move(value), std::move(reason)};
}

// For processors. Asks for each row, in order, and takes those out that are filtered (counted) or refused (they become
// rejects, phase process). `fate` may change fields of the row that it is asked about.
void sift_rows(RowBatch& batch, const std::function<RowFate(std::size_t row)>& fate);

}  // namespace baton
