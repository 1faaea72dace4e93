// The documents against the program: commands run, configurations are valid, links lead somewhere.
#include "config/description.h"
#include "tests/docs/baton_usage.h"
#include "tests/docs/configuration_text.h"
#include "tests/docs/console.h"
#include "tests/docs/document_run.h"
#include "tests/docs/shown_output.h"
#include "tests/docs/source_documents.h"
#include "tests/doubles/dynalite.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/workspace.h"
#include "tests/postgres/spring_batch_script.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

namespace baton {
namespace {

constexpr const char* program = BATON_BINARY_DIR "/baton";

class Documents : public testing::TestWithParam<std::string> {
 protected:
  const MarkdownDocument& document() const {
    for (const MarkdownDocument& one : source_documents()) {
      if (one.path == GetParam()) return one;
    }
    std::abort();
  }
  std::string at(int line) const { return fmt::format("{}:{}", document().path, line); }
};

std::vector<std::string> paths() {
  std::vector<std::string> paths;
  for (const MarkdownDocument& document : source_documents()) paths.push_back(document.path);
  return paths;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(0, info.param.rfind('.'));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Of, Documents, testing::ValuesIn(paths()), test_name);

TEST_P(Documents, ReadThenEachDirectiveStandsBeforeABlockThatKnowsIt) {
  for (const std::string& problem : document().problems) ADD_FAILURE() << document().path << ": " << problem;
  for (const MarkdownBlock& block : document().blocks) {
    for (const std::string& directive : block.directives) {
      const std::string word = directive.substr(0, directive.find_first_of(": "));
      const bool is_known = directive.starts_with("not run: ") || directive.starts_with("not a configuration: ") ||
                            word == "file" || word == "exit" || directive == "example output";
      EXPECT_TRUE(is_known) << at(block.line) << ": `" << directive << "` is no directive, or lacks its reason";
    }
  }
}

TEST_P(Documents, CommandsRunInTheirOrderThenEachEndsAndSaysAsTheDocumentShows) {
  const std::vector<DocumentStep> steps = steps_of(document());
  if (steps.empty()) return;
  const TemporaryDatabase database;
  const std::vector<DocumentAnswer> answers = run_steps(steps, program,
                                                        {{"DOCUMENT_POSTGRES", database.url()},
                                                         {"DOCUMENT_DYNAMODB", dynalite_endpoint().url},
                                                         {"DOCUMENT_SPRING_BATCH", spring_batch_5_script}});
  for (std::size_t i = 0; i < steps.size(); ++i) {
    ASSERT_EQ(answers[i].exit_code, steps[i].exit_code) << at(steps[i].line) << "\n$ " << steps[i].script << "\n"
                                                        << answers[i].said;
    if (steps[i].shown.empty()) continue;
    EXPECT_TRUE(shows(steps[i].shown, answers[i].said))
        << at(steps[i].line) << "\n$ " << steps[i].script << "\nit says:\n"
        << answers[i].said << "\nthe document says:\n"
        << steps[i].shown << "\ncompared were\n"
        << comparable(answers[i].said) << "\nand\n"
        << comparable(steps[i].shown);
  }
}

// Of the source tree, or made there: what `make build` makes is not looked for.
bool is_in_the_tree(const std::string& path) {
  if (path.find('/') == std::string::npos) return false;
  return path.starts_with("build/") || std::filesystem::exists(std::string(BATON_SOURCE_DIR "/") + path);
}

// Why these words are no way to call Baton; empty where they call something else. The example of native parts, too, is
// a program with Baton's command line.
std::string baton_problem(const std::vector<std::string>& words) {
  static const BatonUsage usage(program);
  static const std::set<std::string> programs{"baton", "build/release/baton", "build/orders"};
  const std::vector<std::string> command = carried_out(words);
  return !command.empty() && programs.count(command[0]) != 0 ? usage.problem(command) : "";
}

TEST_P(Documents, ProgramsThatTheyNameThenAreKnownAndBatonsOptionsExist) {
  for (const MarkdownBlock& block : document().blocks) {
    const auto commands = commands_of(block);
    if (!commands) {
      EXPECT_FALSE(block.language != "hidden" && std::regex_search("\n" + block.text, std::regex("\n(\\$ )?baton ")))
          << at(block.line) << ": commands stand in blocks of `console`, or of `sh` where they are not run";
      continue;
    }
    for (const ConsoleCommand& command : *commands) {
      for (const std::vector<std::string>& words : simple_commands(command.text)) {
        EXPECT_TRUE(is_run_here(words[0]) || is_only_linted(words[0]) || is_in_the_tree(words[0]))
            << at(command.line) << ": `" << words[0] << "` is on no list of tests/docs/document_run.cpp";
        EXPECT_EQ(baton_problem(words), "") << at(command.line);
      }
    }
  }
  for (const MarkdownSpan& span : document().code) {
    for (const std::vector<std::string>& words : simple_commands(span.text)) {
      EXPECT_EQ(baton_problem(words), "") << at(span.line) << ": `" << span.text << "`";
    }
  }
}

// Stands for what a `${NAME}` refers to.
std::string value_of(const std::string& name) {
  for (const char* word : {"ALERT", "PING", "HOOK"}) {
    if (name.find(word) != name.npos) return "https://example.org/notices";
  }
  if (name.find("URL") != name.npos) return "postgresql://db.example/etl";
  return name.find("TOKEN") != name.npos ? "2" : "text";
}

ProgramEnd validate(const std::string& file, std::string text, const Workspace& workspace) {
  ProgramRequest request = workspace.request({"validate", "--config", file});
  for (const std::string& name : references(text)) {
    if (!name.starts_with("file:")) {
      request.environment.emplace_back(name, value_of(name));
      continue;
    }
    const std::string reference = "${" + name + "}";
    for (std::size_t at = text.find(reference); at != text.npos; at = text.find(reference)) {
      text.replace(at, reference.size(), "text");
    }
  }
  workspace.write(file, text);
  return run_to_end(request);
}

TEST_P(Documents, ConfigurationsValidatedThenAccepted) {
  for (const MarkdownBlock& block : document().blocks) {
    const bool is_yaml = block.language == "yaml";
    const bool is_properties = block.language == "properties";
    if (!(is_yaml || is_properties) || block.directive("not a configuration") != nullptr) continue;
    if (block.file() == "values.yaml") continue;  // Helm's
    const Workspace workspace(program);
    if (is_properties) {
      workspace.write("jobs.yaml", jobs_beside_properties());
      const ProgramEnd end = validate("application.properties", block.text, workspace);
      EXPECT_EQ(end.exit_code, 0) << at(block.line) << "\n" << end.errors;
      continue;
    }
    const std::optional<std::string> text = whole_configuration(block.text);
    if (!text) {
      ADD_FAILURE() << at(block.line) << ": not a configuration, and no directive says so";
      continue;
    }
    const ProgramEnd end = validate("baton.yaml", *text, workspace);
    EXPECT_EQ(end.exit_code, 0) << at(block.line) << "\n" << *text << end.errors;
  }
}

TEST_P(Documents, LinksThenLeadToFilesAndHeadingsThatExist) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(document().path).parent_path();
  for (const MarkdownSpan& link : document().links) {
    if (link.text.find("://") != std::string::npos || link.text.starts_with("mailto:")) continue;
    const std::size_t hash = link.text.find('#');
    const std::string file = link.text.substr(0, hash);
    const std::string target = file.empty() ? document().path : (folder / file).lexically_normal().string();
    ASSERT_TRUE(fs::exists(fs::path(BATON_SOURCE_DIR) / target)) << at(link.line) << ": " << link.text;
    if (hash == std::string::npos) continue;
    const MarkdownDocument other = parse_markdown(target, source_text(target));
    EXPECT_EQ(other.anchors.count(link.text.substr(hash + 1)), 1U) << at(link.line) << ": no heading " << link.text;
  }
}

// `make TARGET` and `scripts/NAME` in prose and blocks.
TEST_P(Documents, TargetsAndScriptsThatTheyNameThenExist) {
  const std::string makefile = "\n" + source_text("Makefile");
  std::vector<MarkdownSpan> named = document().code;
  for (const MarkdownBlock& block : document().blocks) {
    for (const ConsoleCommand& command : commands_of(block).value_or(std::vector<ConsoleCommand>())) {
      named.push_back({command.text, command.line});
    }
  }
  for (const MarkdownSpan& span : named) {
    for (const std::vector<std::string>& words : simple_commands(span.text)) {
      if (words[0].starts_with("scripts/") && words[0].back() != '/') {
        EXPECT_TRUE(std::filesystem::exists(std::string(BATON_SOURCE_DIR "/") + words[0]))
            << at(span.line) << ": " << words[0];
      }
      if (words[0] != "make") continue;
      for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i].find('=') != std::string::npos || words[i].starts_with('-')) continue;
        EXPECT_NE(makefile.find("\n" + words[i] + ":"), std::string::npos)
            << at(span.line) << ": the Makefile has no target " << words[i];
      }
    }
  }
}

void collect_defaults(const Shape& shape, std::map<std::string, std::set<std::string>>& defaults) {
  for (const Member& member : shape.members) {
    if (!member.is_later) defaults[member.key].insert(member.default_value);
    collect_defaults(member.shape, defaults);
  }
  for (const Shape& inner : shape.inner) collect_defaults(inner, defaults);
}

// A row `| key | type | default | meaning |` of docs/configuration.md: what it says is the default is one of that
// key's.
TEST(ConfigurationTables, DefaultsThatTheySayThenAreThoseOfTheDescription) {
  std::map<std::string, std::set<std::string>> defaults;
  collect_defaults(configuration_shape(), defaults);
  std::istringstream lines(source_text("docs/configuration.md"));
  const std::regex row("\\| `([a-z_]+)` \\|.*\\| (`[^`|]*`|[0-9]+|–) \\|[^|]*\\|");
  std::smatch found;
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_match(line, found, row) || defaults.count(found[1]) == 0) continue;
    std::string said = found[2];
    if (said == "–") said.clear();
    if (said.starts_with('`')) said = said.substr(1, said.size() - 2);
    if (defaults.count(said) != 0 || said.find('.') != said.npos) continue;  // another key's value
    EXPECT_EQ(defaults[found[1]].count(said), 1U) << line;
    ++rows;
  }
  EXPECT_GT(rows, 30);
}

// `Suite.Name`, or the beginning of a name, in docs/SAFETY.md.
TEST(Safety, TestsThatItNamesThenExist) {
  const std::set<std::string> tests = source_tests();
  const std::string path = "docs/SAFETY.md";
  int named = 0;
  for (const MarkdownSpan& span : parse_markdown(path, source_text(path)).code) {
    if (!std::regex_match(span.text, std::regex("[A-Z][A-Za-z0-9]+[.][A-Z][A-Za-z0-9]*"))) continue;
    const auto found = tests.lower_bound(span.text);
    EXPECT_TRUE(found != tests.end() && found->starts_with(span.text)) << path << ":" << span.line << ": " << span.text;
    ++named;
  }
  EXPECT_GT(named, 40);
}

}  // namespace
}  // namespace baton
