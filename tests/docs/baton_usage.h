// What `baton` can be told, as its own --help says it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace baton {

class BatonUsage {
 public:
  explicit BatonUsage(const std::string& program);

  // Empty, or why these words (the first is "baton") are no way to call it: an unknown command or option. Values are
  // not looked at, so `JOB…` or `[--json]` may stand where a document describes a command.
  std::string problem(const std::vector<std::string>& words) const;

 private:
  struct Command {
    std::set<std::string> commands;  // below it
    std::set<std::string> options;
  };
  void learn(const std::string& program, std::vector<std::string> path);

  std::map<std::vector<std::string>, Command> known_;  // by the words that lead there
};

}  // namespace baton
