#include "app/alert_desk.h"

#include "app/alert_sinks.h"
#include "monitor/trouble.h"
#include "replica/ownership_reason.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr Duration last_moment(1'000);
constexpr int attempts = 60;  // where the error is not that the repository is away
constexpr std::size_t most_waiting = 10'000;

}  // namespace

AlertDesk::AlertDesk(const CommandContext& context, std::string replica, const NoticeLimits& limits)
    : context_(context),
      replica_(std::move(replica)),
      refresh_(*context.config.locks.refresh),
      queue_(
          make_sinks(context.config.alerts, context.log, context.clock), context.clock,
          [&log = context.log](const std::string& text) { log.warn(text); }, limits,
          [this](const Notice& notice) { finished(notice); }, [this](const Notice& notice) { leave({notice}); }) {}

// What is not delivered until then, or not known to be, another one tells.
AlertDesk::~AlertDesk() {
  const Instant until = context_.clock.now() + last_moment;
  queue_.wait_until_told(until);
  to_write_.wait_until_none(context_.clock, until);
  stop_.request_stop();
  errands_.stop();
}

std::vector<Notice> AlertDesk::take_on(std::vector<Notice> notices) {
  const std::scoped_lock lock(under_way_mutex_);
  std::erase_if(notices, [this](const Notice& notice) { return !under_way_.add(notice); });
  return notices;
}

void AlertDesk::leave(const std::vector<Notice>& notices) {
  const std::scoped_lock lock(under_way_mutex_);
  for (const Notice& notice : notices) under_way_.remove(notice);
}

// Taken on before they are written, so that another thread that sees them there does not take them for lost. Where the
// answer is an error they are left, whether or not they were written: the next look says so.
Result<std::vector<bool>> AlertDesk::write(Alerts& alerts, const std::vector<AlertChange>& changes) {
  std::vector<std::vector<Notice>> taken;  // of each change
  for (const AlertChange& change : changes) taken.push_back(take_on(notices_of({change}, {true})));
  Result<std::vector<bool>> done = alerts.write(changes);
  std::vector<Notice> to_tell;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (done && done->at(i)) {
      to_tell.insert(to_tell.end(), taken[i].begin(), taken[i].end());
    } else {
      leave(taken[i]);
    }
  }
  queue_.tell(to_tell);
  return done;
}

Status AlertDesk::write(Alerts& alerts, const std::vector<Alert>& open, const std::vector<FoundTrouble>& findings,
                        AlertRules rules, WallTime now) {
  rules.remind = context_.config.alerts.remind;
  rules.teller = replica_;
  BATON_CHECK(write(alerts, advance_alerts(open, findings, rules, now)));
  return {};
}

// A replica that has just begun has its row after three heartbeats at the latest, and one that lives delivers at once.
Status AlertDesk::tell_for_others(Alerts& alerts, const std::vector<ReplicaRow>& replicas, WallTime now) {
  BATON_TRY(const std::vector<Alert> untold, alerts.untold());
  const auto lives = [&](const std::string& id) {
    return std::any_of(replicas.begin(), replicas.end(),
                       [&](const ReplicaRow& row) { return row.id == id && looks_live(row, now); });
  };
  const auto under_way = [this](const Notice& notice) {
    const std::scoped_lock lock(under_way_mutex_);
    return under_way_.contains(notice);
  };
  std::vector<AlertChange> claims =
      claim_untold(untold, {replica_, 3 * *context_.config.locks.heartbeat, lives, under_way}, now);
  claims.resize(std::min(claims.size(), queue_.room()));  // the rest in a later look
  BATON_CHECK(write(alerts, claims));
  return {};
}

// While the repository is away nothing is given up, however long that lasts: up to `most_waiting` writes.
void AlertDesk::write_later(const std::string& about, std::function<Status(Repository&)> work) {
  to_write_.begin();
  const bool given = errands_.give_if_fewer_wait(most_waiting, [this, about, work = std::move(work)] {
    for (int attempt = 0; !stop_.stop_requested(); ++attempt) {
      const Status written = with_repository(work);
      if (written) break;
      const Error& error = written.error();
      const bool passing = error.kind == ErrorKind::retry || error.kind == ErrorKind::unknown_outcome;
      if (attempt == 0) context_.log.warn(fmt::format("alerts: {}: {}; trying again", about, error.message));
      if (!passing && attempt >= attempts) {
        context_.log.error(fmt::format("alerts: {}: not written: {}", about, error.message));
        break;
      }
      context_.clock.wait_until(context_.clock.now() + refresh_, stop_.get_token());
    }
    to_write_.end();
  });
  if (given) return;
  to_write_.end();
  context_.log.error(fmt::format("alerts: {}: not written: {} wait for the job repository", about, most_waiting));
}

Status AlertDesk::with_repository(const std::function<Status(Repository&)>& work) {
  const std::scoped_lock lock(lent_);
  if (repository_ == nullptr || !repository_->usable()) {
    BATON_TRY(repository_, context_.stores.repository(RepositoryAccess::existing));
  }
  Status done = work(*repository_);
  if (!done) repository_.reset();
  return done;
}

void AlertDesk::note(const NoteStall& stall) {
  write_later(stall.job, [this, stall](Repository& repository) { return write_stall(repository, stall); });
}

void AlertDesk::finished(const Notice& notice) {
  if (!notice.recorded) return;
  write_later(notice.alert.subject, [this, notice](Repository& repository) -> Status {
    BATON_TRY([[maybe_unused]] const std::vector<bool> done, repository.alerts().write({delivered(notice)}));
    leave({notice});
    return {};
  });
}

// Once more where another one has seen the alert between: nobody else ends it for certain.
Status AlertDesk::write_stall(Repository& repository, const NoteStall& stall) {
  while (true) {
    BATON_TRY(const bool done, try_write_stall(repository, stall));
    if (done || stop_.stop_requested()) return {};
  }
}

Result<bool> AlertDesk::try_write_stall(Repository& repository, const NoteStall& stall) {
  BATON_TRY(const RepositoryView view, repository.replicas().look());
  BATON_TRY(const std::vector<Alert> open, repository.alerts().open());
  std::vector<FoundTrouble> findings;
  if (stall.stalled) findings.push_back({Trouble::stalled, stall.job, stall.text});
  AlertRules rules{context_.config.alerts.remind, replica_};
  rules.certain = true;
  rules.mine = [&](const Alert& alert) { return alert.kind == name(Trouble::stalled) && alert.subject == stall.job; };
  BATON_TRY(const std::vector<bool> done, write(repository.alerts(), advance_alerts(open, findings, rules, view.now)));
  return stall.stalled || std::find(done.begin(), done.end(), false) == done.end();
}

}  // namespace baton
