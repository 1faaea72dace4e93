#include "tests/docs/document_run.h"

#include "tests/doubles/program.h"
#include "tests/doubles/temporary_folder.h"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace baton {
namespace {

// baton ends with its shell, whatever becomes of that. `scripts/postgres` is a stand-in: its server is the tests' own.
constexpr const char* prelude = R"(
trap 'for one in $(jobs -pr); do kill -KILL $one; done 2>/dev/null' EXIT
await() {
  local look
  for look in {1..1200}; do eval "$1" >/dev/null 2>&1 && return 0; read -rt 0.05 <> <(:); done
  echo "waited in vain: $1"
  return 1
}
mkdir -p folder/scripts answers bin
cat > bin/baton <<'END'
#!/bin/sh
exec setpriv --pdeathsig KILL "$DOCUMENT_BATON" "$@"
END
cat > folder/scripts/postgres <<'END'
#!/bin/sh
test "$1" != start || echo "$DOCUMENT_POSTGRES"
END
chmod +x bin/baton folder/scripts/postgres
PATH=$PWD/bin:$PATH
answers=$PWD/answers
cd folder
)";

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool is_left_out(const ConsoleCommand& command) {
  for (const std::vector<std::string>& one : simple_commands(command.text)) {
    if (is_only_linted(one[0])) return true;
  }
  return false;
}

}  // namespace

bool is_run_here(const std::string& program) {
  static const std::set<std::string> programs{
      "baton", "cat",  "cp",      "cut",  "echo",  "export", "grep",  "head", "jq",
      "kill",  "ls",   "mkdir",   "mv",   "paste", "printf", "psql",  "rm",   "sed",
      "seq",   "sort", "sqlite3", "tail", "wait",  "wc",     "await", "awk",  "scripts/postgres",
      "true",  "umask"};
  return programs.count(program) != 0;
}

bool is_only_linted(const std::string& program) {
  static const std::set<std::string> programs{
      "make", "git",        "cmake", "ctest",     "sudo",     "apt-get",          "docker",        "podman", "kubectl",
      "helm", "java",       "mvn",   "systemctl", "promtool", "scripts/dynalite", "scripts/image", "aws",    "curl",
      "dpkg", "journalctl", "cd",    "pg_dump",   "g++"};
  return programs.count(program) != 0;
}

std::optional<std::vector<ConsoleCommand>> commands_of(const MarkdownBlock& block) {
  if (block.language == "console") return parse_console(block.text, block.line);
  if (block.language != "sh" && block.language != "bash" && block.language != "shell") return std::nullopt;
  return std::vector<ConsoleCommand>{{block.text, "", block.line}};
}

std::vector<DocumentStep> steps_of(const MarkdownDocument& document) {
  std::vector<DocumentStep> steps;
  for (const MarkdownBlock& block : document.blocks) {
    if (const std::string name = block.file(); !name.empty()) {
      const char* write = "cat > {} <<'END_OF_THE_BLOCK'\n{}END_OF_THE_BLOCK";
      steps.push_back({fmt::format(fmt::runtime(write), name, block.text), "", block.line, 0});
    } else if (block.language == "hidden") {
      steps.push_back({block.text, "", block.line, 0});
    }
    if (block.language != "console" || block.directive("not run") != nullptr) continue;
    const bool is_example = block.directive("example output") != nullptr;
    for (const ConsoleCommand& command : parse_console(block.text, block.line)) {
      if (!is_left_out(command)) steps.push_back({command.text, is_example ? "" : command.expected, command.line, 0});
    }
    const std::string* exit_code = block.directive("exit");
    if (exit_code != nullptr && !steps.empty()) steps.back().exit_code = std::stoi(*exit_code);
  }
  return steps;
}

std::vector<DocumentAnswer> run_steps(const std::vector<DocumentStep>& steps, const std::string& program,
                                      const std::vector<std::pair<std::string, std::string>>& environment) {
  const TemporaryFolder folder;
  std::string script = prelude;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    script += fmt::format("{{\n{}\n}} > \"$answers\"/{} 2>&1 </dev/null\necho $? > \"$answers\"/{}.code\n",
                          steps[i].script, i, i);
  }
  std::ofstream(folder.file("script")) << script;
  ProgramRequest request;
  request.argv = {"bash", "--norc", "script"};
  request.folder = folder.path();
  request.environment = environment;
  request.environment.insert(request.environment.end(),
                             {{"DOCUMENT_BATON", program}, {"LC_ALL", "C.UTF-8"}, {"TZ", "UTC"}});
  const ProgramEnd end = run_to_end(request);
  std::vector<DocumentAnswer> answers;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string code = content(folder.file(fmt::format("answers/{}.code", i)));
    answers.push_back({code.empty() ? -1 : std::stoi(code), content(folder.file(fmt::format("answers/{}", i)))});
    if (code.empty()) answers.back().said += end.errors;
  }
  return answers;
}

}  // namespace baton
