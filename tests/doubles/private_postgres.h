// A PostgreSQL server of one test's own, which it may crash.
#pragma once

#include "postgres/settings.h"
#include "tests/doubles/temporary_folder.h"

#include <string>
#include <vector>

namespace baton {

// Started at once; removed at the end. A failure ends the test program.
class PrivatePostgres {
 public:
  explicit PrivatePostgres(std::vector<std::string> settings = {"fsync=off"});
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;
  ~PrivatePostgres();

  const std::string& url() const { return url_; }  // of its database scale_poc
  PgSettings settings(const std::string& schema = "datasync") const;

  void crash() { script("stop immediate"); }
  void start();
  void crash_and_restart() {
    crash();
    start();
  }

 private:
  std::string script(const std::string& command) const;

  TemporaryFolder folder_;
  std::string options_;
  std::string url_;
};

}  // namespace baton
