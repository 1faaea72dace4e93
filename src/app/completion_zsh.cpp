#include "app/completion_script.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// Between single quotes. Colons and brackets divide the parts of a specification.
std::string escaped(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c == '\'') {
      plain += "'\\''";
    } else {
      if (c == ':' || c == '[' || c == ']' || c == '\\') plain += '\\';
      plain += c;
    }
  }
  return plain;
}

std::string action(Takes takes, const std::vector<std::string>& choices, const std::string& program) {
  switch (takes) {
    case Takes::file: return "_files";
    case Takes::choice: return fmt::format("({})", fmt::join(choices, " "));
    case Takes::job: return fmt::format("_{}_job_names", program);
    default: return " ";
  }
}

std::string option_specs(const std::vector<OptionOutline>& options, const std::string& program) {
  std::string specs;
  for (const OptionOutline& option : options) {
    const std::string text = escaped(short_text(option.text));
    for (const std::string& name : option.names) {
      if (option.takes == Takes::nothing) {
        specs += fmt::format(" \\\n    '{}[{}]'", name, text);
      } else {
        specs += fmt::format(" \\\n    '{}{}[{}]:{}:{}'", name, name.starts_with("--") ? "=" : "+", text, option.value,
                             action(option.takes, option.choices, program));
      }
    }
  }
  return specs;
}

// After the first job come parameters, unless more jobs may.
std::string argument_specs(const CommandOutline& command, const std::string& program) {
  std::string specs;
  for (const ArgumentOutline& argument : command.arguments) {
    const std::string where = argument.many && argument.name == "jobs" ? "*" : argument.required ? "1" : "1:";
    specs +=
        fmt::format(" \\\n    '{}:{}:{}'", where, argument.name, action(argument.takes, argument.choices, program));
  }
  return specs;
}

std::string function_name(const std::string& path) {
  std::string name = "_" + path;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::string leaf_function(const std::string& path, const CommandOutline& command, const CommandOutline& program) {
  return fmt::format("{}() {{\n  _arguments{}{}\n}}\n\n", function_name(path),
                     option_specs(options_after(command, program), program.name),
                     argument_specs(command, program.name));
}

constexpr const char* inner_function = R"({function}() {{
  {remember}local curcontext=$curcontext state line
  local -a commands
  typeset -A opt_args
  _arguments -C{options} \
    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      commands=({commands})
      _describe -t commands command commands ;;
    argument)
      case $words[1] in
{calls}      esac ;;
  esac
}}

)";

std::string functions(const std::string& path, const CommandOutline& command, const CommandOutline& program) {
  if (command.commands.empty()) return leaf_function(path, command, program);
  std::string text;
  std::string names;
  std::string calls;
  for (const CommandOutline& below : command.commands) {
    const std::string below_path = path + " " + below.name;
    text += functions(below_path, below, program);
    names += fmt::format("\n        '{}:{}'", below.name, escaped(short_text(below.text)));
    calls += fmt::format("        {}) {} ;;\n", below.name, function_name(below_path));
  }
  const std::string remember = path == program.name ? fmt::format("local -a {}_words=($words)\n  ", path) : "";
  return text + fmt::format(inner_function, fmt::arg("function", function_name(path)), fmt::arg("remember", remember),
                            fmt::arg("options", option_specs(options_after(command, program), program.name)),
                            fmt::arg("commands", names), fmt::arg("calls", calls));
}

constexpr const char* head = R"zsh(#compdef {name}
_{name}_job_names() {{
  local -a given names
  local i expl
  for ((i = 2; i < $#{name}_words; i++)); do
    case ${name}_words[i] in
      --config=*|--jobs=*) given+=("${{(Q){name}_words[i]}}") ;;
      --config|--jobs) given+=("${name}_words[i]" "${{(Q){name}_words[i+1]}}") ;;
    esac
  done
  names=(${{(f)"$(${{(Q){name}_words[1]}} job-names $given 2>/dev/null)"}})
  _wanted jobs expl job compadd -a names
}}

)zsh";

// zsh runs the file as the function's body when it is found by its name; otherwise it is sourced.
constexpr const char* tail = R"zsh(if [[ $funcstack[1] == _{name} ]]; then
  _{name} "$@"
else
  compdef _{name} {name}
fi
)zsh";

}  // namespace

std::string zsh_completion(const CommandOutline& program) {
  return fmt::format(head, fmt::arg("name", program.name)) + functions(program.name, program, program) +
         fmt::format(tail, fmt::arg("name", program.name));
}

}  // namespace baton
