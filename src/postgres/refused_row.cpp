#include "postgres/refused_row.h"

#include "data/write_reject.h"
#include "postgres/big_endian.h"
#include "postgres/copy_rows.h"
#include "postgres/table_staging.h"
#include "postgres/value_text.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

std::string binary_value(const PgTablePlan& plan, std::string_view row, std::size_t column, bool with_record) {
  row.remove_prefix(2);
  const std::size_t skipped = column + (with_record ? 1 : 0);
  for (std::size_t i = 0;; ++i) {
    const auto size = big_endian<std::int32_t>(row);
    row.remove_prefix(4);
    if (i == skipped) {
      if (size < 0) return {};
      return value_text(plan.columns[column].encoder, row.substr(0, static_cast<std::size_t>(size))).value_or("");
    }
    if (size > 0) row.remove_prefix(static_cast<std::size_t>(size));
  }
}

std::string text_value(std::string_view row, std::size_t column, bool with_record) {
  for (std::size_t skipped = column + (with_record ? 1 : 0); skipped > 0; --skipped) {
    row.remove_prefix(row.find('\t') + 1);
  }
  return std::string(row.substr(0, row.find_first_of("\t\n")));
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// "Key (a, b)=(1, x) already exists." → "a, b" and "1, x".
bool read_key(const std::string& detail, std::string& columns, std::string& values) {
  const auto open = detail.find('(');
  const auto between = detail.find(")=(");
  const auto close = detail.rfind(')');
  if (open == std::string::npos || between == std::string::npos || close < between + 3) return false;
  columns = detail.substr(open + 1, between - open - 1);
  values = detail.substr(between + 3, close - between - 3);
  return true;
}

}  // namespace

Reject RefusedRow::of(const PgEncodedRows& rows, std::size_t row, const PgFailure& failure) const {
  const std::string column = column_of(failure);
  std::string value;
  if (const PgTargetColumn* found = arriving(column)) {
    const auto index = static_cast<std::size_t>(found - plan_.columns.data());
    value = plan_.binary() ? binary_value(plan_, rows.view(row, row + 1), index, with_record_)
                           : text_value(rows.view(row, row + 1), index, with_record_);
  }
  return write_reject(rows.places[row], rows.raw_text(row), column, value, reason_of(failure));
}

Result<Reject> RefusedRow::of_staged(PgConnection& connection, const std::string& staging, std::int64_t record,
                                     const PgFailure& failure) const {
  const std::string column = column_of(failure);
  std::string value;
  if (arriving(column) != nullptr) {
    BATON_TRY(const PgResult row,
              connection.query(fmt::format("SELECT {}::text FROM {} WHERE {} = {}", PgConnection::quoted_name(column),
                                           staging, staged_record, record)));
    if (row.rows() == 1) value = row.text(0, 0);
  }
  RowPlace place;
  place.record = static_cast<std::uint64_t>(record);
  return write_reject(place, {}, column, value, reason_of(failure));
}

const PgTargetColumn* RefusedRow::arriving(const std::string& column) const {
  const auto found = std::find_if(plan_.columns.begin(), plan_.columns.end(),
                                  [&](const PgTargetColumn& one) { return one.name == column; });
  return found == plan_.columns.end() ? nullptr : &*found;
}

std::string RefusedRow::column_of(const PgFailure& failure) const {
  if (!failure.column.empty()) return failure.column;
  const auto place = place_in_copy(failure.context, relation_);
  if (place && !place->column.empty()) return place->column;
  for (const PgCheck& check : shape_.checks) {
    if (check.name == failure.constraint && check.columns.size() == 1) return check.columns.front();
  }
  std::string columns;
  std::string values;
  const bool one = read_key(failure.detail, columns, values) && columns.find(", ") == std::string::npos;
  return one ? columns : std::string();
}

std::string RefusedRow::reason_of(const PgFailure& failure) const {
  std::string reason = failure.message;
  constexpr std::string_view unique_violation = "23505";
  if (failure.sqlstate == unique_violation && relation_ != plan_.table && failure.table == relation_) {
    reason = fmt::format("duplicate key value violates a unique constraint of {}", plan_.table);
  }
  replace_all(reason, relation_, plan_.table);
  std::string columns;
  std::string values;
  constexpr std::string_view out_of_range = "22003";
  constexpr std::string_view no_json = "22P02";
  if (read_key(failure.detail, columns, values) || failure.sqlstate == no_json) {
    std::string detail = failure.detail;
    replace_all(detail, relation_, plan_.table);
    if (!detail.empty()) reason += ": " + detail;
  }
  const PgTargetColumn* column = arriving(column_of(failure));
  if (failure.sqlstate == out_of_range && column != nullptr) {
    reason += fmt::format(": out of range for {}: expected {}", column->encoder.type, expectation(column->encoder));
  }
  return reason;
}

}  // namespace baton
