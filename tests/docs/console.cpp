#include "tests/docs/console.h"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace baton {
namespace {

// The word that ends the here-document which this line begins; empty where it begins none.
std::string here_document_end(const std::string& line) {
  const std::size_t at = line.find("<<");
  if (at == line.npos || line.compare(at, 3, "<<<") == 0) return "";
  std::string word;
  for (const char c : std::string_view(line).substr(at + 2)) {
    if (c == ' ' && !word.empty()) break;
    if (c != '\'' && c != '"' && c != ' ') word += c;
  }
  return word;
}

class Words {
 public:
  void take(char c, char next) {
    if (quote_ != 0) {
      if (c == quote_) {
        quote_ = 0;
      } else {
        word_ += c;
      }
    } else if (c == '\'' || c == '"') {
      quote_ = c;
      in_word_ = true;
    } else if (c == ' ' || c == '\n') {
      end_word();
    } else if (c == '|' || c == ';' || (c == '&' && next != '>' && !word_.ends_with('>'))) {
      end_command();
    } else {
      word_ += c;
      in_word_ = true;
    }
  }

  bool begins_comment(char c) const { return c == '#' && !in_word_ && quote_ == 0; }

  std::vector<std::vector<std::string>> end() {
    end_command();
    return std::move(commands_);
  }

 private:
  static bool is_assignment(const std::string& word) {
    const std::size_t equals = word.find('=');
    return equals != word.npos && equals > 0 && word.find_first_of("-/ ") > equals;
  }

  // `2>` and its like take the next word with them, `2>file` does not.
  void end_word() {
    if (!in_word_) return;
    in_word_ = false;
    const std::string word = std::move(word_);
    word_.clear();
    const bool is_target = is_redirected_;
    const std::size_t arrow = word.find_first_of("<>");
    const bool is_redirection = arrow != word.npos && word.find_first_not_of("0123456789&") == arrow;
    is_redirected_ = is_redirection && word.find_first_not_of("<>", arrow) == word.npos;
    if (is_target || is_redirection || (words_.empty() && is_assignment(word))) return;
    words_.push_back(word);
  }

  void end_command() {
    end_word();
    is_redirected_ = false;
    if (!words_.empty()) commands_.push_back(std::move(words_));
    words_.clear();
  }

  char quote_ = 0;
  bool in_word_ = false;
  bool is_redirected_ = false;
  std::string word_;
  std::vector<std::string> words_;
  std::vector<std::vector<std::string>> commands_;
};

}  // namespace

std::vector<ConsoleCommand> parse_console(const std::string& text, int first_line) {
  std::vector<ConsoleCommand> commands;
  std::istringstream lines(text);
  std::string until;  // of a here-document
  bool continues = false;
  int number = first_line;
  for (std::string line; std::getline(lines, line); ++number) {
    if (until.empty() && !continues && line.starts_with("$ ")) {
      commands.push_back({line.substr(2), "", number});
      until = here_document_end(line);
    } else if (!commands.empty() && (!until.empty() || continues)) {
      commands.back().text += "\n" + line;
      if (line == until) until.clear();
    } else if (!commands.empty()) {
      commands.back().expected += line + "\n";
    }
    continues = until.empty() && !line.empty() && line.back() == '\\';
  }
  return commands;
}

std::vector<std::vector<std::string>> simple_commands(const std::string& text) {
  Words words;
  std::istringstream lines(text);
  std::string until;
  for (std::string line; std::getline(lines, line);) {
    if (!until.empty()) {
      if (line == until) until.clear();
      continue;
    }
    until = here_document_end(line);
    const bool continues = !line.empty() && line.back() == '\\';
    if (continues) line.pop_back();
    line += continues ? ' ' : ';';
    for (std::size_t i = 0; i < line.size() && !words.begins_comment(line[i]); ++i) {
      words.take(line[i], i + 1 < line.size() ? line[i + 1] : '\n');
    }
    if (!continues) words.take(';', '\n');
  }
  return words.end();
}

std::vector<std::string> carried_out(std::vector<std::string> command) {
  const auto drop = [&](std::size_t count) {
    command.erase(command.begin(), command.begin() + static_cast<std::ptrdiff_t>(std::min(count, command.size())));
  };
  while (!command.empty()) {
    const std::string program = command.front();
    if (program == "sudo") {
      drop(1);
      while (!command.empty() && command.front().starts_with('-')) drop(command.front() == "-u" ? 2 : 1);
    } else if (program == "env") {
      drop(1);
      while (!command.empty() && command.front().find('=') != std::string::npos) drop(1);
    } else if (const auto dashes = std::find(command.begin(), command.end(), "--");
               program == "kubectl" && dashes != command.end()) {
      command.erase(command.begin(), dashes + 1);
    } else {
      break;
    }
  }
  return command;
}

}  // namespace baton
