#include "postgres/staged_mirror.h"

#include "postgres/copy_rows.h"
#include "postgres/table_staging.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <iterator>

namespace baton {
namespace {

constexpr const char* undo = "ROLLBACK TO SAVEPOINT baton_mirror; RELEASE SAVEPOINT baton_mirror";

// Under a savepoint; false: a row holds on to one that goes, and nothing is done.
Result<bool> remove_first(PgConnection& connection, const std::string& remove) {
  BATON_CHECK(connection.script("SAVEPOINT baton_mirror"));
  const auto removed = connection.script(remove);
  if (removed) return true;
  if (connection.lost() || !refuses_rows(connection.failure().sqlstate)) return fail(removed.error());
  BATON_CHECK(connection.script(undo));
  return false;
}

Status unstage(PgConnection& connection, const std::string& staging, const std::vector<Reject>& rejects) {
  std::vector<std::uint64_t> records;
  for (const Reject& reject : rejects) records.push_back(reject.record);
  BATON_CHECK(connection.script(
      fmt::format("DELETE FROM {} WHERE {} = ANY ('{{{}}}')", staging, staged_record, fmt::join(records, ","))));
  return {};
}

// After rejects of a merge into the table without the rows that go: the others, with all rows in their places.
Result<ClosingTally> merge_without_removing(PgConnection& connection, const PgStagedMirror& mirror, std::uint64_t most,
                                            const PgStagedReject& reject, std::vector<Reject> rejects) {
  BATON_CHECK(connection.script(undo));
  BATON_CHECK(unstage(connection, mirror.merge.staging, rejects));
  BATON_TRY(ClosingTally tally, merge_staged(connection, mirror.merge, most - rejects.size(),
                                             [&](std::int64_t record, const PgFailure& failure) -> Result<Reject> {
                                               BATON_TRY(Reject made, reject(record, failure));
                                               made.reason += " (nothing is deleted in a run with a reject)";
                                               return made;
                                             }));
  tally.rejects.insert(tally.rejects.begin(), std::make_move_iterator(rejects.begin()),
                       std::make_move_iterator(rejects.end()));
  return tally;
}

}  // namespace

std::string advice_on_moving(const PgTableShape& shape, const std::vector<std::string>& key, const PgFailure& failure) {
  for (const PgUniqueKey& unique : shape.unique_keys) {
    const bool is_key =
        unique.columns.size() == key.size() && std::is_permutation(key.begin(), key.end(), unique.columns.begin());
    if (is_key || unique.index != failure.constraint) continue;
    return fmt::format(" If the value moves from one row to another, make {} a constraint that is DEFERRABLE",
                       unique.index);
  }
  return {};
}

Result<ClosingTally> mirror_staged(PgConnection& connection, const PgStagedMirror& mirror, std::uint64_t most,
                                   const PgStagedReject& reject) {
  bool removed = false;
  if (mirror.remove_first) {
    BATON_TRY(removed, remove_first(connection, mirror.remove));
  }
  BATON_TRY(ClosingTally tally, merge_staged(connection, mirror.merge, most, reject));
  if (removed && !tally.rejects.empty() && tally.rejects.size() <= most) {
    return merge_without_removing(connection, mirror, most, reject, std::move(tally.rejects));
  }
  if (!removed && tally.rejects.empty()) BATON_CHECK(connection.script(mirror.remove));
  return tally;
}

}  // namespace baton
