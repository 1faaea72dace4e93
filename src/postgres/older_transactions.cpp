// P9: what is older than a fence is over before anything is built on it.
//   1. list once who holds the job's lock; a transaction is known by its pid and its virtual transaction id
//   2. wait up to 1 s until those have ended by themselves
//   3. end those that are left, each by a statement that checks the fence itself, and wait until they are gone
// Who locks later is not listed, and need not be: it sees the new fence.
#include "postgres/fenced_transaction.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <vector>

namespace baton {
namespace {

using std::chrono::steady_clock;

constexpr Duration patience(1'000);
constexpr Duration ending_patience(5'000);

struct Holder {
  std::int64_t pid = 0;
  std::string transaction;
  std::string role;

  friend bool operator==(const Holder& a, const Holder& b) { return a.pid == b.pid && a.transaction == b.transaction; }
};

struct Look {
  PgConnection& connection;
  const std::string& fence_table;
  const Fence& fence;

  // pg_locks, the rows of which are the job's lock where somebody else holds it.
  std::string lock_condition() const {
    const auto key = static_cast<std::uint64_t>(job_lock_key(fence.repository_id, fence.job));
    return fmt::format(
        "l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = {}::pg_catalog.oid AND l.objid = "
        "{}::pg_catalog.oid AND l.pid <> pg_catalog.pg_backend_pid() AND l.database = (SELECT d.oid FROM "
        "pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())",
        key >> 32, key & 0xffffffff);
  }

  // Who holds the lock now; `lease_lost` where the fence is another's.
  Result<std::vector<Holder>> holders() const {
    BATON_TRY(const PgResult rows,
              connection.query(fmt::format("SELECT f.fence, l.pid, l.virtualtransaction, a.usename FROM (SELECT) one "
                                           "LEFT JOIN {} f ON f.repository_id = $1 AND f.job = $2 "
                                           "LEFT JOIN pg_catalog.pg_locks l ON {} "
                                           "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid",
                                           fence_table, lock_condition()),
                               PgParameters::of(fence.repository_id, fence.job)));
    if (rows.is_null(0, 0) || rows.integer(0, 0) != fence.value) {
      return fail(
          ErrorKind::lease_lost,
          fmt::format("{}: the fence of \"{}\" is {}, mine is {}: another replica owns the job now", connection.shown(),
                      fence.job, rows.optional_text(0, 0).value_or("missing"), fence.value));
    }
    std::vector<Holder> found;
    for (int row = 0; row < rows.rows(); ++row) {
      if (!rows.is_null(row, 1)) found.push_back({rows.integer(row, 1), rows.text(row, 2), rows.text(row, 3)});
    }
    return found;
  }

  // Those of `listed` that are still there after `time`, or none as soon as all have gone.
  Result<std::vector<Holder>> wait_for(std::vector<Holder> listed, Duration time) const {
    const auto until = steady_clock::now() + time;
    while (!listed.empty() && steady_clock::now() < until) {
      BATON_TRY(const PgResult slept, connection.query("SELECT pg_catalog.pg_sleep(0.01)"));
      BATON_TRY(const std::vector<Holder> now, holders());
      std::erase_if(listed, [&](const Holder& one) { return std::find(now.begin(), now.end(), one) == now.end(); });
    }
    return listed;
  }

  Status end(const Holder& holder) const {
    const auto ended = connection.query(
        fmt::format("SELECT pg_catalog.pg_terminate_backend(l.pid) FROM pg_catalog.pg_locks l, {} f WHERE "
                    "f.repository_id = $1 AND f.job = $2 AND f.fence = $3 AND l.pid = $4 AND "
                    "l.virtualtransaction = $5 AND {}",
                    fence_table, lock_condition()),
        PgParameters::of(fence.repository_id, fence.job, fence.value, holder.pid, holder.transaction));
    if (ended) return {};
    if (connection.lost() || connection.failure().sqlstate != "42501") return fail(ended.error());
    return fail(
        ErrorKind::invalid,
        fmt::format(
            "{}: a transaction that an earlier owner of \"{}\" left open may not be ended: pid {} of role "
            "\"{}\" in database \"{}\" ({}). Grant this role pg_signal_backend, or membership in that one; or as a "
            "superuser: SELECT pg_terminate_backend({})",
            connection.shown(), fence.job, holder.pid, holder.role, database(), connection.failure().message,
            holder.pid));
  }

  std::string database() const {
    const auto name = connection.query("SELECT pg_catalog.current_database()");
    return name ? name->text(0, 0) : std::string();
  }
};

}  // namespace

Status end_older_transactions(PgConnection& connection, const std::string& fence_table, const Fence& fence) {
  const Look look{connection, fence_table, fence};
  BATON_TRY(std::vector<Holder> left, look.holders());
  BATON_TRY(left, look.wait_for(std::move(left), patience));
  Status refused;
  for (const Holder& holder : left) {
    const Status ended = look.end(holder);
    if (ended) continue;
    if (ended.error().kind != ErrorKind::invalid) return ended;
    refused = ended;
  }
  BATON_CHECK(refused);
  BATON_TRY(left, look.wait_for(std::move(left), ending_patience));
  if (left.empty()) return {};
  return fail(
      ErrorKind::retry,
      fmt::format("{}: pid {} of role \"{}\", which holds a transaction of \"{}\", was told to end and is still "
                  "there",
                  connection.shown(), left.front().pid, left.front().role, fence.job));
}

}  // namespace baton
