#include "app/completion_script.h"

#include <fmt/format.h>

namespace baton {
namespace {

std::string quoted(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c == '\'' || c == '\\') plain += '\\';
    plain += c;
  }
  return "'" + plain + "'";
}

// What __NAME_path has to know: which words are commands, which options are followed by a value.
struct Words {
  std::string commands;
  std::string valued;
};

std::string choice_words(const std::vector<std::string>& choices) {
  return quoted(fmt::format("{}", fmt::join(choices, " ")));
}

std::string option_line(const std::string& start, const OptionOutline& option) {
  std::string line = start;
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (option.takes == Takes::file) line += " -r -F";
  if (option.takes == Takes::text) line += " -x";
  if (option.takes == Takes::choice) line += " -x -a " + choice_words(option.choices);
  return line + " -d " + quoted(short_text(option.text)) + "\n";
}

std::string lines(const std::string& path, const CommandOutline& command, const std::string& program, Words& words) {
  const std::string start = fmt::format("complete -c {0} -n \"__{0}_at '{1}'\"", program, path);
  std::string text;
  for (const OptionOutline& option : command.options) {
    for (const std::string& name : option.names) {
      if (option.takes != Takes::nothing) words.valued += fmt::format(" '{} {}'", path, name);
    }
    // The program's own may stand after any command.
    if (!path.empty()) text += option_line(start, option);
  }
  for (const ArgumentOutline& argument : command.arguments) {
    if (argument.takes == Takes::job) text += fmt::format("{} -a '(__{}_job_names)'\n", start, program);
    if (argument.takes == Takes::choice) text += fmt::format("{} -a {}\n", start, choice_words(argument.choices));
  }
  for (const CommandOutline& below : command.commands) {
    text += fmt::format("{} -a {} -d {}\n", start, below.name, quoted(short_text(below.text)));
  }
  for (const CommandOutline& below : command.commands) {
    words.commands += fmt::format(" '{} {}'", path, below.name);
    text += lines(path.empty() ? below.name : path + " " + below.name, below, program, words);
  }
  return text;
}

constexpr const char* head = R"(# fish completion for {name}
function __{name}_path
    set -l path
    set -l value no
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test $value = yes
            set value no
            continue
        end
        switch "$path $word"
            case{valued}{everywhere}
                set value yes
            case{commands}
                set path (string trim -- "$path $word")
        end
    end
    echo "$path"
end

function __{name}_at
    test (__{name}_path) = "$argv"
end

function __{name}_job_names
    set -l given
    set -l next no
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test $next = yes
            set -a given $word
            set next no
            continue
        end
        switch $word
            case --config --jobs
                set -a given $word
                set next yes
            case '--config=*' '--jobs=*'
                set -a given $word
        end
    end
    $words[1] job-names $given 2>/dev/null
end

complete -c {name} -f
)";

}  // namespace

std::string fish_completion(const CommandOutline& program) {
  Words words;
  const std::string below = lines("", program, program.name, words);
  std::string everywhere;
  std::string options;
  for (const OptionOutline& option : program.options) {
    options += option_line(fmt::format("complete -c {}", program.name), option);
    for (const std::string& name : option.names) {
      if (option.takes != Takes::nothing) everywhere += fmt::format(" '* {}'", name);
    }
  }
  return fmt::format(head, fmt::arg("name", program.name), fmt::arg("valued", words.valued),
                     fmt::arg("everywhere", everywhere), fmt::arg("commands", words.commands)) +
         options + below;
}

}  // namespace baton
