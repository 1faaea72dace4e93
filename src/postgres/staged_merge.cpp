#include "postgres/staged_merge.h"

#include "postgres/copy_rows.h"
#include "postgres/refusal_search.h"
#include "postgres/table_staging.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <optional>
#include <utility>

namespace baton {
namespace {

constexpr std::uint64_t most_to_try_again = 10'000;

class StagedMerge {
 public:
  StagedMerge(PgConnection& connection, const PgStagedMerge& merge, std::uint64_t most, const PgStagedReject& reject)
      : connection_(connection), merge_(merge), most_(most), reject_(reject) {}

  Result<ClosingTally> run() {
    BATON_TRY(first_, attempt(""));
    if (first_) {
      BATON_CHECK(search());
      BATON_CHECK(ends_early() ? leave_the_final() : try_again());
      BATON_CHECK(connection_.script(fmt::format("DELETE FROM {} WHERE {} < 0", merge_.staging, staged_record)));
    }
    ClosingTally tally;
    tally.filtered = filtered_;
    for (Found& found : found_) tally.rejects.push_back(std::move(found.reject));
    return tally;
  }

 private:
  enum class Again {
    no,
    alone,     // what it refers to may be a row of the table that came later
    together,  // its value may belong to a row of another range, which moves on
  };
  struct Found {
    std::int64_t record;
    Again again;
    Reject reject;
  };

  Status search() {
    BATON_TRY(const PgResult ends,
              connection_.query(fmt::format("SELECT min({0}), max({0}) FROM {1}", staged_record, merge_.staging)));
    BATON_CHECK(
        connection_.script(fmt::format("CREATE INDEX ON {0} ({1}); ANALYZE {0} ({1})", merge_.staging, staged_record)));
    return search_refusals(
        static_cast<std::uint64_t>(ends.integer(0, 0)), static_cast<std::uint64_t>(ends.integer(0, 1)) + 1,
        [this](std::uint64_t first, std::uint64_t end) -> Result<std::optional<PgRefusal>> {
          if (first_) return std::exchange(first_, std::nullopt);  // the whole
          return attempt(fmt::format("{} BETWEEN {} AND {}", staged_record, first, end - 1));
        },
        [this](std::uint64_t row, const PgFailure& failure) -> Result<bool> {
          BATON_CHECK(note(static_cast<std::int64_t>(row), failure));
          return !ends_early();
        });
  }

  Status note(std::int64_t record, const PgFailure& failure) {
    BATON_TRY(Reject reject, reject_(record, failure));
    found_.push_back({record, hope(failure), std::move(reject)});
    final_ += found_.back().again == Again::no ? 1 : 0;
    return take_out({record});
  }

  Again hope(const PgFailure& failure) const {
    constexpr std::string_view foreign_key_violation = "23503";
    if (merge_.refers_to_itself && failure.sqlstate == foreign_key_violation) return Again::alone;
    return moving_ && is_taken(failure) ? Again::together : Again::no;
  }

  static bool is_taken(const PgFailure& failure) {
    constexpr std::string_view unique_violation = "23505";
    constexpr std::string_view exclusion_violation = "23P01";
    return failure.sqlstate == unique_violation || failure.sqlstate == exclusion_violation;
  }

  Status try_again() {
    std::vector<std::int64_t> together;
    for (const Found& found : found_) {
      if (found.again == Again::together) together.push_back(found.record);
    }
    if (!together.empty()) {
      BATON_TRY(const bool taken, brought_back(together));
      const auto is_taken = [&](const Found& found) { return taken && found.again == Again::together; };
      found_.erase(std::remove_if(found_.begin(), found_.end(), is_taken), found_.end());
    }
    // Backwards: a later row of a key, if it is taken, has the say over the earlier ones.
    for (bool helped = true; helped;) {
      helped = false;
      for (std::size_t i = found_.size(); i-- > 0;) {
        if (found_[i].again != Again::alone) continue;
        BATON_TRY(const bool taken, brought_back({found_[i].record}));
        if (!taken) continue;
        found_.erase(found_.begin() + static_cast<std::ptrdiff_t>(i));
        helped = true;
      }
    }
    return {};
  }

  // Of rows that were taken out: all, or none.
  Result<bool> brought_back(const std::vector<std::int64_t>& records) {
    BATON_CHECK(turn_sign(records, -1));
    BATON_TRY(const auto refused, attempt(without_earlier(records)));
    if (refused) BATON_CHECK(take_out(records));
    return !refused;
  }

  // Those rows, but for those of a key of which a later row is in the table.
  std::string without_earlier(const std::vector<std::int64_t>& records) const {
    std::string range = fmt::format("{} = ANY ('{{{}}}')", staged_record, fmt::join(records, ","));
    if (merge_.key.empty()) return range;
    range += fmt::format(" AND NOT EXISTS (SELECT FROM {0} AS later WHERE later.{1} > {0}.{1}", merge_.staging,
                         staged_record);
    for (const std::string& column : merge_.key) {
      const std::string name = PgConnection::quoted_name(column);
      range += fmt::format(" AND later.{} = {}.{}", name, merge_.staging, name);
    }
    return range + ")";
  }

  bool ends_early() const { return final_ > most_ || found_.size() > most_ + most_to_try_again; }

  // Of the others it is not known whether they would be taken with the rest.
  Status leave_the_final() {
    if (final_ <= most_) return {};
    const auto is_open = [](const Found& found) { return found.again != Again::no; };
    found_.erase(std::remove_if(found_.begin(), found_.end(), is_open), found_.end());
    return {};
  }

  // Out of every range.
  Status take_out(const std::vector<std::int64_t>& records) { return turn_sign(records, 1); }

  Status turn_sign(const std::vector<std::int64_t>& records, int sign) {
    std::string numbers;
    for (const std::int64_t record : records) {
      numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", sign * record);
    }
    BATON_CHECK(connection_.script(
        fmt::format("UPDATE {0} SET {1} = -{1} WHERE {1} = ANY ('{{{2}}}')", merge_.staging, staged_record, numbers)));
    return {};
  }

  Result<std::optional<PgRefusal>> attempt(const std::string& range) {
    BATON_TRY(auto refused, attempt_once(range));
    if (!refused || moving_ || !merge_.move || !is_taken(refused->failure)) return refused;
    moving_ = true;
    return attempt_once(range);
  }

  // Passes on errors that no row is to blame for.
  Result<std::optional<PgRefusal>> attempt_once(const std::string& range) {
    const std::string moves = moving_ ? merge_.move(range) : "";
    const auto merged = connection_.script("SAVEPOINT baton_merge; " + (moves.empty() ? "" : moves + "; ") +
                                           merge_.statement(range) + "; RELEASE SAVEPOINT baton_merge");
    if (merged) {
      filtered_ += left_out(*merged);
      return std::optional<PgRefusal>();
    }
    PgRefusal refusal{connection_.failure(), {}};
    if (connection_.lost() || !refuses_rows(refusal.failure.sqlstate)) return fail(merged.error());
    BATON_CHECK(connection_.script("ROLLBACK TO SAVEPOINT baton_merge; RELEASE SAVEPOINT baton_merge"));
    return std::optional(std::move(refusal));
  }

  PgConnection& connection_;
  const PgStagedMerge& merge_;
  std::uint64_t most_;
  const PgStagedReject& reject_;
  std::optional<PgRefusal> first_;
  std::vector<Found> found_;
  std::uint64_t final_ = 0;  // of found_: those that are not tried again
  std::uint64_t filtered_ = 0;
  bool moving_ = false;  // values were seen to move
};

}  // namespace

Result<ClosingTally> merge_staged(PgConnection& connection, const PgStagedMerge& merge, std::uint64_t most,
                                  const PgStagedReject& reject) {
  return StagedMerge(connection, merge, most, reject).run();
}

}  // namespace baton
