#include "tests/unit/house/house_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>

namespace baton::house {
namespace {

using Names = std::set<std::string, std::less<>>;

// Room → the rooms that it may include besides itself. app/ may include all, and nobody includes app/.
const std::map<std::string, Names, std::less<>> rooms{
    {"base", {}},
    {"config", {"base", "schedule"}},
    {"schedule", {"base"}},
    {"lease", {"base"}},
    {"data", {"base"}},
    {"batch", {"base", "data", "lease"}},
    {"monitor", {"base", "lease", "schedule", "batch", "replica"}},
    {"replica", {"base", "lease", "schedule", "batch"}},
    {"format", {"base", "data"}},
    {"runtime", {"base", "lease", "data", "batch", "schedule", "replica", "monitor"}},
    {"sqlite", {"base", "lease", "data", "batch"}},
    {"postgres", {"base", "lease", "data", "batch"}},
    {"http", {"base"}},
    {"dynamodb", {"base", "lease", "data", "batch", "http"}},
    {"server", {"base"}},
};

// Public header of include/baton/ → the room that it belongs to: whoever may include that room may include it.
const std::map<std::string, std::string, std::less<>> public_headers{
    {"application.h", "app"},   {"error.h", "base"},     {"native_factories.h", "app"}, {"native_work.h", "batch"},
    {"options.h", "data"},      {"position.h", "data"},  {"processor.h", "data"},       {"reader.h", "data"},
    {"result.h", "base"},       {"row_batch.h", "data"}, {"row_writer.h", "data"},      {"rows.h", "data"},
    {"step_counts.h", "batch"}, {"job_run.h", "data"},
};

const Names pure_rooms{"base", "config", "schedule", "lease", "replica", "batch", "data", "monitor"};

const Names impure_headers{"thread",     "mutex",     "shared_mutex", "condition_variable",
                           "future",     "semaphore", "latch",        "barrier",
                           "fstream",    "iostream",  "unistd.h",     "fcntl.h",
                           "pthread.h",  "poll.h",    "netdb.h",      "time.h",
                           "dlfcn.h",    "signal.h",  "csignal",      "sqlite3.h",
                           "libpq-fe.h", "syscall.h", "dirent.h",     "spawn.h",
                           "cstdio"};

constexpr std::array<std::string_view, 4> impure_folders{"sys/", "curl/", "netinet/", "arpa/"};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool has_ending(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
}

bool is_code(const SourceFile& file) { return has_ending(file.path, {".h", ".cpp"}); }

// The room of src/ROOM/…; empty for everything else.
std::string room_of(std::string_view path) {
  constexpr std::string_view top = "src/";
  if (!path.starts_with(top)) return {};
  path.remove_prefix(top.size());
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

int line_of(std::string_view text, std::size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

struct Include {
  std::string name;
  bool quoted = false;
  int line = 0;
};

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> found;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    constexpr std::string_view directive = "#include ";
    if (!line.starts_with(directive)) continue;
    line.remove_prefix(directive.size());
    if (line.size() < 2 || (line[0] != '"' && line[0] != '<')) continue;
    const bool quoted = line[0] == '"';
    const std::size_t close = line.find(quoted ? '"' : '>', 1);
    if (close == std::string_view::npos) continue;
    found.push_back({std::string(line.substr(1, close - 1)), quoted, number});
  }
  return found;
}

// Each place in the code where `token` stands as a whole word (an end of the token that is no letter matches anywhere).
void find_tokens(const SourceFile& file, std::string_view code, std::string_view token, std::string_view why,
                 Violations& found) {
  for (std::size_t at = code.find(token); at != std::string_view::npos; at = code.find(token, at + 1)) {
    const std::size_t after = at + token.size();
    if (is_word(token.front()) && at > 0 && is_word(code[at - 1])) continue;
    if (is_word(token.back()) && after < code.size() && is_word(code[after])) continue;
    found.push_back({file.path, line_of(code, at), fmt::format("{} {}", token, why)});
  }
}

bool is_standard(std::string_view header) { return header.find_first_of("./") == std::string_view::npos; }

std::optional<std::string> wrong_outside_header(const std::string& room, const std::string& header) {
  if (room == "base" && !is_standard(header) && !header.starts_with("fmt/") && !header.starts_with("tl/")) {
    return fmt::format("base/ includes <{}>: it has nothing but the standard library, fmt and tl", header);
  }
  const bool in_folder = std::any_of(impure_folders.begin(), impure_folders.end(),
                                     [&](std::string_view folder) { return header.starts_with(folder); });
  if (pure_rooms.contains(room) && (in_folder || impure_headers.contains(header))) {
    return fmt::format("{}/ is pure: it may not include <{}>", room, header);
  }
  return std::nullopt;
}

std::optional<std::string> wrong_room(const std::string& room, const std::string& header) {
  std::string target = room_of("src/" + header);
  if (target == "baton") {
    const auto known = public_headers.find(header.substr(target.size() + 1));
    if (known == public_headers.end()) {
      return fmt::format("\"{}\" is a new public header: say in house_rules.cpp which room it belongs to", header);
    }
    target = known->second;
  }
  if (target.empty()) return fmt::format("\"{}\" names no room: write \"room/file.h\"", header);
  if (target == room || room == "app") return std::nullopt;
  const Names& granted = rooms.at(room);
  if (granted.contains(target)) return std::nullopt;
  return fmt::format("{}/ may not include {}/; it may include: {}", room, target, fmt::join(granted, ", "));
}

// Blanks code[from, to) but for line breaks.
void blank(std::string& code, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, code.size()); ++i) {
    if (code[i] != '\n') code[i] = ' ';
  }
}

// The end of the raw string whose R stands at `at`; `at` itself if there is none.
std::size_t raw_string_end(std::string_view text, std::size_t at) {
  const std::size_t open = text.find('(', at);
  if (open == std::string_view::npos || open - at > 18) return at;
  const std::string close = ")" + std::string(text.substr(at + 2, open - at - 2)) + "\"";
  const std::size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

// The end of the literal that opens at `at` with " or '.
std::size_t literal_end(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[at] || text[i] == '\n') {
      return i + 1;
    }
  }
  return text.size();
}

}  // namespace

std::string code_only(std::string_view text) {
  std::string code(text);
  std::size_t i = 0;
  while (i < text.size()) {
    const std::string_view rest = text.substr(i);
    const bool in_word = i > 0 && is_word(text[i - 1]);
    std::size_t end = i;
    if (rest.starts_with("//")) {
      end = std::min(text.find('\n', i), text.size());
    } else if (rest.starts_with("/*")) {
      end = std::min(text.find("*/", i + 2), text.size() - 2) + 2;
    } else if (rest.starts_with("R\"") && !in_word) {
      end = raw_string_end(text, i);
    } else if (rest.front() == '"' || (rest.front() == '\'' && !in_word)) {  // 1'000 holds no literal
      end = literal_end(text, i);
    }
    blank(code, i, end);
    i = std::max(end, i + 1);
  }
  return code;
}

Violations wrong_includes(const SourceFile& file) {
  const std::string room = room_of(file.path);
  if (room.empty() || !is_code(file)) return {};
  if (room != "app" && !rooms.contains(room)) {
    return {{file.path, 0, fmt::format("{}/ is a new room: say in house_rules.cpp what it may include", room)}};
  }
  Violations found;
  for (const Include& include : includes_of(file.text)) {
    const auto wrong = include.quoted ? wrong_room(room, include.name) : wrong_outside_header(room, include.name);
    if (wrong) found.push_back({file.path, include.line, *wrong});
  }
  return found;
}

Violations private_includes(const SourceFile& file) {
  constexpr std::string_view top = "include/baton/";
  if (!file.path.starts_with(top)) return {};
  const std::string name = file.path.substr(top.size());
  Violations found;
  if (!public_headers.contains(name)) {
    found.push_back({file.path, 0, "a new public header: say in house_rules.cpp which room it belongs to"});
  }
  for (const Include& include : includes_of(file.text)) {
    const bool allowed = include.quoted ? include.name.starts_with("baton/")
                                        : is_standard(include.name) || include.name.starts_with("tl/");
    if (allowed) continue;
    found.push_back({file.path, include.line, fmt::format("{} is not there where Baton is installed", include.name)});
  }
  return found;
}

Violations heavy_header_includes(const SourceFile& file) {
  const bool shared = file.path.starts_with("src/") || file.path.starts_with("include/");
  if (!shared || !file.path.ends_with(".h")) return {};
  Violations found;
  for (const Include& include : includes_of(file.text)) {
    for (const std::string_view heavy : {"nlohmann/", "CLI/", "spdlog/"}) {
      if (!include.name.starts_with(heavy)) continue;
      found.push_back({file.path, include.line, fmt::format("<{}> stays out of headers", include.name)});
    }
  }
  return found;
}

Violations impure_calls(const SourceFile& file) {
  if (!is_code(file) || !pure_rooms.contains(room_of(file.path))) return {};
  const std::string code = code_only(file.text);
  Violations found;
  for (const std::string_view call :
       {"::now()", "clock_gettime", "gettimeofday", "std::time(", "time(nullptr)", "time(NULL)", "random_device",
        "getrandom", "getenv", "sleep_for", "sleep_until", "std::rand", "fopen"}) {
    find_tokens(file, code, call, "in a pure room: let it come in as a parameter, a Clock or a Random", found);
  }
  return found;
}

Violations real_clocks(const SourceFile& file) {
  const bool shipped = file.path.starts_with("src/") || file.path.starts_with("include/");
  const bool simulated = file.path.starts_with("tests/simulation/");
  if (!is_code(file) || !(shipped || simulated) || file.path.starts_with("src/app/")) return {};
  // Drivers and connections measure how much of a timeout is left; no decision hangs on it.
  const Names edges{"src/runtime/system_clock.cpp",        "src/runtime/system_random.cpp",
                    "src/sqlite/lease_store.cpp",          "src/postgres/connection.cpp",
                    "src/postgres/lease_connection.cpp",   "src/postgres/lease_store.cpp",
                    "src/postgres/older_transactions.cpp", "src/postgres/change_listener.cpp",
                    "src/server/connection_lobby.cpp",     "src/server/deadline_stream.cpp"};
  if (edges.contains(file.path)) return {};
  const std::string code = code_only(file.text);
  Violations found;
  for (const std::string_view call : {"::now()", "random_device", "clock_gettime", "gettimeofday", "getrandom"}) {
    find_tokens(file, code, call, "outside of runtime/system_clock, runtime/system_random and app/", found);
  }
  return found;
}

Violations sleeps(const SourceFile& file) {
  if (!is_code(file)) return {};
  const std::string code = code_only(file.text);
  Violations found;
  for (const std::string_view call : {"sleep_for", "sleep_until", "usleep(", "nanosleep", "sleep("}) {
    find_tokens(file, code, call, "is a sleep: wait on the Clock, or on a condition", found);
  }
  return found;
}

namespace {

// The range of the range-based `for` whose parenthesis opens before `at`, without white space; empty for another `for`.
std::string range_of_for(std::string_view code, std::size_t at) {
  std::string range;
  bool in_range = false;
  int statements = 0;
  for (int depth = 0; at < code.size(); ++at) {
    const char c = code[at];
    depth += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
    if (depth < 0) break;
    if (depth == 0 && c == ';') ++statements;
    const bool colon = c == ':' && code[at - 1] != ':' && (at + 1 == code.size() || code[at + 1] != ':');
    if (in_range && std::isspace(static_cast<unsigned char>(c)) == 0) range += c;
    in_range |= depth == 0 && colon;
  }
  return statements > 1 ? std::string() : range;
}

// Of what a call returned, or a member of that: nothing else is called on the value, which could return another one.
bool is_value_of_temporary(std::string_view range) {
  constexpr std::string_view value = ").value()";
  const std::size_t at = range.rfind(value);
  return at != std::string_view::npos && range.find_first_of("()", at + value.size()) == std::string_view::npos;
}

}  // namespace

Violations dangling_ranges(const SourceFile& file) {
  if (!is_code(file)) return {};
  const std::string code = code_only(file.text);
  Violations found;
  constexpr std::string_view loop = "for (";
  for (std::size_t at = code.find(loop); at != std::string::npos; at = code.find(loop, at + 1)) {
    if (at > 0 && is_word(code[at - 1])) continue;
    if (!is_value_of_temporary(range_of_for(code, at + loop.size()))) continue;
    found.push_back({file.path, line_of(code, at), "goes over the value() of what a call returned: name that first"});
  }
  return found;
}

Violations vague_name(const SourceFile& file) {
  const std::string_view path = file.path;
  std::string_view name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  const Names vague{"util", "utils", "utility", "common", "manager", "helper", "helpers", "misc"};
  std::string word;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    if (i < name.size() && name[i] != '_' && name[i] != '-') {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
      continue;
    }
    if (vague.contains(word)) return {{file.path, 0, fmt::format("'{}' in a name says nothing", word)}};
    word.clear();
  }
  return {};
}

Violations leftovers(const SourceFile& file) {
  Violations found;
  // Written in halves, so that this file is not among the findings.
  for (const std::string& word : {std::string("TO") + "DO", std::string("FIX") + "ME", std::string("X") + "XX"}) {
    find_tokens(file, file.text, word, "is a note to oneself: do it, or write an issue", found);
  }
  return found;
}

Violations too_long(const SourceFile& file) {
  constexpr int most_lines = 600;
  const auto lines = std::count(file.text.begin(), file.text.end(), '\n');
  if (!is_code(file) || lines <= most_lines) return {};
  return {{file.path, most_lines, fmt::format("{} lines; a file has at most {}", lines, most_lines)}};
}

Violations bare_header(const SourceFile& file) {
  if (!file.path.ends_with(".h")) return {};
  Violations found;
  if (!file.text.starts_with("//")) found.push_back({file.path, 1, "no comment at the top says what it is for"});
  if (file.text.find("\n#pragma once\n") == std::string::npos) found.push_back({file.path, 1, "no #pragma once"});
  return found;
}

Violations machine_paths(const SourceFile& file) {
  Violations found;
  for (const std::string_view folder : {"home", "root", "work", "tmp"}) {
    const std::string path = fmt::format("/{}/", folder);
    const std::string_view text = file.text;
    for (std::size_t at = text.find(path); at != std::string_view::npos; at = text.find(path, at + 1)) {
      const char before = at == 0 ? ' ' : text[at - 1];
      if (is_word(before) || before == '.' || before == '}' || before == ')' || before == '*') continue;
      found.push_back({file.path, line_of(text, at), fmt::format("{} exists on one machine only", path)});
    }
  }
  return found;
}

namespace {

// The name of the type that a line at a namespace's own level defines; absent for declarations ending in `;`.
std::optional<std::string> defined_type(std::string_view line) {
  for (const std::string_view start : {"struct ", "class ", "enum class "}) {
    if (!line.starts_with(start) || line.ends_with(';')) continue;
    std::string_view name = line.substr(start.size());
    std::size_t end = 0;
    while (end < name.size() && (is_word(name[end]) || name[end] == ':')) ++end;
    return std::string(name.substr(0, end));
  }
  return std::nullopt;
}

}  // namespace

Violations types_defined_twice(const std::vector<SourceFile>& files) {
  Violations found;
  std::map<std::string, std::string> first_path;
  for (const SourceFile& file : files) {
    const bool shared = file.path.starts_with("src/") || file.path.starts_with("include/");
    if (!shared || !file.path.ends_with(".h")) continue;
    int line_number = 0;
    for (std::size_t at = 0; at < file.text.size();) {
      const std::size_t end = std::min(file.text.find('\n', at), file.text.size());
      ++line_number;
      const auto type = defined_type(std::string_view(file.text).substr(at, end - at));
      at = end + 1;
      if (!type) continue;
      const auto [known, is_new] = first_path.emplace(*type, file.path);
      if (!is_new)
        found.push_back({file.path, line_number, fmt::format("{} is defined in {} too", *type, known->second)});
    }
  }
  return found;
}

}  // namespace baton::house
