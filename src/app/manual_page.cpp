#include "app/manual_page.h"
#include "app/roff.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

using roff::bold;
using roff::escaped;
using roff::italic;

constexpr const char* before_commands = R"(.SH DESCRIPTION
Baton runs scheduled ETL jobs on any number of identical, stateless replicas, each job on exactly one of them.
A job belongs to one owner through a lease; every commit is fenced, and progress is committed together with the rows.
The configuration is described in
.BR baton.yaml (5).
.PP
.B baton run
is a replica, which goes on until SIGTERM or SIGINT; a second signal ends it at once.
All other commands answer and end.
.SH OPTIONS
They may stand before and after the command.
)";

constexpr const char* after_commands = R"(.SH EXIT STATUS
.TP
.B 0
Done. A replica ends with it on SIGTERM, having released its jobs.
.TP
.B 1
A job failed or was refused.
.TP
.B 2
Wrong usage.
.TP
.B 75
Not now: a store is away, a lease is held by another, stopped by a signal, the output cannot be written.
The same call may succeed later.
.TP
.B 78
Wrong configuration.
.SH ENVIRONMENT
.TP
.B BATON_CONFIG
The configuration where
.B \-\-config
is not given.
.PP
Configurations may refer to any other variable.
.SH FILES
.TP
.I ./baton.yaml
The configuration where neither
.B \-\-config
nor
.B BATON_CONFIG
names one.
.TP
.I /etc/baton/baton.yaml
The configuration of
.IR baton.service .
.SH EXAMPLES
.TP
.B baton validate && baton doctor && baton plan
Find mistakes, then what stands in the way, then what each step will do.
.TP
.B baton run \-\-once vendors day=2026\-01\-31,java.time.LocalDate
Run one job once, with a parameter.
.TP
.B sudo \-u baton baton status \-\-config /etc/baton/baton.yaml
Ask what the jobs of the service do.
.SH SEE ALSO
.BR baton.yaml (5),
.BR systemctl (1)
)";

std::string capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// Descriptions stand in lower case and without a full stop, as in --help.
std::string sentence(std::string text) {
  if (text.empty()) return text;
  // A word that is meant as it is written stays so.
  if (text.find(": ") == std::string::npos || text.find(": ") > text.find(' '))
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return escaped(text + ".");
}

std::string option_entry(const OptionOutline& option) {
  std::string names;
  for (const std::string& name : option.names) names += (names.empty() ? "" : ", ") + bold(name);
  if (option.takes != Takes::nothing) names += " " + italic(option.value);
  std::string text = sentence(option.text);
  if (!option.choices.empty())
    text += fmt::format("\nOne of: {}.", bold(fmt::format("{}", fmt::join(option.choices, " "))));
  if (!option.default_value.empty()) text += fmt::format("\nWithout it: {}.", bold(option.default_value));
  return fmt::format(".TP\n{}\n{}\n", names, text);
}

std::string synopsis(const std::string& path, const CommandOutline& command) {
  std::string line = bold(path);
  for (const OptionOutline& option : command.options) {
    if (is_help(option)) continue;
    line += " [" + bold(option.names.back());
    if (option.takes != Takes::nothing) line += "\\ " + italic(option.value);
    line += "]";
  }
  for (const ArgumentOutline& argument : command.arguments) {
    const std::string name = italic(capitals(argument.name)) + (argument.many ? "..." : "");
    line += argument.required ? " " + name : " [" + name + "]";
  }
  return line;
}

std::string command_entry(const std::string& path, const CommandOutline& command) {
  if (!command.commands.empty()) {
    std::string entries;
    for (const CommandOutline& below : command.commands) entries += command_entry(path + " " + below.name, below);
    return entries;
  }
  std::string entry = fmt::format(".SS {}\n{}\n.PP\n{}\n", bold(path), synopsis(path, command), sentence(command.text));
  for (const ArgumentOutline& argument : command.arguments) {
    entry += fmt::format(".TP\n{}\n{}\n", italic(capitals(argument.name)), sentence(argument.text));
    if (!argument.choices.empty())
      entry += fmt::format("One of: {}.\n", bold(fmt::format("{}", fmt::join(argument.choices, " "))));
  }
  for (const OptionOutline& option : command.options) {
    if (!is_help(option)) entry += option_entry(option);
  }
  return entry;
}

}  // namespace

std::string manual_page(const CommandOutline& program, const std::string& version) {
  std::string page = fmt::format(".TH {} 1 \"\" \"Baton {}\" \"Baton\"\n", capitals(program.name), escaped(version));
  page += fmt::format(".SH NAME\n{} \\- run ETL jobs, each on exactly one of any number of replicas\n", program.name);
  page += fmt::format(".SH SYNOPSIS\n{} [{}] {} [{}]\n", bold(program.name), italic("OPTIONS"), italic("COMMAND"),
                      italic("..."));
  page += before_commands;
  for (const OptionOutline& option : program.options) page += option_entry(option);
  page += ".SH COMMANDS\n";
  for (const CommandOutline& command : program.commands)
    page += command_entry(program.name + " " + command.name, command);
  return page + after_commands;
}

}  // namespace baton
