#include "app/completion_script.h"

#include <fmt/format.h>

namespace baton {
namespace {

// `case` branches: one for each command's words, and one for each option that takes a value.
struct Branches {
  std::string commands;
  std::string values;
};

// The program's own options may follow any command.
std::string value_branch(const std::string& path, const OptionOutline& option) {
  std::string patterns;
  for (const std::string& name : option.names) {
    const std::string pattern = path.empty() ? fmt::format("*' {}'", name) : fmt::format("'{} {}'", path, name);
    patterns += (patterns.empty() ? "" : "|") + pattern;
  }
  const std::string then = option.takes == Takes::choice ? fmt::format("words='{}'", fmt::join(option.choices, " "))
                           : option.takes == Takes::file ? "files=yes"
                                                         : ":";
  return fmt::format("    {}) {} ;;\n", patterns, then);
}

void collect(const std::string& path, const CommandOutline& command, const CommandOutline& program,
             Branches& branches) {
  std::string words;
  for (const CommandOutline& below : command.commands) words += below.name + " ";
  std::string argument = "none";
  for (const ArgumentOutline& one : command.arguments) {
    if (one.takes == Takes::job) argument = one.name == "jobs" ? "jobs" : "job";
    if (one.takes == Takes::choice) argument = fmt::format("{}", fmt::join(one.choices, " "));
  }
  std::string dashed;
  for (const OptionOutline& option : options_after(command, program)) {
    for (const std::string& name : option.names) dashed += name.starts_with("--") ? name + " " : "";
  }
  for (const OptionOutline& option : command.options) {
    if (option.takes != Takes::nothing) branches.values += value_branch(path, option);
  }
  branches.commands +=
      fmt::format("    '{}') commands='{}' options='{}' argument='{}' ;;\n", path, words, dashed, argument);
  for (const CommandOutline& below : command.commands) {
    collect(path.empty() ? below.name : path + " " + below.name, below, program, branches);
  }
}

// Words are walked from the left: those that are commands make the path, a value belongs to the option before it.
// Readline splits --option=value into three words.
constexpr const char* script = R"(# bash completion for {name}
_{name}_command() {{
  case $1 in
{commands}    *) return 1 ;;
  esac
}}

_{name}_value() {{
  case $1 in
{values}    *) return 1 ;;
  esac
}}

_{name}_job_names() {{
  "${{COMP_WORDS[0]/#\~/$HOME}}" job-names "${{given[@]}}" 2>/dev/null
}}

_{name}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} path= arguments=0 given=() option= i word
  local commands options argument files words
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    if [[ -n $option ]]; then
      [[ $word == '=' ]] && continue
      [[ $option == --config || $option == --jobs ]] && given+=("$option" "${{word/#\~/$HOME}}")
      option=
    elif _{name}_value "$path $word"; then
      option=$word
    elif [[ $word != -* ]]; then
      if [[ $arguments == 0 ]] && _{name}_command "${{path:+$path }}$word"; then
        path=${{path:+$path }}$word
      else
        arguments=$((arguments + 1))
      fi
    fi
  done
  local plain=${{current//\\/}} name
  [[ $plain == '=' ]] && plain=
  _{name}_command "$path"
  if [[ -n $option ]]; then
    words= files=
    _{name}_value "$path $option"
    if [[ -n $files ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$plain")
    elif [[ -n $words ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$plain")
    fi
  elif [[ $plain == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$plain")
  elif [[ -n $commands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$plain")
  elif [[ $argument == jobs || $argument == job && $arguments == 0 ]]; then
    plain=${{plain#[\"\']}}
    while IFS= read -r name; do
      [[ $name == "$plain"* ]] || continue
      [[ $current == [\"\']* ]] || printf -v name %q "$name"
      COMPREPLY+=("$name")
    done < <(_{name}_job_names)
  elif [[ $argument != job && $argument != none && $arguments == 0 ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$argument" -- "$plain")
  fi
}}

complete -F _{name} {name}
)";

}  // namespace

std::string bash_completion(const CommandOutline& program) {
  Branches branches;
  collect("", program, program, branches);
  return fmt::format(script, fmt::arg("name", program.name), fmt::arg("commands", branches.commands),
                     fmt::arg("values", branches.values));
}

}  // namespace baton
