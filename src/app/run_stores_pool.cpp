#include "app/run_stores_pool.h"

#include "base/duration.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t most_idle = 16;  // of the same connections, where no pool limits them

std::string connections_key(const JobConfig& job) {
  std::string key;
  for (const auto& name : connections_of(job)) key += (name ? name->value : "") + "\n";
  return key;
}

int count(const SessionCounts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

void add(SessionCounts& counts, const SessionCounts& more) {
  for (const auto& [name, number] : more) counts[name] += number;
}

}  // namespace

RunStoresPool::RunStoresPool(const Config& config, const Stores& stores)
    : config_(config), stores_(stores), allowed_(pools(config)) {
  if (allowed_.contains("")) taken_[""] = sessions_of_replica(config);
}

// The first connection with which too few sessions are free, or for which somebody asked before.
std::optional<std::string> RunStoresPool::short_of(std::uint64_t ticket, const SessionCounts& wanted) const {
  for (const auto& [name, number] : wanted) {
    if (count(taken_, name) + number > count(allowed_, name)) return name;
    for (const Waiter& waiter : waiting_) {
      if (waiter.ticket < ticket && waiter.wanted->contains(name)) return name;
    }
  }
  return std::nullopt;
}

std::string RunStoresPool::all_in_use(const std::string& connection) const {
  return fmt::format("the {} sessions that {} allows are in use: raise it, or lower replica.tokens",
                     count(allowed_, connection), shown_pool_key(connection, config_));
}

Status RunStoresPool::wait_for(const SessionCounts& wanted, const PoolWait& wait) {
  Lock lock(mutex_);
  const std::uint64_t ticket = ++last_ticket_;
  waiting_.push_back({ticket, &wanted});
  if (const auto name = short_of(ticket, wanted); name && wait.began) {
    lock.unlock();
    wait.began(all_in_use(*name));
    lock.lock();
  }
  const auto enough = [&] { return !short_of(ticket, wanted); };
  const bool had = wait.longest ? changed_.wait_until(lock, wait.stop, steady_clock::now() + *wait.longest, enough)
                                : changed_.wait(lock, wait.stop, enough);
  const auto lacking = had ? std::nullopt : short_of(ticket, wanted);
  std::erase_if(waiting_, [&](const Waiter& waiter) { return waiter.ticket == ticket; });
  changed_.notify_all();
  if (had) {
    add(taken_, wanted);
    return {};
  }
  if (wait.stop.stop_requested()) return fail(ErrorKind::retry, "stopped while it waited for a session");
  return fail(ErrorKind::retry, fmt::format("no session came free within {}: {}", to_text(*wait.longest),
                                            all_in_use(lacking.value_or(""))));
}

// The idle stores of the same connections; else those whose sessions are in the way, to be closed before others are
// opened. They count as taken until then.
std::list<RunStoresPool::Idle> RunStoresPool::make_room(const Idle& wanted, std::unique_ptr<RunStores>& found) {
  const std::scoped_lock lock(mutex_);
  std::list<Idle> closing;
  const auto same = std::find_if(idle_.rbegin(), idle_.rend(), [&](const Idle& one) {
    return one.connections == wanted.connections && one.sessions == wanted.sessions;
  });
  if (same != idle_.rend()) {
    found = std::move(same->stores);
    idle_.erase(std::next(same).base());
    return closing;
  }
  const auto in_the_way = [&](const Idle& one) {
    return std::any_of(one.sessions.begin(), one.sessions.end(), [&](const auto& session) {
      int open = count(taken_, session.first);
      for (const Idle& idle : idle_) open += count(idle.sessions, session.first);
      return wanted.sessions.contains(session.first) && open > count(allowed_, session.first);
    });
  };
  for (auto one = idle_.begin(); one != idle_.end();) {
    const auto next = std::next(one);
    if (in_the_way(*one)) closing.splice(closing.end(), idle_, one);
    one = next;
  }
  for (const Idle& one : closing) add(taken_, one.sessions);
  return closing;
}

// REQUIRES: the mutex is held.
void RunStoresPool::let_go(const SessionCounts& sessions) {
  for (const auto& [name, number] : sessions) taken_[name] -= number;
  changed_.notify_all();
}

Result<PooledStores> RunStoresPool::take(const JobConfig& job, const PoolWait& wait) {
  Idle wanted{connections_key(job), sessions_of_run(job, config_), nullptr};
  BATON_CHECK(wait_for(wanted.sessions, wait));
  PooledStores taken(*this, std::move(wanted));
  std::list<Idle> closing = make_room(taken.taken_, taken.taken_.stores);
  for (Idle& one : closing) {
    one.stores.reset();
    const std::scoped_lock lock(mutex_);
    let_go(one.sessions);
  }
  if (taken.taken_.stores != nullptr && taken.taken_.stores->usable()) return taken;
  taken.taken_.stores.reset();
  BATON_TRY(taken.taken_.stores, stores_.open_run(job));
  return taken;
}

void RunStoresPool::give_back(Idle used, bool usable) {
  Lock lock(mutex_);
  const auto alike =
      std::count_if(idle_.begin(), idle_.end(), [&](const Idle& one) { return one.connections == used.connections; });
  const SessionCounts sessions = used.sessions;
  if (usable && static_cast<std::size_t>(alike) < most_idle) {
    idle_.push_back(std::move(used));
  } else {
    lock.unlock();
    used.stores.reset();
    lock.lock();
  }
  let_go(sessions);
}

PooledStores::~PooledStores() {
  if (pool_ != nullptr) pool_->give_back(std::move(taken_), usable_ && taken_.stores != nullptr);
}

}  // namespace baton
