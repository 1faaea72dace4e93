// What can be written on the command line, as plain data: manual page and completions are made from it, so that they
// cannot say less or more than the program takes.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace baton {

// What follows an option, or stands as an argument.
enum class Takes { nothing, text, choice, file, job };

struct OptionOutline {
  std::vector<std::string> names;  // with their dashes, short ones first
  Takes takes = Takes::nothing;
  std::string value;                 // its name in capitals; empty where nothing is taken
  std::vector<std::string> choices;  // of `choice`
  std::string default_value;         // empty: none
  std::string text;
};

struct ArgumentOutline {
  std::string name;
  Takes takes = Takes::text;
  std::vector<std::string> choices;
  bool required = false;
  bool many = false;
  std::string text;
};

// Commands of a command may stand in it; the options of those above it are taken too.
struct CommandOutline {
  std::string name;  // one word
  std::string text;
  std::vector<OptionOutline> options;
  std::vector<ArgumentOutline> arguments;
  std::vector<CommandOutline> commands;
};

// What is hidden from --help is left out.
CommandOutline command_outline(const CLI::App& app);

// The option that each command has.
bool is_help(const OptionOutline& option);

// What may follow `command`: its own options and the program's, which may follow any.
std::vector<OptionOutline> options_after(const CommandOutline& command, const CommandOutline& program);

// The part of a description that fits beside a name in a list: up to a semicolon or a parenthesis.
std::string short_text(const std::string& text);

}  // namespace baton
