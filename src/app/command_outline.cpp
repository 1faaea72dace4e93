#include "app/command_outline.h"

#include <algorithm>
#include <CLI/CLI.hpp>
#include <iterator>

namespace baton {
namespace {

// CLI11 keeps what an option takes as the text of its help: TYPE, or TYPE:{one,other}.
std::vector<std::string> choices_in(const std::string& type) {
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

Takes taken(const std::string& type, const std::vector<std::string>& choices) {
  if (!choices.empty()) return Takes::choice;
  return type == "FILE" ? Takes::file : Takes::text;
}

OptionOutline option_outline(const CLI::Option& option) {
  OptionOutline outline;
  for (const std::string& name : option.get_snames()) outline.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) outline.names.push_back("--" + name);
  outline.text = option.get_description();
  if (option.get_items_expected_max() == 0) return outline;
  const std::string type = option.get_type_name();
  outline.choices = choices_in(type);
  outline.takes = taken(type, outline.choices);
  outline.value = type.substr(0, type.find_first_of(": "));
  outline.default_value = option.get_default_str();
  return outline;
}

ArgumentOutline argument_outline(const CLI::Option& option) {
  ArgumentOutline outline;
  outline.name = option.get_name(true);
  outline.choices = choices_in(option.get_type_name());
  const bool jobs = outline.name == "job" || outline.name == "jobs";
  outline.takes = jobs ? Takes::job : taken(option.get_type_name(), outline.choices);
  outline.required = option.get_required();
  outline.many = option.get_items_expected_max() > 1;
  outline.text = option.get_description();
  return outline;
}

}  // namespace

CommandOutline command_outline(const CLI::App& app) {
  CommandOutline outline;
  outline.name = app.get_name();
  outline.text = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    if (option->get_positional()) {
      outline.arguments.push_back(argument_outline(*option));
    } else {
      outline.options.push_back(option_outline(*option));
    }
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
    outline.commands.push_back(command_outline(*command));
  }
  return outline;
}

bool is_help(const OptionOutline& option) { return option.names.back() == "--help"; }

std::vector<OptionOutline> options_after(const CommandOutline& command, const CommandOutline& program) {
  std::vector<OptionOutline> options = command.options;
  if (&command == &program) return options;
  std::copy_if(program.options.begin(), program.options.end(), std::back_inserter(options),
               [](const OptionOutline& option) { return !is_help(option); });
  return options;
}

std::string short_text(const std::string& text) { return text.substr(0, std::min(text.find("; "), text.find(" ("))); }

}  // namespace baton
