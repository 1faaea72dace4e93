#include "tests/doubles/postgres_server.h"

#include <fmt/format.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

namespace baton {
namespace {

constexpr Duration patience(30'000);

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::abort();
}

PgSettings settings_of(const std::string& url, const std::optional<std::string>& schema) {
  PgAddress address{Redacted<std::string>(url), std::nullopt, std::nullopt, schema, "postgresql://test"};
  auto settings = pg_settings(address, "baton-test");
  if (!settings) give_up(settings.error().message);
  return *settings;
}

std::unique_ptr<PgConnection> connection_to(const std::string& url, const std::optional<std::string>& schema) {
  auto connection = PgConnection::open(settings_of(url, schema), patience);
  if (!connection) give_up(connection.error().message);
  return *std::move(connection);
}

std::string random_name() {
  std::random_device device;
  return fmt::format("t_{:08x}{:08x}", device(), device());
}

}  // namespace

std::string postgres_server_url() {
  if (const char* url = std::getenv("BATON_TEST_POSTGRES"); url != nullptr && *url != '\0') return url;
  std::ifstream file(BATON_POSTGRES_URL_FILE);
  std::string url;
  if (!std::getline(file, url) || url.empty()) {
    give_up(
        "no PostgreSQL server for the tests: run them by ctest, which starts one, or set BATON_TEST_POSTGRES to the "
        "URL that scripts/postgres start prints");
  }
  return url;
}

TemporaryDatabase::TemporaryDatabase(const std::string& options) : name_(random_name()) {
  const std::string server = postgres_server_url();
  url_ = server.substr(0, server.rfind('/') + 1) + name_;
  admin_ = connection_to(server, std::nullopt);
  if (const auto made = admin_->query("CREATE DATABASE " + name_ + " " + options); !made) give_up(made.error().message);
  query("CREATE SCHEMA datasync");
}

TemporaryDatabase::~TemporaryDatabase() {
  static_cast<void>(admin_->query("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"));
}

PgAddress TemporaryDatabase::address(const std::string& schema) const {
  return {Redacted<std::string>(url_), std::nullopt, std::nullopt, schema, "postgresql://test/" + name_};
}

PgSettings TemporaryDatabase::settings(const std::string& schema) const { return settings_of(url_, schema); }

std::unique_ptr<PgConnection> TemporaryDatabase::connect(const std::string& schema) const {
  return connection_to(url_, schema);
}

std::string TemporaryDatabase::query(const std::string& sql) const {
  const auto connection = connection_to(url_, "datasync");
  const auto results = connection->script(sql);
  if (!results) give_up(results.error().message + " in " + sql);
  std::string shown;
  for (const PgResult& result : *results) {
    if (result.columns() == 0) continue;
    shown.clear();
    for (int row = 0; row < result.rows(); ++row) {
      if (row > 0) shown += '\n';
      for (int column = 0; column < result.columns(); ++column) {
        if (column > 0) shown += '|';
        shown += result.view(row, column);
      }
    }
  }
  return shown;
}

}  // namespace baton
