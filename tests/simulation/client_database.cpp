// A database, as a simulated process reaches it: each call a request and an answer, each commit one message.
#include "tests/simulation/chance.h"
#include "tests/simulation/job_work.h"

#include <utility>

namespace baton {
namespace {

struct RowNumbers final : EncodedBatch {
  std::size_t rows() const override { return numbers.size(); }

  std::vector<std::uint64_t> numbers;
};

// What the open transaction of a connection is to write.
struct Draft {
  ChunkWrite write;
  std::optional<StepExecution> step;
};

class ClientTableWriter final : public TableWriter {
 public:
  ClientTableWriter(std::weak_ptr<Draft>& open, TableSpec spec) : open_(open), spec_(std::move(spec)) {}

  Result<std::vector<std::string>> columns() override { return std::vector<std::string>{"row"}; }
  Status bind(const std::vector<std::string>& /*inputs*/) override { return {}; }
  std::unique_ptr<EncodedBatch> encode(const RowBatch& batch, std::vector<Reject>& /*rejects*/) override {
    auto encoded = std::make_unique<RowNumbers>();
    for (const RowPlace& place : batch.rows) encoded->numbers.push_back(place.record - 1);
    return encoded;
  }
  Status begin(std::int64_t /*instance*/) override { return {}; }
  Status resume(std::int64_t /*instance*/) override { return {}; }
  Result<bool> staging_is_whole(std::uint64_t /*rows*/) override { return true; }
  Result<WriteTally> write(const EncodedBatch& batch) override {
    const auto& numbers = static_cast<const RowNumbers&>(batch).numbers;
    auto& rows = open_.lock()->write.rows;
    rows.insert(rows.end(), numbers.begin(), numbers.end());
    WriteTally tally;
    tally.written = numbers.size();
    return tally;
  }
  int closing_chunks() const override { return 0; }
  Result<ClosingTally> close(int /*index*/, bool /*clean*/, std::uint64_t /*most_rejects*/) override {
    return ClosingTally();
  }
  Status discard(std::int64_t /*instance*/) override { return {}; }

 private:
  std::weak_ptr<Draft>& open_;
  TableSpec spec_;
};

// At the server, when COMMIT arrives.
struct Commit {
  Surroundings& world;
  DatabaseServer& server;
  TransactionSender sender;
  std::shared_ptr<const Draft> draft;

  Status apply() const {
    if (!draft->step) return server.apply(sender, draft->write);
    BATON_TRY([[maybe_unused]] const BatchStatus status, world.repository.check_step(*draft->step));
    BATON_CHECK(server.apply(sender, draft->write));
    return world.repository.write_step(*draft->step);
  }

  void arrive(const std::function<bool()>& session_open, const std::function<void(Status)>& answer) const {
    if (const Status passed = server.check_guard(sender); !passed) return answer(passed);
    if (world.healed || !chance(world.random, world.plan.commit_stalls)) return answer(apply());
    const TrueTime stall = between(world.random, TrueTime(0), world.plan.longest_stall);
    world.trace.event("COMMIT stalls", sender.job, sender.replica, stall.count());
    switch (below(world.random, 4)) {
      case 0: break;
      case 1: world.trouble(sender.replica, TrueTime(0)); break;
      default: world.trouble(sender.replica, stall);  // nobody ends the session meanwhile, and the lease runs out
    }
    world.queue.after(stall, [self = *this, session_open, answer] {
      if (session_open()) answer(self.apply());
    });
  }
};

class ClientTransaction final : public Transaction {
 public:
  ClientTransaction(ClientConnection& connection, Authority authority, std::weak_ptr<Draft>& open)
      : connection_(connection), authority_(std::move(authority)), draft_(std::make_shared<Draft>()) {
    open = draft_;
  }

  Status save_progress(const ProgressKey& key, const Progress& progress, std::int64_t expected) override {
    draft_->write.key = key;
    draft_->write.progress = progress;
    draft_->write.expected = expected;
    return {};
  }
  Status save_rejects(const ProgressKey& /*key*/, const std::string& /*job*/, std::int64_t /*job_execution_id*/,
                      const std::vector<Reject>& /*rejects*/) override {
    return {};
  }
  Status forget_rejects(const ProgressKey& /*key*/) override { return {}; }
  Result<std::int64_t> execute(const std::string& /*sql*/) override {
    ++draft_->write.statements;
    return 1;
  }

  Result<BatchStatus> update_step(StepExecution& step) override {
    RepositoryServer& repository = connection_.process().world().repository;
    auto status = connection_.ask<BatchStatus>(false, [&repository, step] { return repository.check_step(step); });
    if (!status) return status;
    draft_->step = step;
    ++step.version;
    return status;
  }

  Status commit() override {
    if (connection_.process().world().bugs.progress_apart) return commit_in_two();
    const Status committed = send(draft_);
    const bool unknown = !committed && committed.error().kind == ErrorKind::unknown_outcome;
    if (!unknown || !connection_.process().world().bugs.blind_retry) return committed;
    connection_.keep_session();
    return fail(ErrorKind::retry, committed.error().message);
  }

 private:
  Status send(std::shared_ptr<const Draft> draft) {
    BATON_TRY(TransactionSender sender, connection_.guarded(authority_));
    const Commit commit{connection_.process().world(), connection_.server(), std::move(sender), std::move(draft)};
    return connection_.ask_later<void>(true, [commit, open = connection_.session_open()](
                                                 std::function<void(Status)> answer) { commit.arrive(open, answer); });
  }

  Status commit_in_two() {
    auto rows = std::make_shared<Draft>(*draft_);
    rows->write.progress.reset();
    BATON_CHECK(send(rows));
    draft_->write.rows.clear();
    draft_->write.statements = 0;
    return send(draft_);
  }

  ClientConnection& connection_;
  const Authority authority_;
  std::shared_ptr<Draft> draft_;
};

class ClientDatabase final : public Database {
 public:
  explicit ClientDatabase(ClientConnection& connection) : connection_(connection) {}

  const std::string& identity() const override { return connection_.server().identity(); }

  Result<std::int64_t> read_fence(const std::string& /*repository_id*/, const std::string& job) override {
    connection_.maybe_stop(10);
    return connection_.ask<std::int64_t>(false,
                                         [&server = connection_.server(), job] { return server.read_fence(job); });
  }

  Status raise_fence(const std::string& /*repository_id*/, const std::string& /*job*/, std::int64_t from) override {
    connection_.maybe_stop(10);
    return connection_.ask<void>(true, [&server = connection_.server(), sender = connection_.sender(0), from] {
      return server.raise_fence(sender, from);
    });
  }

  Status end_older_transactions(const Fence& /*fence*/) override { return {}; }

  Result<std::optional<Progress>> read_progress(const ProgressKey& key) override {
    return connection_.ask<std::optional<Progress>>(
        false, [&server = connection_.server(), key] { return server.read_progress(key); });
  }

  Result<std::unique_ptr<Transaction>> begin(const Authority& authority, Durability /*durability*/) override {
    connection_.maybe_stop(1);
    const TransactionSender sender = connection_.sender(authority.fence.value);
    BATON_CHECK(
        connection_.ask<void>(false, [&server = connection_.server(), sender] { return server.check_fence(sender); }));
    return std::unique_ptr<Transaction>(new ClientTransaction(connection_, authority, open_));
  }

  Result<std::int64_t> execute_unprotected(const Authority& /*authority*/, const std::string& /*sql*/) override {
    return fail(ErrorKind::internal, "no simulated step is unprotected");
  }

  std::unique_ptr<TableWriter> table_writer(const TableSpec& spec, const std::string& /*where*/) override {
    return std::make_unique<ClientTableWriter>(open_, spec);
  }

  void interrupt() override {}

 private:
  ClientConnection& connection_;
  std::weak_ptr<Draft> open_;
};

}  // namespace

std::unique_ptr<Database> make_client_database(ClientConnection& connection) {
  return std::make_unique<ClientDatabase>(connection);
}

}  // namespace baton
