#include "postgres/lease_connection.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

using std::chrono::steady_clock;

// What is acknowledged outlives a crash of the server: an owner trusts it. A stronger setting stays.
constexpr const char* durable =
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', "
    "'local', 'remote_write')";

Duration left_until(steady_clock::time_point until) {
  return std::max(std::chrono::floor<Duration>(until - steady_clock::now()), Duration(0));
}

}  // namespace

class PgLeaseConnection::Turn {
 public:
  Turn(PgLeaseConnection& owner, Time until) : owner_(owner) {
    std::unique_lock lock(owner.mutex_);
    had_ = owner.turn_ended_.wait_until(lock, until, [&] { return !owner.taken_; });
    if (had_) owner.taken_ = true;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!had_) return;
    const std::scoped_lock lock(owner_.mutex_);
    owner_.taken_ = false;
    owner_.turn_ended_.notify_one();
  }
  bool had() const { return had_; }

 private:
  PgLeaseConnection& owner_;
  bool had_ = false;
};

Result<PgResult> PgLeaseConnection::run(const std::string& sql, PgEffect effect, Duration timeout, PgFailure* failure) {
  const Time until = steady_clock::now() + timeout;
  const Turn turn(*this, until);
  if (!turn.had()) return busy();
  for (bool again = true;; again = false) {
    BATON_CHECK(ready(until));
    auto result = send(sql, effect, until);
    const bool lost = connection_->lost();
    if (!result && !lost && failure != nullptr) *failure = connection_->failure();
    if (lost) connection_.reset();
    // A connection that broke while nobody used it; anything but `retry` may have been done.
    const bool may_repeat = lost && again && !result && result.error().kind == ErrorKind::retry;
    if (!may_repeat || left_until(until) == Duration(0)) return result;
  }
}

Status PgLeaseConnection::connect(Duration timeout) {
  const Time until = steady_clock::now() + timeout;
  const Turn turn(*this, until);
  return turn.had() ? ready(until) : busy();
}

tl::unexpected<Error> PgLeaseConnection::busy() const {
  return fail(ErrorKind::retry, fmt::format("{}: other calls of this process take too long", settings_.shown));
}

Status PgLeaseConnection::ready(Time until) {
  if (connection_ != nullptr && connection_->healthy()) return {};
  connection_.reset();
  const auto out_of_time = [this] {
    return fail(ErrorKind::retry, fmt::format("{}: no connection within the time given", settings_.shown));
  };
  if (left_until(until) == Duration(0)) return out_of_time();
  BATON_TRY(auto connection, PgConnection::open(settings_, left_until(until)));
  const Duration left = left_until(until);
  if (left == Duration(0)) return out_of_time();
  connection->set_timeout(left);
  BATON_TRY(const auto set, connection->script(durable));
  connection_ = std::move(connection);
  return {};
}

// The limits go along in the same message, a moment shorter than the client's: what the server ends itself surely did
// nothing, and the connection goes on.
Result<PgResult> PgLeaseConnection::send(const std::string& sql, PgEffect effect, Time until) {
  const Duration left = std::max(left_until(until), Duration(1));
  const auto share = [&](int percent) { return std::max<std::int64_t>(left.count() * percent / 100, 1); };
  connection_->set_timeout(left);
  BATON_TRY(auto results, connection_->script(fmt::format("SET lock_timeout = {}; SET statement_timeout = {}; {}",
                                                          share(75), share(90), sql),
                                              effect));
  if (results.size() != 3) return fail(ErrorKind::internal, "a lease statement without its answer");
  return std::move(results.back());
}

}  // namespace baton
