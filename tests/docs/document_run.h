// The commands of a document, run one after the other in one shell, in a folder of its own.
#pragma once

#include "tests/docs/console.h"
#include "tests/docs/markdown.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton {

// Programs that documents may name: those that are run here, and those that need what a test has not (a cluster, an
// image, the source tree's own build).
bool is_run_here(const std::string& program);
bool is_only_linted(const std::string& program);

// The commands of a block: those behind "$ " of `console`, all of `sh`, `bash` and `shell`. Absent for other blocks.
std::optional<std::vector<ConsoleCommand>> commands_of(const MarkdownBlock& block);

// One thing that the shell is told: a command, the hidden ones of a directive, or a file that is written.
struct DocumentStep {
  std::string script;
  std::string shown;  // what the document shows; empty: nothing is compared
  int line = 0;
  int exit_code = 0;  // as the document says
};

// Of the blocks in their order. Commands that are only linted, and blocks with the directive `not run`, are left out.
std::vector<DocumentStep> steps_of(const MarkdownDocument& document);

struct DocumentAnswer {
  int exit_code = -1;  // -1: the shell did not get there
  std::string said;    // on standard output and standard error
};

// Runs the steps; `baton` is `program`. Whatever they left running is ended. Answers are in the steps' order.
std::vector<DocumentAnswer> run_steps(const std::vector<DocumentStep>& steps, const std::string& program,
                                      const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace baton
