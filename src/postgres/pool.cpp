#include "postgres/pool.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

using std::chrono::steady_clock;

// For making a session clean again; a server that takes longer is no good to the next one either.
constexpr Duration cleaning(5'000);

// Settings, role, temporary tables, locks, prepared statements: as at the beginning. False where it is of no more use.
bool make_clean(PgSession& session) {
  PgConnection* const connection = session.open_connection();
  if (connection == nullptr || connection->in_transaction() || !connection->healthy()) return false;
  session.set_zone("UTC");
  static_cast<void>(session.interrupted());  // of a statement that is over
  connection->set_timeout(cleaning);
  const bool clean = connection->reset().has_value();
  connection->set_timeout(std::nullopt);
  return clean;
}

}  // namespace

PgPool::PgPool(PgSettings settings, std::string tables, int limit, Duration idle)
    : settings_(std::move(settings)), tables_(std::move(tables)), limit_(std::max(limit, 1)), longest_idle_(idle) {}

Result<PgPooled> PgPool::take(Duration timeout, std::stop_token stop) {
  {
    std::unique_lock lock(mutex_);
    const std::uint64_t ticket = ++last_ticket_;
    queue_.push_back(ticket);
    const bool had = changed_.wait_until(lock, stop, steady_clock::now() + timeout,
                                         [&] { return queue_.front() == ticket && out_ < limit_; });
    queue_.erase(std::find(queue_.begin(), queue_.end(), ticket));
    changed_.notify_all();
    if (!had && stop.stop_requested()) {
      return fail(ErrorKind::retry, fmt::format("{}: stopped while waiting for a session", settings_.shown));
    }
    if (!had) {
      return fail(ErrorKind::retry,
                  fmt::format("{}: all {} sessions are in use and none came free within {} ms: raise `pool` of this "
                              "connection, or lower replica.tokens",
                              settings_.shown, limit_, timeout.count()));
    }
    ++out_;
  }
  std::unique_ptr<PgSession> session = idle_session();
  if (session == nullptr) session = std::make_unique<PgSession>(settings_, tables_);
  return PgPooled(*this, std::move(session));
}

// One whose server still answers, the latest first: the others grow old and are closed.
std::unique_ptr<PgSession> PgPool::idle_session() {
  const std::vector<Idle> stale = take_stale();  // closed at the end, not under the mutex
  while (true) {
    std::unique_ptr<PgSession> session;
    {
      const std::scoped_lock lock(mutex_);
      if (idle_sessions_.empty()) return nullptr;
      session = std::move(idle_sessions_.back().session);
      idle_sessions_.pop_back();
    }
    if (session->open_connection()->healthy()) return session;
  }
}

std::vector<PgPool::Idle> PgPool::take_stale() {
  const std::scoped_lock lock(mutex_);
  std::vector<Idle> stale;
  while (!idle_sessions_.empty() && idle_sessions_.front().since + longest_idle_ <= steady_clock::now()) {
    stale.push_back(std::move(idle_sessions_.front()));
    idle_sessions_.pop_front();
  }
  return stale;
}

void PgPool::give_back(std::unique_ptr<PgSession> session) {
  if (!make_clean(*session)) session.reset();
  const std::vector<Idle> stale = take_stale();
  const std::scoped_lock lock(mutex_);
  if (session != nullptr) idle_sessions_.push_back({std::move(session), steady_clock::now()});
  --out_;
  changed_.notify_all();
}

int PgPool::out() const {
  const std::scoped_lock lock(mutex_);
  return out_;
}

int PgPool::idle() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<int>(idle_sessions_.size());
}

int PgPool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<int>(queue_.size());
}

PgPooled::~PgPooled() {
  if (session_ != nullptr) pool_->give_back(std::move(session_));
}

}  // namespace baton
