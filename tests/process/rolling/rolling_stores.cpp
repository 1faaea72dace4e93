#include "tests/process/rolling/rolling_stores.h"

#include "tests/doubles/dynalite.h"
#include "tests/doubles/postgres_server.h"

#include <sys/stat.h>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace baton {
namespace {

constexpr const char* make_tables =
    "CREATE TABLE ticks (job text); CREATE TABLE load_1 (id integer, price real); "
    "CREATE TABLE load_2 (id integer, price real)";

// Line by line of /proc/locks: number, POSIX, ADVISORY, READ or WRITE, process, device:device:inode, first and last
// byte.
bool holds_lock(int process, const std::string& file, long long byte) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return false;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number, kind, advisory, access, holder, inode, first, last;
    fields >> number >> kind >> advisory >> access >> holder >> inode >> first >> last;
    if (kind != "POSIX" || holder != std::to_string(process)) continue;
    if (inode.substr(inode.rfind(':') + 1) != std::to_string(status.st_ino)) continue;
    if (std::stoll(first) <= byte && (last == "EOF" || byte <= std::stoll(last))) return true;
  }
  return false;
}

// Source: sqlite.org, "WAL-mode File Format", and "File Locking And Concurrency": who writes holds one byte of the
// WAL's index; with a rollback journal who reads keeps out a writer's end as well.
bool holds_sqlite_lock(int process, const std::string& database) {
  constexpr long long wal_write_lock = 120, reserved = 0x40000001, shared = 0x40000002;
  if (std::filesystem::exists(database + "-shm")) return holds_lock(process, database + "-shm", wal_write_lock);
  return holds_lock(process, database, reserved) || holds_lock(process, database, shared);
}

class SqliteRolling final : public RollingStores {
 public:
  explicit SqliteRolling(const Workspace& workspace) : workspace_(workspace) {
    workspace.execute("warehouse.db", make_tables);
  }
  std::string settings(const std::string& timings) const override {
    return "repository: { url: \"sqlite:baton.db\" }\nlocks: { " + timings +
           " }\nconnections: { warehouse: { url: \"sqlite:warehouse.db\" } }\n";
  }
  std::string repository(const std::string& sql) const override { return workspace_.query("baton.db", sql); }
  std::string warehouse(const std::string& sql) const override { return workspace_.query("warehouse.db", sql); }
  bool keeps_others_out(int process) const override {
    return holds_sqlite_lock(process, workspace_.file("warehouse.db")) ||
           holds_sqlite_lock(process, workspace_.file("baton.db")) ||
           holds_sqlite_lock(process, workspace_.file("baton.db-locks"));
  }

 private:
  const Workspace& workspace_;
};

class PostgresRolling : public RollingStores {
 public:
  PostgresRolling() { database_.query(std::string("SET search_path = public; ") + make_tables); }
  std::string settings(const std::string& timings) const override {
    return "repository: { url: \"" + database_.url() + "\", schema: datasync }\nlocks: { " + locks() + timings +
           " }\nconnections: { warehouse: { url: \"" + database_.url() + "\", schema: public } }\n";
  }
  std::string repository(const std::string& sql) const override {
    return database_.query("SET search_path = datasync; " + sql);
  }
  std::string warehouse(const std::string& sql) const override {
    return database_.query("SET search_path = public; " + sql);
  }

 protected:
  virtual std::string locks() const { return ""; }

 private:
  TemporaryDatabase database_;
};

class DynamoRolling final : public PostgresRolling {
 private:
  std::string locks() const override {
    return locks_in_dynamodb(table_, dynalite_endpoint(), ", accesskey: test, secretkey: test");
  }
  const LockTable table_ = new_lock_table();
};

}  // namespace

std::unique_ptr<RollingStores> rolling_stores(const std::string& name, const Workspace& workspace,
                                              std::chrono::milliseconds refresh) {
  constexpr std::chrono::milliseconds second(1'000);
  std::unique_ptr<RollingStores> stores;
  if (name == "SQLite") stores = std::make_unique<SqliteRolling>(workspace);
  if (name == "PostgreSQL") stores = std::make_unique<PostgresRolling>();
  if (name == "DynamoDB") stores = std::make_unique<DynamoRolling>();
  stores->hand_over_bound = name == "PostgreSQL" ? second : second + refresh;
  return stores;
}

}  // namespace baton
