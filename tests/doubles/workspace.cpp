#include "tests/doubles/workspace.h"

#include <poll.h>
#include <sqlite3.h>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

namespace baton {
namespace {

using Connection = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

Connection open_database(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  EXPECT_EQ(sqlite3_open_v2(path.c_str(), &raw, flags, nullptr), SQLITE_OK) << path;
  sqlite3_busy_timeout(raw, 60'000);
  return {raw, &sqlite3_close};
}

int add_row(void* answer, int columns, char** values, char** /*names*/) {
  auto& text = *static_cast<std::string*>(answer);
  if (!text.empty()) text += '\n';
  for (int i = 0; i < columns; ++i) {
    if (i > 0) text += '|';
    text += values[i] == nullptr ? "NULL" : values[i];
  }
  return 0;
}

}  // namespace

Workspace::Workspace(std::string program)
    : path_(std::filesystem::path(folder_.path()).lexically_normal()), program_(std::move(program)) {}

void Workspace::write(const std::string& name, const std::string& text) const {
  std::ofstream(file(name), std::ios::binary) << text;
}

std::string Workspace::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(file(name), std::ios::binary).rdbuf();
  return text.str();
}

bool Workspace::exists(const std::string& name) const { return std::filesystem::exists(file(name)); }

std::vector<std::string> Workspace::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path())) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

ProgramRequest Workspace::request(std::vector<std::string> arguments) const {
  ProgramRequest request;
  request.argv = std::move(arguments);
  request.argv.insert(request.argv.begin(), program_);
  request.folder = path();
  return request;
}

void Workspace::execute(const std::string& database, const std::string& sql) const {
  const Connection connection = open_database(file(database), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  EXPECT_EQ(sqlite3_exec(connection.get(), sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(connection.get());
}

std::string Workspace::query(const std::string& database, const std::string& sql) const {
  const Connection connection = open_database(file(database), SQLITE_OPEN_READWRITE);
  std::string answer;
  EXPECT_EQ(sqlite3_exec(connection.get(), sql.c_str(), add_row, &answer, nullptr), SQLITE_OK)
      << sqlite3_errmsg(connection.get()) << " in " << sql;
  return answer;
}

std::optional<std::string> Workspace::try_query(const std::string& database, const std::string& sql) const {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(file(database).c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  const Connection connection(raw, &sqlite3_close);
  if (opened != SQLITE_OK) return std::nullopt;
  sqlite3_busy_timeout(raw, 60'000);
  std::string answer;
  if (sqlite3_exec(raw, sql.c_str(), add_row, &answer, nullptr) != SQLITE_OK) return std::nullopt;
  return answer;
}

bool Workspace::is_locked(const std::string& database) const {
  const Connection connection = open_database(file(database), SQLITE_OPEN_READWRITE);
  sqlite3_busy_timeout(connection.get(), 0);
  return sqlite3_exec(connection.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_BUSY;
}

HeldLock::HeldLock(const std::string& database) {
  connection_ = open_database(database, SQLITE_OPEN_READWRITE).release();
  EXPECT_EQ(sqlite3_exec(connection_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
}

HeldLock::~HeldLock() { sqlite3_close(connection_); }

bool await(const std::function<bool()>& holds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::minutes(2);
  constexpr int quick_looks = 200, quick_ms = 2, slow_ms = 20;
  for (int looks = 0; !holds(); ++looks) {
    if (Clock::now() > end) return false;
    poll(nullptr, 0, looks < quick_looks ? quick_ms : slow_ms);
  }
  return true;
}

}  // namespace baton
