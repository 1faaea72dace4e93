#include "tests/process/monitored_stores.h"

#include "dynamodb/lease_store.h"
#include "postgres/lease_store.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "sqlite/lease_store.h"
#include "tests/doubles/dynalite.h"
#include "tests/doubles/postgres_server.h"

#include <fmt/format.h>
#include <cstdio>
#include <cstdlib>

namespace baton {
namespace {

constexpr Duration patience(20'000);

template <class Store>
std::unique_ptr<LeaseStore> opened(Result<Store> store) {
  if (store) return *std::move(store);
  fmt::print(stderr, "{}\n", store.error().message);
  std::abort();
}

class InSqlite : public MonitoredStores {
 public:
  explicit InSqlite(const Workspace& workspace) : workspace_(workspace) {}

  void choose_in(ReplicaConfig& config) const override { config.stores = "repository: { url: \"sqlite:baton.db\" }\n"; }
  std::optional<std::string> repository(const std::string& sql) override {
    return workspace_.try_query("baton.db", sql);
  }
  LeaseStore& leases() override {
    if (leases_ == nullptr) leases_ = opened(SqliteLeaseStore::open(workspace_.file("baton.db-locks"), random_));
    return *leases_;
  }

 protected:
  const Workspace& workspace_;
  SystemRandom random_;
  std::unique_ptr<LeaseStore> leases_;
};

class InPostgres final : public MonitoredStores {
 public:
  void choose_in(ReplicaConfig& config) const override {
    config.stores = fmt::format("repository: {{ url: \"{}\", schema: datasync }}\n", database_.url());
  }
  std::optional<std::string> repository(const std::string& sql) override { return answer_text(*connection_, sql); }
  LeaseStore& leases() override {
    if (leases_ == nullptr) leases_ = opened(open_pg_lease_store(database_.settings(), true, random_, patience));
    return *leases_;
  }

 private:
  TemporaryDatabase database_;
  std::unique_ptr<PgConnection> connection_ = database_.connect();
  SystemRandom random_;
  std::unique_ptr<LeaseStore> leases_;
};

class InDynamo final : public InSqlite {
 public:
  explicit InDynamo(const Workspace& workspace) : InSqlite(workspace) {
    DynamoLeaseSettings settings{table_, dynalite_endpoint(), {}, {}};
    leases_ = opened(open_dynamo_lease_store(std::move(settings), dynalite_credentials(), clock_, random_, patience));
  }

  void choose_in(ReplicaConfig& config) const override {
    InSqlite::choose_in(config);
    config.locks = locks_in_dynamodb(table_, dynalite_endpoint(), ", accesskey: test, secretkey: test");
  }

 private:
  const LockTable table_ = new_lock_table();
  SystemClock clock_;
};

}  // namespace

std::optional<std::string> answer_text(PgConnection& connection, const std::string& sql) {
  const auto rows = connection.query(sql);
  if (!rows) return std::nullopt;
  std::string shown;
  for (int row = 0; row < rows->rows(); ++row) {
    if (row > 0) shown += '\n';
    for (int column = 0; column < rows->columns(); ++column) {
      if (column > 0) shown += '|';
      shown += rows->is_null(row, column) ? "NULL" : rows->view(row, column);
    }
  }
  return shown;
}

MonitoredStoresFactory sqlite_monitored() {
  return {"Sqlite", [](const Workspace& workspace) { return std::make_unique<InSqlite>(workspace); }};
}
MonitoredStoresFactory postgres_monitored() {
  return {"Postgres", [](const Workspace&) { return std::make_unique<InPostgres>(); }};
}
MonitoredStoresFactory dynamodb_monitored() {
  return {"Dynamodb", [](const Workspace& workspace) { return std::make_unique<InDynamo>(workspace); }};
}

}  // namespace baton
