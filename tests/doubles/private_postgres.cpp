#include "tests/doubles/private_postgres.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace baton {

PrivatePostgres::PrivatePostgres(std::vector<std::string> settings) {
  chmod(folder_.path().c_str(), 0755);  // the server may run as another user
  for (const std::string& one : settings) options_ += fmt::format(" --set '{}'", one);
  start();
}

PrivatePostgres::~PrivatePostgres() { script("remove"); }

void PrivatePostgres::start() { url_ = script("start"); }

PgSettings PrivatePostgres::settings(const std::string& schema) const {
  return pg_settings({Redacted<std::string>(url_), {}, {}, schema, "postgresql://private"}, "baton-test").value();
}

// What it printed, without the end of the line.
std::string PrivatePostgres::script(const std::string& command) const {
  const std::string verb = command.substr(0, command.find(' '));
  const std::string rest = verb == command ? "" : command.substr(verb.size());
  const std::string line = fmt::format("'{}/scripts/postgres' {} '{}/server'{}{}", BATON_SOURCE_DIR, verb,
                                       folder_.path(), rest, verb == "start" ? options_ : "");
  std::FILE* const pipe = popen(line.c_str(), "re");
  std::string printed;
  std::array<char, 256> piece{};
  while (pipe != nullptr && std::fgets(piece.data(), piece.size(), pipe) != nullptr) printed += piece.data();
  if (pipe == nullptr || pclose(pipe) != 0) {
    fmt::print(stderr, "{} failed\n", line);
    std::abort();
  }
  while (printed.ends_with('\n')) printed.pop_back();
  return printed;
}

}  // namespace baton
