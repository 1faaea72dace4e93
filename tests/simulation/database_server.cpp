#include "tests/simulation/database_server.h"

#include <algorithm>

namespace baton {

std::int64_t DatabaseServer::read_fence(const std::string& job) const {
  const auto found = fences_.find(job);
  return found == fences_.end() ? 0 : found->second.value;
}

Status DatabaseServer::raise_fence(const TransactionSender& sender, std::int64_t from) {
  FenceRow& fence = fences_[sender.job];
  trace_.event("fence", sender.job, sender.replica, identity_, from, fence.value == from ? "raised" : "conflict");
  if (fence.value != from) return fail(ErrorKind::conflict, "the fence is not what it was");
  if (sender.acquisition < fence.acquisition) {
    trace_.violated(
        fmt::format("P8: {} raised the fence of {} in {} after a newer owner had raised it (acquisition {} after {})",
                    sender.replica, sender.job, identity_, sender.acquisition, fence.acquisition));
  }
  fence = {from + 1, sender.acquisition};
  ++counts_.fences;
  return {};
}

std::optional<Progress> DatabaseServer::read_progress(const ProgressKey& key) const {
  const auto found = progress_.find({key.instance, key.step});
  return found == progress_.end() ? std::nullopt : std::optional(found->second);
}

Status DatabaseServer::check_fence(const TransactionSender& sender) {
  if (bugs_.no_fence || read_fence(sender.job) == sender.fence) return {};
  ++counts_.refused;
  return fail(ErrorKind::lease_lost, fmt::format("{}: the fence of {} is not {}", identity_, sender.job, sender.fence));
}

Status DatabaseServer::check_guard(const TransactionSender& sender) {
  if (queue_.now() >= sender.deadline) {
    ++counts_.refused;
    return fail(ErrorKind::lease_lost,
                fmt::format("{}: the lease of {} was not renewed in time", identity_, sender.job));
  }
  const LeaseTruth& truth = leases_.truth(sender.job);
  if (!truth.held_by(sender.acquisition, queue_.now())) {
    trace_.violated(fmt::format("P12: the guard of {} let {} commit by acquisition {}, but acquisition {} is {}'s{}",
                                sender.job, sender.replica, sender.acquisition, truth.acquisition, truth.owner,
                                truth.released ? ", released" : ""));
  }
  return {};
}

void DatabaseServer::check_committing(const TransactionSender& sender, std::string_view what) {
  trace_.event("commit", sender.job, sender.replica, identity_, what);
  ++counts_.commits;
  const auto fence = fences_.find(sender.job);
  if (fence == fences_.end() || sender.acquisition < fence->second.acquisition) {
    trace_.violated(fmt::format("one commits: {} committed to {} in {} although a newer owner has raised the fence",
                                sender.replica, sender.job, identity_));
  }
}

Status DatabaseServer::apply(const TransactionSender& sender, const ChunkWrite& write) {
  BATON_CHECK(check_fence(sender));
  if (write.progress) BATON_CHECK(apply_progress(sender, write));
  check_committing(sender, "chunk");
  apply_rows(sender, write);
  return {};
}

Status DatabaseServer::apply_progress(const TransactionSender& sender, const ChunkWrite& write) {
  Progress& saved = progress_[{write.key.instance, write.key.step}];
  if (saved.revision != write.expected) {
    if (saved.step_execution_id == write.progress->step_execution_id && saved.revision > write.expected) {
      trace_.violated(fmt::format("P11: {} sent a chunk of {} again that was committed (revision {} after {})",
                                  sender.replica, sender.job, write.expected, saved.revision));
    }
    return fail(ErrorKind::conflict, "the progress was changed by another");
  }
  if (write.progress->low_water.record < saved.low_water.record) {
    trace_.violated(fmt::format("progress goes back: {} instance {}, from row {} to {}", sender.job, write.key.instance,
                                saved.low_water.record, write.progress->low_water.record));
  }
  saved = *write.progress;
  saved.revision = write.expected + 1;
  return {};
}

void DatabaseServer::apply_rows(const TransactionSender& sender, const ChunkWrite& write) {
  const auto say = [&](const std::string& what) {
    trace_.violated(fmt::format("each row once: {} of {} instance {} in {} ({})", what, sender.job, write.key.instance,
                                identity_, sender.replica));
  };
  if (write.rows.empty() && !write.progress && write.statements == 0) return;
  const auto closed = closed_up_to_.find(sender.job);
  if (closed != closed_up_to_.end() && write.key.instance <= closed->second) return say("a row after the end");
  const std::uint64_t wanted = rows_of(sender.job, write.key.step);
  LoadedInstance& loaded = loaded_[{sender.job, write.key.step, write.key.instance}];
  loaded.times.resize(wanted);
  for (const std::uint64_t row : write.rows) {
    if (row >= wanted) return say(fmt::format("row {} of {}", row, wanted));
    if (++loaded.times[row] > 1) say(fmt::format("row {} was applied {} times", row, loaded.times[row]));
  }
  loaded.statements += write.statements;
  if (loaded.statements > 1) say("the statement ran twice");
  if (!write.progress || !write.progress->complete) return;
  const auto missing = std::count(loaded.times.begin(), loaded.times.end(), std::uint8_t{0});
  if (missing > 0) say(fmt::format("{} rows are missing at the end", missing));
}

void DatabaseServer::close_instance(const std::string& job, std::int64_t instance) {
  std::int64_t& closed = closed_up_to_[job];
  closed = std::max(closed, instance);
  std::erase_if(loaded_,
                [&](const auto& one) { return std::get<0>(one.first) == job && std::get<2>(one.first) <= instance; });
  std::erase_if(progress_, [&](const auto& one) { return one.second.job == job && one.first.first < instance; });
}

}  // namespace baton
