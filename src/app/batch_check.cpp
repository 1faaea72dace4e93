#include "app/batch_check.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <limits>

namespace baton {
namespace {

bool is_utf8(std::string_view text) { return text.empty() || simdjson::validate_utf8(text.data(), text.size()); }

std::string place(const RowBatch& batch, std::size_t row) {
  return fmt::format("row {} of the batch (record {})", row + 1, batch.rows[row].record);
}

std::string place(const RowBatch& batch, std::size_t row, const BatchColumns& columns, std::size_t column) {
  return fmt::format("{}, column `{}`", place(batch, row), columns.names[column]);
}

bool lies_in(const RowBatch& batch, std::uint64_t offset, std::uint64_t size) {
  return offset + size <= batch.text.size();
}

std::string outside(const RowBatch& batch, std::uint64_t offset, std::uint64_t size) {
  return fmt::format("{} bytes from byte {} on, of a text of {}; expected them inside of it", size, offset,
                     batch.text.size());
}

Fault field_fault(const RowBatch& batch, const Field& field, bool may_be_native) {
  if (!lies_in(batch, field.offset, field.size)) {
    return "its value is " + outside(batch, field.offset, field.size);
  }
  if (field.kind > FieldKind::native) {
    return fmt::format("its kind is {}; expected one of FieldKind", static_cast<int>(field.kind));
  }
  if (field.kind == FieldKind::native && !may_be_native) {
    return "its kind is FieldKind::native; expected that only where deliver_native() asked for it, and passed on "
           "unchanged by processors that say so";
  }
  if (field.kind == FieldKind::empty && field.size > 0) {
    return fmt::format("{} bytes of FieldKind::empty; expected none, or FieldKind::text", field.size);
  }
  return std::nullopt;
}

bool is_text(const Field& field) { return field.kind != FieldKind::native && field.kind != FieldKind::null; }

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// Tells of each field whether it is valid UTF-8. Where the whole buffer is, a look at the two ends of a field is
// enough.
class FieldText {
 public:
  explicit FieldText(const RowBatch& batch) : text_(batch.text.data(), batch.text.size()), is_valid_(is_utf8(text_)) {}

  bool is_valid(const Field& field) const {
    if (field.size == 0) return true;
    if (!is_valid_) return is_utf8(text_.substr(field.offset, field.size));
    const std::size_t end = std::size_t{field.offset} + field.size;
    return !continues_character(text_[field.offset]) && (end == text_.size() || !continues_character(text_[end]));
  }

 private:
  std::string_view text_;
  bool is_valid_;
};

}  // namespace

Fault text_size_fault(std::uint64_t bytes) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  if (bytes <= most) return std::nullopt;
  return fmt::format("a batch of {} bytes of text; expected {} at most: give out smaller batches, as `limits` says",
                     bytes, most);
}

Fault shape_fault(const RowBatch& batch, const BatchColumns& columns) {
  const std::size_t width = batch.columns;
  if (!batch.rows.empty() && width != columns.names.size()) {
    return fmt::format("a batch of {} columns; expected the {} that {} returned", width, columns.names.size(),
                       columns.announced_by);
  }
  if (batch.fields.size() != batch.rows.size() * width) {
    return fmt::format("{} fields for {} rows of {} columns; expected one for each column of each row",
                       batch.fields.size(), batch.rows.size(), width);
  }
  if (const Fault fault = text_size_fault(batch.text.size())) return fault;
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    for (std::size_t column = 0; column < width; ++column) {
      const bool may_be_native = !columns.native.empty() && columns.native[column];
      if (const Fault fault = field_fault(batch, batch.at(row, column), may_be_native)) {
        return fmt::format("{}: {}", place(batch, row, columns, column), *fault);
      }
    }
    const RowPlace& raw = batch.rows[row];
    if (!lies_in(batch, raw.raw_offset, raw.raw_size)) {
      return fmt::format("{}: its raw record is {}", place(batch, row), outside(batch, raw.raw_offset, raw.raw_size));
    }
  }
  return std::nullopt;
}

Fault utf8_fault(const RowBatch& batch, const BatchColumns& columns, std::size_t from) {
  const FieldText text(batch);
  for (std::size_t i = 0; i < batch.fields.size(); ++i) {
    const Field& field = batch.fields[i];
    if (!is_text(field) || field.offset < from || text.is_valid(field)) continue;
    return fmt::format("{}: its value is not valid UTF-8; expected text, of bytes a text form such as \\x00ff",
                       place(batch, i / batch.columns, columns, i % batch.columns));
  }
  return std::nullopt;
}

bool is_utf8(const RowBatch& batch) {
  const FieldText text(batch);
  for (const Field& field : batch.fields) {
    if (is_text(field) && !text.is_valid(field)) return false;
  }
  return true;
}

Fault read_fault(const RowBatch& batch, bool more, const ReadLimits& limits, std::uint64_t offset) {
  if (batch.read != batch.rows.size() + batch.filtered + batch.rejects.size()) {
    return fmt::format("{} records read, but {} rows, {} filtered and {} refused; expected their sum", batch.read,
                       batch.rows.size(), batch.filtered, batch.rejects.size());
  }
  if (more && batch.read == 0) return "a batch without records; expected `false` at the end, and records before it";
  // They would be lost.
  if (!more && batch.read > 0) {
    return fmt::format("{} records and `false`; expected `true` with the last records, and `false` at the read after",
                       batch.read);
  }
  if (batch.read > limits.rows) {
    return fmt::format("{} records in one batch; expected {} at most, the `rows` of its limits", batch.read,
                       limits.rows);
  }
  // A chunk that does not move the position is not recorded: its rows would be written again.
  if (more && batch.end.offset <= offset) {
    return fmt::format(
        "{} records read, and the offset of the position behind them, {}, is not above the one before; "
        "expected it to grow with each record",
        batch.read, batch.end.offset);
  }
  if (!more && batch.end.offset < offset) {
    return fmt::format(
        "the offset of the position at the end is {}, below the one before, {}; expected the end of "
        "what was read",
        batch.end.offset, offset);
  }
  if (limits.until != nullptr && batch.end.offset > limits.until->offset) {
    return fmt::format(
        "read up to offset {}; expected {} at most, the `until` of its limits: what follows is "
        "committed already",
        batch.end.offset, limits.until->offset);
  }
  // It is stored with the progress.
  if (!is_utf8(batch.end.key)) return "the `key` of its position is not valid UTF-8; expected text";
  return std::nullopt;
}

BatchBefore::BatchBefore(const RowBatch& batch)
    : rows(batch.rows.size()),
      filtered(batch.filtered),
      rejects(batch.rejects.size()),
      read(batch.read),
      end(batch.end),
      own_text(is_utf8(batch) ? 0 : batch.text.size()) {}

Fault processed_fault(const BatchBefore& before, const RowBatch& batch) {
  if (batch.read != before.read || batch.end != before.end) {
    return fmt::format(
        "it changed the count of records read ({}, was {}) or the position behind them; expected both "
        "as they came",
        batch.read, before.read);
  }
  const bool uncounts = batch.filtered < before.filtered || batch.rejects.size() < before.rejects;
  const std::uint64_t filtered = batch.filtered - before.filtered;
  const std::uint64_t refused = batch.rejects.size() - before.rejects;
  if (!uncounts && before.rows == batch.rows.size() + filtered + refused) return std::nullopt;
  if (uncounts) {
    return fmt::format("{} filtered and {} refused, where {} and {} were before it; expected none to go missing",
                       batch.filtered, batch.rejects.size(), before.filtered, before.rejects);
  }
  return fmt::format(
      "{} rows came, but {} left, {} were filtered and {} refused; expected their sum: take rows out "
      "with sift_rows, which counts them, and add none",
      before.rows, batch.rows.size(), filtered, refused);
}

Fault refusals_fault(const std::vector<RowRefusal>& refused, std::size_t rows) {
  std::vector<bool> seen(rows);
  for (const RowRefusal& one : refused) {
    if (one.row >= rows) {
      return fmt::format("it refused row {} of a batch of {}; expected numbers from 0 to {}", one.row, rows, rows - 1);
    }
    if (seen[one.row]) return fmt::format("it refused row {} twice; expected each row once at most", one.row);
    seen[one.row] = true;
  }
  return std::nullopt;
}

}  // namespace baton
