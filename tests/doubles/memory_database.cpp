#include "tests/doubles/memory_database.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace baton {
namespace {

using ProgressRow = std::tuple<std::string, std::int64_t, std::string>;

ProgressRow row_of(const ProgressKey& key) { return {key.repository_id, key.instance, key.step}; }

std::string_view phase_name(RejectPhase phase) {
  constexpr std::array<std::string_view, 3> names{"read", "process", "write"};
  return names[static_cast<std::size_t>(phase)];
}

bool controls_transaction(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  const auto has = [&](const char* word) { return text.find(word) != std::string::npos; };
  return has("BEGIN") || has("COMMIT") || has("ROLLBACK") || has("SAVEPOINT");
}

class MemoryTransaction final : public Transaction {
 public:
  MemoryTransaction(MemoryDatabase& database, std::unique_ptr<MemoryWrite> write)
      : database_(database), write_(std::move(write)) {
    database_.opened(write_.get());
  }
  ~MemoryTransaction() override { database_.opened(nullptr); }

  Status save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) override {
    auto& rows = write_->draft.progress;
    const auto found = rows.find(row_of(key));
    if (expected != (found == rows.end() ? 0 : found->second.revision)) {
      return fail(ErrorKind::conflict, fmt::format("the progress of step \"{}\" was changed by another", key.step));
    }
    Progress& saved = rows[row_of(key)];
    saved = progress;
    saved.revision = expected + 1;
    return {};
  }

  Status save_rejects(const ProgressKey& key, const std::string& job, std::int64_t job_execution_id,
                      const std::vector<Reject>& rejects) override {
    for (const Reject& reject : rejects) {
      auto& log = write_->draft.rejects;
      const std::int64_t id = log.empty() ? 1 : log.back().reject_id + 1;
      log.push_back({id, job, key.instance, key.step, job_execution_id, std::string(phase_name(reject.phase)), reject});
    }
    return {};
  }

  Status forget_rejects(const ProgressKey& key) override {
    std::erase_if(write_->draft.rejects, [&](const LoggedReject& logged) {
      return logged.instance == key.instance && logged.step == key.step;
    });
    return {};
  }

  Result<std::int64_t> execute(const std::string& sql) override {
    if (controls_transaction(sql)) return fail(ErrorKind::invalid, "transaction control is refused in a sql step");
    write_->draft.statements.push_back(sql);
    return 1;
  }

  Result<BatchStatus> update_step(StepExecution& step) override { return update_memory_step(write_->draft, step); }

  Status commit() override { return write_->commit(); }

 private:
  MemoryDatabase& database_;
  std::unique_ptr<MemoryWrite> write_;
};

}  // namespace

void MemoryStore::change(const std::function<void(MemoryState&)>& apply) {
  const std::scoped_lock lock(mutex_);
  apply(committed_);
}

Result<std::unique_ptr<MemoryWrite>> MemoryWrite::begin(MemoryStore& store) {
  std::unique_lock lock(store.mutex_);
  if (store.writer_ == std::this_thread::get_id()) {
    return fail(ErrorKind::retry, fmt::format("{}: another connection holds it", store.identity_));
  }
  store.changed_.wait(lock, [&] { return !store.writer_; });
  store.writer_ = std::this_thread::get_id();
  std::unique_ptr<MemoryWrite> write(new MemoryWrite(store));
  write->draft = store.committed_;
  return write;
}

Result<std::unique_ptr<MemoryWrite>> MemoryWrite::begin(MemoryStore& store, const Authority& authority) {
  BATON_TRY(auto write, begin(store));
  const auto found = write->draft.fences.find({authority.fence.repository_id, authority.fence.job});
  if (found == write->draft.fences.end() || found->second != authority.fence.value) {
    return fail(ErrorKind::lease_lost, fmt::format("{}: the fence of \"{}\" is not {}", store.identity_,
                                                   authority.fence.job, authority.fence.value));
  }
  write->guard_ = authority.guard;
  return write;
}

Status MemoryWrite::commit() {
  if (guard_ && !guard_->passed()) {
    return fail(ErrorKind::lease_lost, "the lease could not be renewed in time: nothing was committed");
  }
  {
    const std::scoped_lock lock(store_->mutex_);
    store_->committed_ = draft;
  }
  end();
  return {};
}

void MemoryWrite::end() {
  if (store_ == nullptr) return;
  const std::scoped_lock lock(store_->mutex_);
  store_->writer_.reset();
  store_->changed_.notify_all();
  store_ = nullptr;
}

bool is_open(const JobExecution& execution) {
  return is_running(execution.status) || std::any_of(execution.steps.begin(), execution.steps.end(),
                                                     [](const StepExecution& step) { return is_running(step.status); });
}

JobControl& note_memory_job(MemoryState& state, const std::string& job, WallTime now) {
  const auto [row, made] = state.jobs.try_emplace(job);
  if (made) {
    row->second.job = job;
    row->second.first_seen = now;
  }
  return row->second;
}

Status raise_memory_fence(MemoryState& state, const std::string& repository_id, const std::string& job,
                          std::int64_t from) {
  std::int64_t& fence = state.fences[{repository_id, job}];
  if (fence != from) return fail(ErrorKind::conflict, fmt::format("the fence of \"{}\" is not {} any more", job, from));
  fence = from + 1;
  return {};
}

Result<BatchStatus> update_memory_step(MemoryState& state, StepExecution& step) {
  for (JobExecution& execution : state.executions) {
    if (execution.id != step.job_execution_id) continue;
    for (StepExecution& row : execution.steps) {
      if (row.id != step.id || row.version != step.version) continue;
      ++step.version;
      row = step;
      return execution.status;
    }
  }
  return fail(ErrorKind::conflict, fmt::format("step execution {} was changed by another program", step.id));
}

Result<std::int64_t> MemoryDatabase::read_fence(const std::string& repository_id, const std::string& job) {
  const MemoryState state = store_.committed();
  const auto found = state.fences.find({repository_id, job});
  return found == state.fences.end() ? 0 : found->second;
}

Status MemoryDatabase::raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  BATON_CHECK(raise_memory_fence(write->draft, repository_id, job, from));
  return write->commit();
}

Result<std::optional<Progress>> MemoryDatabase::read_progress(const ProgressKey& key) {
  const MemoryState state = open_ != nullptr ? open_->draft : store_.committed();
  const auto found = state.progress.find(row_of(key));
  if (found == state.progress.end()) return std::optional<Progress>();
  return std::optional<Progress>(found->second);
}

Result<std::unique_ptr<Transaction>> MemoryDatabase::begin(const Authority& authority, Durability durability) {
  BATON_TRY(auto write, MemoryWrite::begin(store_, authority));
  last_durability_ = durability;
  return std::unique_ptr<Transaction>(new MemoryTransaction(*this, std::move(write)));
}

Result<std::int64_t> MemoryDatabase::execute_unprotected(const Authority& authority, const std::string& sql) {
  BATON_TRY(auto write, MemoryWrite::begin(store_, authority));
  write->draft.statements.push_back(sql);
  BATON_CHECK(write->commit());
  return 1;
}

std::unique_ptr<TableWriter> MemoryDatabase::table_writer(const TableSpec& spec, const std::string& /*where*/) {
  return make_memory_table_writer(*this, spec);
}

}  // namespace baton
