// A folder in which a test runs the real program: files in, exit code, output and databases out.
#pragma once

#include "tests/doubles/program.h"
#include "tests/doubles/temporary_folder.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace baton {

class Workspace {
 public:
  explicit Workspace(std::string program);

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  bool exists(const std::string& name) const;
  // Names in the folder, sorted.
  std::vector<std::string> names() const;

  // The program with these arguments, in this folder; its configuration is baton.yaml unless they say otherwise.
  ProgramRequest request(std::vector<std::string> arguments) const;
  ProgramEnd run(std::vector<std::string> arguments) const { return run_to_end(request(std::move(arguments))); }

  // Statements on a database of the folder, over a connection of this call; SQLite's message fails the test.
  void execute(const std::string& database, const std::string& sql) const;
  // All values of the answer, joined with '|', rows with '\n'; NULL is "NULL".
  std::string query(const std::string& database, const std::string& sql) const;
  // Empty where the file or a table of the statement is not there, or not yet.
  std::optional<std::string> try_query(const std::string& database, const std::string& sql) const;

 private:
  TemporaryFolder folder_;
  std::string path_;  // as the program names it
  std::string program_;
};

// Holds a database's write lock from another process than the program's.
class HeldLock {
 public:
  explicit HeldLock(const std::string& database);
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;
  ~HeldLock();

 private:
  sqlite3* connection_ = nullptr;
};

// Looks again and again until `holds`; false after two minutes.
bool await(const std::function<bool()>& holds);

}  // namespace baton
