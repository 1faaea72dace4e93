#include "postgres/staged_merge.h"

#include "postgres/copy_rows.h"
#include "postgres/refusal_search.h"
#include "postgres/table_staging.h"

#include <fmt/format.h>
#include <algorithm>
#include <optional>
#include <utility>

namespace baton {
namespace {

class StagedMerge {
 public:
  StagedMerge(PgConnection& connection, const PgStagedMerge& merge, std::uint64_t most, const PgStagedReject& reject)
      : connection_(connection), merge_(merge), most_(most), reject_(reject) {}

  Result<std::vector<Reject>> run() {
    BATON_TRY(first_, attempt(""));
    if (first_) {
      BATON_CHECK(search());
      if (final_ <= most_) BATON_CHECK(try_again());
      BATON_CHECK(execute(fmt::format("DELETE FROM {} WHERE {} < 0", merge_.staging, staged_record)));
    }
    std::vector<Reject> rejects;
    for (Found& found : found_) rejects.push_back(std::move(found.reject));
    return rejects;
  }

 private:
  struct Found {
    std::int64_t record;
    bool may_change;  // what it refers to may be a row of the table that comes later
    Reject reject;
  };

  Status search() {
    BATON_TRY(const PgResult ends,
              connection_.query(fmt::format("SELECT min({0}), max({0}) FROM {1}", staged_record, merge_.staging)));
    BATON_CHECK(execute(fmt::format("CREATE INDEX ON {0} ({1}); ANALYZE {0} ({1})", merge_.staging, staged_record)));
    return search_refusals(
        static_cast<std::uint64_t>(ends.integer(0, 0)), static_cast<std::uint64_t>(ends.integer(0, 1)) + 1,
        [this](std::uint64_t first, std::uint64_t end) -> Result<std::optional<PgRefusal>> {
          if (first_) return std::exchange(first_, std::nullopt);  // the whole
          return attempt(fmt::format("{} BETWEEN {} AND {}", staged_record, first, end - 1));
        },
        [this](std::uint64_t row, const PgFailure& failure) -> Result<bool> {
          BATON_CHECK(note(static_cast<std::int64_t>(row), failure));
          return final_ <= most_;
        });
  }

  Status note(std::int64_t record, const PgFailure& failure) {
    constexpr std::string_view foreign_key_violation = "23503";
    BATON_TRY(Reject reject, reject_(record, failure));
    found_.push_back({record, merge_.refers_to_itself && failure.sqlstate == foreign_key_violation, std::move(reject)});
    final_ += found_.back().may_change ? 0 : 1;
    return number(record, -record);  // out of every range
  }

  // Backwards: a later row of a key, if it is taken, has the say over the earlier ones.
  Status try_again() {
    for (bool helped = true; helped;) {
      helped = false;
      for (std::size_t i = found_.size(); i-- > 0;) {
        if (!found_[i].may_change) continue;
        const std::int64_t record = found_[i].record;
        BATON_TRY(const auto refused, attempt(alone(record)));
        if (refused) continue;
        BATON_CHECK(number(-record, record));
        found_.erase(found_.begin() + static_cast<std::ptrdiff_t>(i));
        helped = true;
      }
    }
    return {};
  }

  // A row that was taken out, unless a later one of its key is in the table.
  std::string alone(std::int64_t record) const {
    std::string range = fmt::format("{} = {}", staged_record, -record);
    if (merge_.key.empty()) return range;
    range += fmt::format(" AND NOT EXISTS (SELECT FROM {} AS later WHERE later.{} > {}", merge_.staging, staged_record,
                         record);
    for (const std::string& column : merge_.key) {
      const std::string name = PgConnection::quoted_name(column);
      range += fmt::format(" AND later.{} = {}.{}", name, merge_.staging, name);
    }
    return range + ")";
  }

  Status number(std::int64_t from, std::int64_t to) {
    return execute(fmt::format("UPDATE {0} SET {1} = {2} WHERE {1} = {3}", merge_.staging, staged_record, to, from));
  }

  // Passes on errors that no row is to blame for.
  Result<std::optional<PgRefusal>> attempt(const std::string& range) {
    const Status merged =
        execute("SAVEPOINT baton_merge; " + merge_.statement(range) + "; RELEASE SAVEPOINT baton_merge");
    if (merged) return std::optional<PgRefusal>();
    PgRefusal refusal{connection_.failure(), {}};
    if (connection_.lost() || !refuses_rows(refusal.failure.sqlstate)) return fail(merged.error());
    BATON_CHECK(execute("ROLLBACK TO SAVEPOINT baton_merge; RELEASE SAVEPOINT baton_merge"));
    return std::optional(std::move(refusal));
  }

  Status execute(const std::string& sql) {
    const auto done = connection_.script(sql);
    return done ? Status() : fail(done.error());
  }

  PgConnection& connection_;
  const PgStagedMerge& merge_;
  std::uint64_t most_;
  const PgStagedReject& reject_;
  std::optional<PgRefusal> first_;
  std::vector<Found> found_;
  std::uint64_t final_ = 0;  // of found_: those that may not change
};

}  // namespace

Result<std::vector<Reject>> merge_staged(PgConnection& connection, const PgStagedMerge& merge, std::uint64_t most,
                                         const PgStagedReject& reject) {
  return StagedMerge(connection, merge, most, reject).run();
}

}  // namespace baton
