// A `console` block: commands after "$ ", each with the output that the document shows below it.
#pragma once

#include <string>
#include <vector>

namespace baton {

struct ConsoleCommand {
  std::string text;      // with the lines of its here-document and those after a backslash
  std::string expected;  // empty: the document shows nothing
  int line = 0;          // in the document, from 1
};

std::vector<ConsoleCommand> parse_console(const std::string& text, int first_line);

// The simple commands of a command line, as words: what stands between |, ||, &, && and ;, without here-documents,
// comments, assignments and redirections. Quotes hold a word together and are taken away.
std::vector<std::vector<std::string>> simple_commands(const std::string& text);

// The command that others carry out: what stands behind `sudo -u NAME`, `env NAME=VALUE` and `kubectl exec POD --`. The
// command itself where it is none of these.
std::vector<std::string> carried_out(std::vector<std::string> command);

}  // namespace baton
