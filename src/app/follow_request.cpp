#include "app/follow_request.h"

#include "batch/restart_rules.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr std::int64_t executions_to_look_at = 100;  // of the job; later ones than the run's may have begun

Followed without_run(Followed::End end, std::string text = {}) {
  Followed followed;
  followed.end = end;
  followed.text = std::move(text);
  return followed;
}

// The execution `first` and those that came after it in its run, newest first.
std::vector<JobExecution> attempts_from(std::vector<JobExecution> history, std::int64_t first) {
  const auto found = std::find_if(history.begin(), history.end(), [&](const auto& one) { return one.id == first; });
  if (found == history.end()) return {};
  const std::int64_t instance = found->instance_id;
  std::erase_if(history, [&](const auto& one) { return one.id < first || one.instance_id != instance; });
  return history;
}

Followed ended(const std::vector<JobExecution>& attempts) {
  Followed followed;
  followed.execution = attempts.front();
  const JobExecution& first = attempts.back();
  const WallTime began = first.started.value_or(first.created);
  followed.elapsed = std::chrono::duration_cast<Duration>(attempts.front().ended.value_or(began) - began);
  return followed;
}

}  // namespace

void RequestFollower::say(const std::string& text) {
  if (text == said_) return;
  said_ = text;
  log_.info(settings_.job + ": " + text);
}

bool RequestFollower::pause() { return clock_.wait_until(clock_.now() + settings_.poll, stop_); }

template <class T>
Result<T> RequestFollower::patiently(const std::function<Result<T>()>& call) {
  const Instant give_up_at = clock_.now() + settings_.patience;
  while (true) {
    Result<T> answer = call();
    if (answer || answer.error().kind != ErrorKind::retry || clock_.now() >= give_up_at || !pause()) return answer;
  }
}

Result<bool> RequestFollower::unowned_too_long(std::optional<Duration> limit) {
  const auto look = [this] { return owners_.of(settings_.job); };
  BATON_TRY(const std::optional<std::string> owner, patiently<std::optional<std::string>>(look));
  if (owner) {
    unowned_since_.reset();
    return false;
  }
  if (!unowned_since_) unowned_since_ = clock_.now();
  return limit && clock_.now() - *unowned_since_ >= *limit;
}

Result<Followed> RequestFollower::follow(const std::string& request) {
  const auto ask = [&] { return control_.answer(settings_.job, request); };
  while (true) {
    BATON_TRY(const std::optional<RequestAnswer> answer, patiently<std::optional<RequestAnswer>>(ask));
    if (!answer) return without_run(Followed::End::taken_back);
    if (answer->text) return without_run(Followed::End::text, *answer->text);
    if (answer->execution) return follow_run(*answer->execution);
    BATON_TRY(const bool unowned, unowned_too_long(settings_.unowned_after));
    if (unowned) return without_run(Followed::End::unowned);
    say(unowned_since_ ? "no live replica owns it now" : "waiting for the replica that owns it");
    if (!pause()) return without_run(Followed::End::pending);
  }
}

// How long the next execution of the run may take to come, if there is to be one.
std::optional<Duration> RequestFollower::more_to_come(const std::vector<JobExecution>& attempts) const {
  const JobExecution& newest = attempts.front();
  const bool cut_short = newest.ended_by == EndedBy::shutdown || newest.ended_by == EndedBy::orphaned;
  if (cut_short && newest.status != BatchStatus::completed) return settings_.patience;
  if (newest.status != BatchStatus::failed) return std::nullopt;
  const auto failures = static_cast<int>(std::count_if(attempts.begin(), attempts.end(), [](const auto& attempt) {
    return attempt.status == BatchStatus::failed && attempt.ended_by == EndedBy::itself;
  }));
  if (failures > settings_.restarts) return std::nullopt;
  return restart_backoff(settings_.backoff, failures) + settings_.patience;
}

Result<Followed> RequestFollower::follow_run(std::int64_t first) {
  std::int64_t seen = 0;
  Instant quiet_since = clock_.now();
  unowned_since_.reset();
  while (true) {
    const auto read = [this] { return executions_.history(settings_.job, executions_to_look_at); };
    BATON_TRY(std::vector<JobExecution> history, patiently<std::vector<JobExecution>>(read));
    const std::vector<JobExecution> attempts = attempts_from(std::move(history), first);
    if (attempts.empty()) return fail(ErrorKind::invalid, fmt::format("job execution {} was deleted", first));
    const JobExecution& newest = attempts.front();
    say(fmt::format("execution {} of instance {} runs on {}", newest.id, newest.instance_id, newest.replica));
    if (is_running(newest.status) || newest.id != seen) quiet_since = clock_.now();
    seen = newest.id;
    Followed followed = ended(attempts);
    if (is_running(newest.status)) {
      BATON_TRY(const bool stuck, unowned_too_long(settings_.patience));
      if (stuck) {
        followed.end = Followed::End::stuck;
        return followed;
      }
    } else {
      const std::optional<Duration> wait = more_to_come(attempts);
      if (!wait || clock_.now() - quiet_since >= *wait) return followed;
    }
    if (!pause()) {
      followed.end = Followed::End::running;
      return followed;
    }
  }
}

}  // namespace baton
