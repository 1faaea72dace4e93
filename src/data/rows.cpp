#include "baton/rows.h"

#include "data/write_reject.h"

#include <utility>

namespace baton {
namespace {

// The place of `value` in the buffer, behind what is there.
Field stored(RowBatch& batch, std::string_view value, FieldKind kind) {
  const Field field{static_cast<std::uint32_t>(batch.text.size()), static_cast<std::uint32_t>(value.size()), kind};
  batch.text.insert(batch.text.end(), value.begin(), value.end());
  return field;
}

Reject refused(RejectPhase phase, std::uint64_t record, std::uint64_t line, std::string_view raw, std::string reason) {
  RowPlace place;
  place.record = record;
  place.line = line;
  Reject reject = write_reject(place, raw, {}, {}, std::move(reason));
  reject.phase = phase;
  return reject;
}

}  // namespace

void begin_row(RowBatch& batch, std::uint64_t record, std::string_view raw, std::uint64_t offset, std::uint64_t line) {
  const Field text = stored(batch, raw, FieldKind::text);
  batch.rows.push_back({record, line, offset, text.offset, text.size});
  ++batch.read;
}

void add_field(RowBatch& batch, std::string_view value, FieldKind kind) {
  batch.fields.push_back(stored(batch, kind == FieldKind::null ? std::string_view() : value, kind));
}

void refuse_record(RowBatch& batch, std::uint64_t record, std::string reason, std::string_view raw,
                   std::uint64_t line) {
  batch.rejects.push_back(refused(RejectPhase::read, record, line, raw, std::move(reason)));
  ++batch.read;
}

void set_field(RowBatch& batch, std::size_t row, std::size_t column, std::string_view value, FieldKind kind) {
  batch.fields[row * batch.columns + column] =
      stored(batch, kind == FieldKind::null ? std::string_view() : value, kind);
}

void add_columns(RowBatch& batch, std::size_t count) {
  const std::size_t before = batch.columns;
  std::vector<Field> fields(batch.size() * (before + count));
  for (std::size_t row = 0; row < batch.size(); ++row) {
    for (std::size_t column = 0; column < before; ++column)
      fields[row * (before + count) + column] = batch.at(row, column);
  }
  batch.fields = std::move(fields);
  batch.columns += count;
}

void sift_rows(RowBatch& batch, const std::function<RowFate(std::size_t row)>& fate) {
  std::size_t kept = 0;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    RowFate decided = fate(row);
    if (decided.kind == RowFate::Kind::filter) ++batch.filtered;
    if (decided.kind == RowFate::Kind::refuse) {
      const RowPlace& place = batch.rows[row];
      Reject reject =
          refused(RejectPhase::process, place.record, place.line, batch.raw_text(place), std::move(decided.reason));
      reject.column = std::move(decided.column);
      reject.value = cut_text(decided.value, max_reject_value_bytes);
      batch.rejects.push_back(std::move(reject));
    }
    if (decided.kind != RowFate::Kind::keep) continue;
    // Forwards only: a row is read before its place is written.
    if (kept != row) {
      for (std::size_t i = 0; i < batch.columns; ++i) batch.fields[kept * batch.columns + i] = batch.at(row, i);
      batch.rows[kept] = batch.rows[row];
    }
    ++kept;
  }
  batch.rows.resize(kept);
  batch.fields.resize(kept * batch.columns);
}

}  // namespace baton
