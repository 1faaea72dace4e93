#include "tests/docs/baton_usage.h"

#include "tests/doubles/program.h"

#include <fmt/format.h>
#include <algorithm>
#include <regex>
#include <sstream>

namespace baton {

BatonUsage::BatonUsage(const std::string& program) { learn(program, {}); }

void BatonUsage::learn(const std::string& program, std::vector<std::string> path) {
  ProgramRequest request;
  request.argv = path;
  request.argv.insert(request.argv.begin(), program);
  request.argv.push_back("--help");
  Command& command = known_[path];
  std::istringstream lines(run_to_end(request).output);
  bool in_commands = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(' ')) in_commands = line == "Subcommands:";
    std::smatch found;
    if (in_commands && std::regex_search(line, found, std::regex("^  ([a-z]+) "))) command.commands.insert(found[1]);
    if (std::regex_search(line, found, std::regex("^  (?:-[a-z],)?(--[a-z-]+)"))) command.options.insert(found[1]);
  }
  const std::set<std::string> below = command.commands;
  for (const std::string& one : below) {
    path.push_back(one);
    learn(program, path);
    path.pop_back();
  }
}

std::string BatonUsage::problem(const std::vector<std::string>& words) const {
  std::vector<std::string> path;
  std::set<std::string> options = known_.at({}).options;
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::string word = words[i];
    word.erase(std::remove_if(word.begin(), word.end(), [](char c) { return c == '[' || c == ']'; }), word.end());
    if (word.starts_with("--")) {
      word = word.substr(0, word.find('='));
      if (options.count(word) == 0) return fmt::format("`{}` is no option of `baton {}`", word, fmt::join(path, " "));
      // Of the options before a command each takes a value, but for --json.
      if (path.empty() && word != "--json" && words[i].find('=') == std::string::npos) ++i;
      continue;
    }
    const std::set<std::string>& commands = known_.at(path).commands;
    if (commands.count(word) != 0) {
      path.push_back(word);
      options.insert(known_.at(path).options.begin(), known_.at(path).options.end());
    } else if (path.empty()) {
      return fmt::format("`{}` is no command of baton", word);
    }
  }
  return "";
}

}  // namespace baton
