#include "tests/process/stores_that_go_away.h"

#include "tests/doubles/dynalite.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/tcp_proxy.h"
#include "tests/process/monitored_stores.h"

#include <fmt/format.h>
#include <filesystem>

namespace baton {
namespace {

class InFolders : public StoresThatGoAway {
 public:
  explicit InFolders(const Workspace& workspace) : workspace_(workspace) {
    for (const char* folder : {"repository", "leases"}) std::filesystem::create_directory(workspace_.file(folder));
  }

  void choose_in(ReplicaConfig& config) const override {
    config.stores = "repository: { url: \"sqlite:repository/baton.db\" }\n";
    config.locks = "store: sqlite, url: \"sqlite:leases/leases.db\", ";
  }
  void take_away(Store store) override { move(folder(store), folder(store) + "-elsewhere"); }
  void bring_back(Store store) override { move(folder(store) + "-elsewhere", folder(store)); }
  std::optional<std::string> repository(const std::string& sql) override {
    return workspace_.try_query("repository/baton.db", sql);
  }

 private:
  static std::string folder(Store store) { return store == Store::leases ? "leases" : "repository"; }
  void move(const std::string& from, const std::string& to) const {
    std::filesystem::rename(workspace_.file(from), workspace_.file(to));
  }

  const Workspace& workspace_;
};

class BehindPostgresProxies final : public StoresThatGoAway {
 public:
  void choose_in(ReplicaConfig& config) const override {
    config.stores =
        fmt::format("repository: {{ url: \"{}\", schema: datasync }}\n", repository_.through(database_.url()));
    config.locks = fmt::format("store: postgresql, url: \"{}\", schema: datasync, ", leases_.through(database_.url()));
  }
  void take_away(Store store) override { proxy(store).down(); }
  void bring_back(Store store) override { proxy(store).pass(); }
  std::optional<std::string> repository(const std::string& sql) override { return answer_text(*connection_, sql); }

 private:
  TcpProxy& proxy(Store store) { return store == Store::leases ? leases_ : repository_; }

  const TemporaryDatabase database_;
  const std::unique_ptr<PgConnection> connection_ = database_.connect();
  TcpProxy repository_{database_.url()};
  TcpProxy leases_{database_.url()};
};

class BehindDynamoProxy final : public InFolders {
 public:
  using InFolders::InFolders;

  void choose_in(ReplicaConfig& config) const override {
    InFolders::choose_in(config);
    config.locks = locks_in_dynamodb(table_, {proxy_.through(endpoint_.url), endpoint_.region},
                                     ", accesskey: test, secretkey: test");
  }
  void take_away(Store store) override { store == Store::leases ? proxy_.down() : InFolders::take_away(store); }
  void bring_back(Store store) override { store == Store::leases ? proxy_.pass() : InFolders::bring_back(store); }

 private:
  const DynamoEndpoint endpoint_ = dynalite_endpoint();
  const LockTable table_ = new_lock_table();
  TcpProxy proxy_{endpoint_.url, TcpProxy::Traffic::any};
};

}  // namespace

StoresThatGoAwayFactory sqlite_that_goes_away() {
  return {"Sqlite", [](const Workspace& workspace) { return std::make_unique<InFolders>(workspace); }};
}
StoresThatGoAwayFactory postgres_that_goes_away() {
  return {"Postgres", [](const Workspace&) { return std::make_unique<BehindPostgresProxies>(); }};
}
StoresThatGoAwayFactory dynamodb_that_goes_away() {
  return {"Dynamodb", [](const Workspace& workspace) { return std::make_unique<BehindDynamoProxy>(workspace); }};
}

}  // namespace baton
