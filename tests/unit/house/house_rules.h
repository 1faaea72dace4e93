// The rules of the house, each a function of one file's path and text: what is where, who includes whom, what no code
// may call. Paths are relative to the top of the source tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::house {

struct SourceFile {
  std::string path;
  std::string text;
};

struct Violation {
  std::string path;
  int line = 0;  // from 1; 0 where the whole file is meant
  std::string message;
};

using Violations = std::vector<Violation>;

// The text with comments and the content of literals blanked; line breaks stay.
std::string code_only(std::string_view text);

// A room includes only the rooms that the table in house_rules.cpp grants it; pure rooms include no threads, files,
// sockets or drivers; base/ has nothing but the standard library, fmt and tl.
Violations wrong_includes(const SourceFile& file);

// A public header includes others and the standard library: nothing else is installed beside it.
Violations private_includes(const SourceFile& file);

// nlohmann-json, CLI11 and spdlog cost seconds of compile time in every file that includes the header.
Violations heavy_header_includes(const SourceFile& file);

// Pure rooms ask no clock, no random source, no environment.
Violations impure_calls(const SourceFile& file);

// Real clocks and random sources are made in the shell that wires them in, nowhere else.
Violations real_clocks(const SourceFile& file);

// Nobody sleeps: code waits on its Clock, a test on a condition.
Violations sleeps(const SourceFile& file);

// for (… : call().value()): in C++20 what the call returned is gone before the first round.
Violations dangling_ranges(const SourceFile& file);

// A file is named for its idea.
Violations vague_name(const SourceFile& file);

// No notes to oneself.
Violations leftovers(const SourceFile& file);

// A file has one idea: at most 600 lines.
Violations too_long(const SourceFile& file);

// A header has #pragma once, and a comment at its top that says what it is for.
Violations bare_header(const SourceFile& file);

// No path that exists on one machine only.
Violations machine_paths(const SourceFile& file);

// One namespace, so one meaning for a name: two headers of src/ that define types of the same name would be linked into
// one program without a word.
Violations types_defined_twice(const std::vector<SourceFile>& files);

}  // namespace baton::house
