// Executions that nobody runs, of any job, also of those outside my configuration: closed under their lease, without a
// token (P16).
#include "replica/replica_state.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

constexpr std::size_t most_strangers = 1'000;

}  // namespace

// Jobs that are not mine are listed only while something of them is open.
void ReplicaCore::State::watch_open_executions() {
  std::set<std::string> open;
  for (const OpenExecution& execution : open_) {
    if (execution.fence) open.insert(execution.job);
  }
  for (auto one = strangers_.begin(); one != strangers_.end();) {
    CoreJob& job = *one->second;
    if (job.busy() || open.contains(job.name)) {
      ++one;
      continue;
    }
    wake_.erase(job.id);
    observer_.forget(job.name);
    by_id_.erase(job.id);
    by_name_.erase(job.name);
    one = strangers_.erase(one);
  }
  for (const std::string& name : open) {
    if (by_name_.contains(name) || strangers_.size() >= most_strangers) continue;
    auto job = std::make_unique<CoreJob>(next_id_++, name, nullptr);
    by_name_[name] = by_id_[job->id] = job.get();
    strangers_.emplace(name, std::move(job));
  }
}

// Free for so long that a replica with a free token would have taken it, unless it leaves it alone after an error, as I
// do then.
bool ReplicaCore::State::nobodys(const CoreJob& job) const {
  if (job.busy() || now_ < job.close_retry_at) return false;
  if (job.seen == Seen::mine && job.settings == nullptr) return true;  // a release of mine that did not succeed
  if (!job.free()) return false;
  if (now_ < *job.free_since + 3 * settings_.timings.refresh) return false;
  return job.settings == nullptr || tokens_used_ >= settings_.tokens || now_ < job.quiet_until();
}

void ReplicaCore::State::close_what_nobody_runs() {
  if (closing_ != nullptr || !may_take()) return;
  for (const OpenExecution& execution : open_) {
    if (!execution.fence) continue;
    CoreJob* const job = find(execution.job);
    if (job == nullptr || !nobodys(*job)) continue;
    closing_ = job;
    job->closing = true;
    return begin_taking(*job);
  }
}

void ReplicaCore::State::handle(const NobodysClosed& event) {
  CoreJob* const job = find(event.job);
  if (job == nullptr || job->work != Work::closing) return;
  begin(*job, Work::none);
  job->closed = true;
  if (event.answer) {
    job->close_backoff.reset();
    tell(Tell::Level::info, fmt::format("{}: closed what its former owner had left open", job->name));
  } else if (!leaving_) {
    job->close_retry_at = now_ + job->close_backoff.next(random_);
    tell(Tell::Level::warning, fmt::format("{}: what its former owner left open could not be closed: {}; trying again",
                                           job->name, event.answer.error().message));
  }
  std::erase_if(open_, [&](const OpenExecution& one) { return event.answer && one.job == event.job; });
  settle(*job);
}

}  // namespace baton
