#include "format/csv_text_check.h"

#include "format/text_place.h"

#include <simdjson.h>
#include <algorithm>
#include <cstring>

namespace baton {
namespace {

Reject refused(const RowBatch& batch, const RowPlace& place, const std::string& column, std::string_view value,
               std::string_view reason) {
  Reject reject;
  reject.record = place.record;
  reject.line = place.line;
  reject.column = column;
  reject.value = clipped(value, max_reject_value_bytes);
  reject.reason = reason;
  reject.raw = clipped(batch.raw(place), max_reject_raw_bytes);
  return reject;
}

bool reject_row(RowBatch& batch, std::size_t row, const std::vector<std::string>& columns) {
  for (std::size_t column = 0; column < batch.columns; ++column) {
    const std::string_view value = batch.view(batch.at(row, column));
    const std::string_view fault = text_fault(value);
    if (fault.empty()) continue;
    batch.rejects.push_back(refused(batch, batch.rows[row], columns[column], value, fault));
    return true;
  }
  return false;
}

}  // namespace

std::string_view text_fault(std::string_view text) {
  if (text.empty()) return {};
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) return "holds a NUL byte, which no text column takes";
  if (!simdjson::validate_utf8(text.data(), text.size())) return "invalid UTF-8: convert the file to UTF-8";
  return {};
}

void reject_bad_text(RowBatch& batch, const std::vector<std::string>& columns, bool bytes_are_fields) {
  if (bytes_are_fields && text_fault({batch.text.data(), batch.text.size()}).empty()) return;
  std::size_t kept = 0;
  const auto width = static_cast<std::ptrdiff_t>(batch.columns);
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    const bool suspect = !bytes_are_fields || !text_fault(batch.raw(batch.rows[row])).empty();
    if (suspect && reject_row(batch, row, columns)) continue;
    if (kept != row) {
      batch.rows[kept] = batch.rows[row];
      const auto from = batch.fields.begin() + static_cast<std::ptrdiff_t>(row) * width;
      std::copy(from, from + width, batch.fields.begin() + static_cast<std::ptrdiff_t>(kept) * width);
    }
    ++kept;
  }
  batch.rows.resize(kept);
  batch.fields.resize(kept * batch.columns);
}

}  // namespace baton
