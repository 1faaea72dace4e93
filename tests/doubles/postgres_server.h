// The PostgreSQL server that ctest starts for the tests marked POSTGRES (or $BATON_TEST_POSTGRES), and databases on it.
#pragma once

#include "postgres/connection.h"

#include <memory>
#include <string>

namespace baton {

// Of its database scale_poc, with user and password. Ends the test program with a word on how to get a server where
// there is none.
std::string postgres_server_url();

// A new database with a random name and the schemas datasync and public, dropped at the end, whoever is connected.
class TemporaryDatabase {
 public:
  // `options` of CREATE DATABASE, such as an encoding.
  explicit TemporaryDatabase(const std::string& options = "");
  TemporaryDatabase(const TemporaryDatabase&) = delete;
  TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;
  ~TemporaryDatabase();

  const std::string& url() const { return url_; }  // libpq's, with user and password
  const std::string& name() const { return name_; }
  PgAddress address(const std::string& schema = "datasync") const;
  PgSettings settings(const std::string& schema = "datasync") const;

  // A session of the test's own, or with another schema; a failure to connect ends the test program.
  std::unique_ptr<PgConnection> connect(const std::string& schema = "datasync") const;

  // Runs statements, ending the program where one fails; the first value of the last one that returned rows, rows
  // joined by '\n' and columns by '|', as psql -At shows them.
  std::string query(const std::string& sql) const;

 private:
  std::string name_;
  std::string url_;
  std::unique_ptr<PgConnection> admin_;
};

}  // namespace baton
