#include "postgres/copy_rows.h"

#include "base/ascii_text.h"
#include "postgres/copy_binary.h"
#include "postgres/pg_error.h"
#include "postgres/refusal_search.h"

#include <utility>

namespace baton {
namespace {

class RowCopy {
 public:
  RowCopy(PgConnection& connection, const PgCopyStatement& statement, const PgChunkRows& rows, const PgRefused& refused)
      : connection_(connection), statement_(statement), rows_(rows), refused_(refused) {}

  Result<WriteTally> run() {
    BATON_CHECK(search_refusals(
        0, rows_.rows(), [this](std::uint64_t first, std::uint64_t end) { return attempt(first, end); },
        [this](std::uint64_t row, const PgFailure& failure) -> Result<bool> {
          tally_.rejects.push_back(refused_(row, failure));
          return true;
        }));
    return std::move(tally_);
  }

 private:
  Result<std::optional<PgRefusal>> attempt(std::size_t first, std::size_t end) {
    const auto copied = copy(first, end);
    if (copied) {
      const std::uint64_t filtered =
          end - first - static_cast<std::uint64_t>(copied->front().changed()) + left_out(*copied);
      tally_.filtered += filtered;
      tally_.written += end - first - filtered;
      return std::optional<PgRefusal>();
    }
    PgRefusal refusal{connection_.failure(), {}};
    BATON_CHECK(undo(copied.error()));
    const auto place = place_in_copy(refusal.failure.context, statement_.relation);
    if (place && place->row <= end - first) refusal.row = first + place->row - 1;
    return std::optional(std::move(refusal));
  }

  Result<std::vector<PgResult>> copy(std::size_t first, std::size_t end) {
    std::string sql = "SAVEPOINT baton_rows; " + statement_.before + statement_.copy + "; ";
    if (statement_.after) sql += statement_.after(rows_.record(first), rows_.record(end - 1));
    sql += "RELEASE SAVEPOINT baton_rows";
    BATON_CHECK(connection_.copy_in(sql));
    if (statement_.binary) BATON_CHECK(connection_.copy_data(copy_binary_header()));
    for (const std::string_view piece : rows_.pieces(first, end)) BATON_CHECK(connection_.copy_data(piece));
    if (statement_.binary) BATON_CHECK(connection_.copy_data(copy_binary_trailer()));
    return connection_.copy_end();
  }

  // Passes on errors that no row is to blame for.
  Status undo(const Error& error) {
    if (connection_.lost() || !refuses_rows(connection_.failure().sqlstate)) return fail(error);
    BATON_TRY(const auto undone, connection_.script("ROLLBACK TO SAVEPOINT baton_rows; RELEASE SAVEPOINT baton_rows"));
    return {};
  }

  PgConnection& connection_;
  const PgCopyStatement& statement_;
  const PgChunkRows& rows_;
  const PgRefused& refused_;
  WriteTally tally_;
};

}  // namespace

Result<WriteTally> copy_rows(PgConnection& connection, const PgCopyStatement& statement, const PgChunkRows& rows,
                             const PgRefused& refused) {
  return RowCopy(connection, statement, rows, refused).run();
}

std::optional<CopyPlace> place_in_copy(const std::string& context, const std::string& relation) {
  const std::string prefix = "COPY " + relation + ",";
  std::size_t begin = 0;
  while (context.compare(begin, prefix.size(), prefix) != 0) {
    begin = context.find('\n', begin);
    if (begin == std::string::npos) return std::nullopt;
    ++begin;
  }
  std::size_t at = begin + prefix.size();
  while (at < context.size() && context[at] != '\n' && !is_digit(context[at])) ++at;
  CopyPlace place;
  while (at < context.size() && is_digit(context[at])) {
    place.row = place.row * 10 + static_cast<std::size_t>(context[at++] - '0');
  }
  if (place.row == 0) return std::nullopt;
  constexpr std::string_view column = ", column ";
  if (context.compare(at, column.size(), column) == 0) {
    at += column.size();
    place.column = context.substr(at, context.find_first_of(":\n", at) - at);
  }
  return place;
}

std::uint64_t left_out(const std::vector<PgResult>& results) {
  std::uint64_t rows = 0;
  for (const PgResult& result : results) {
    if (result.rows() == 1) rows += static_cast<std::uint64_t>(result.integer(0, 0));
  }
  return rows;
}

bool refuses_rows(std::string_view sqlstate) {
  // Beyond constraints and values: RAISE in a trigger, WITH CHECK OPTION, a row too large for an index, nested too
  // deep.
  return pg_refuses_row(sqlstate) || sqlstate == "P0001" || sqlstate == "44000" || sqlstate == "54000" ||
         sqlstate == "54001";
}

}  // namespace baton
