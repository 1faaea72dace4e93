// The text forms of progress: small JSON, so that a person can read a row of baton_progress.
#include "batch/progress.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using nlohmann::json;

json to_json(const Position& position) {
  json value{{"offset", position.offset}, {"record", position.record}, {"line", position.line}};
  if (!position.key.empty()) value["key"] = position.key;
  return value;
}

Position position_of(const json& value) {
  return {value.at("offset"), value.at("record"), value.at("line"), value.value("key", "")};
}

template <class T, class F>
Result<T> parse(const std::string& text, F&& make) {
  try {
    return make(json::parse(text));
  } catch (const json::exception& error) {
    return fail(ErrorKind::internal, fmt::format("baton_progress holds '{}': {}", text, error.what()));
  }
}

// ASCII, so that a database of any encoding takes it.
std::string to_ascii(const json& value, json::error_handler_t no_utf8 = json::error_handler_t::strict) {
  return value.dump(-1, ' ', true, no_utf8);
}

}  // namespace

std::string to_text(const Position& position) { return to_ascii(to_json(position)); }

std::string to_text(const std::vector<CommittedRange>& ranges) {
  json list = json::array();
  for (const CommittedRange& range : ranges) list.push_back({{"from", to_json(range.from)}, {"to", to_json(range.to)}});
  return to_ascii(list);
}

std::string to_text(const InputIdentity& identity) {
  return to_ascii({{"path", identity.path},
                   {"size_bytes", identity.size_bytes},
                   {"modified_ns", identity.modified_ns},
                   {"prefix_hash", identity.prefix_hash}},
                  json::error_handler_t::replace);  // a path may hold any bytes
}

std::string to_text(const StepCounts& counts) {
  return json{{"commit", counts.commit},         {"read", counts.read},           {"filter", counts.filter},
              {"write", counts.write},           {"read_skip", counts.read_skip}, {"process_skip", counts.process_skip},
              {"write_skip", counts.write_skip}, {"rollback", counts.rollback}}
      .dump();
}

Result<Position> position_from(const std::string& text) {
  return parse<Position>(text, [](const json& value) { return position_of(value); });
}

Result<std::vector<CommittedRange>> ranges_from(const std::string& text) {
  return parse<std::vector<CommittedRange>>(text, [](const json& value) {
    std::vector<CommittedRange> ranges;
    for (const json& range : value) ranges.push_back({position_of(range.at("from")), position_of(range.at("to"))});
    return ranges;
  });
}

Result<InputIdentity> input_from(const std::string& text) {
  return parse<InputIdentity>(text, [](const json& value) {
    return InputIdentity{value.at("path"), value.at("size_bytes"), value.at("modified_ns"), value.at("prefix_hash")};
  });
}

Result<StepCounts> counts_from(const std::string& text) {
  return parse<StepCounts>(text, [](const json& value) {
    StepCounts counts;
    counts.commit = value.at("commit");
    counts.read = value.at("read");
    counts.filter = value.at("filter");
    counts.write = value.at("write");
    counts.read_skip = value.at("read_skip");
    counts.process_skip = value.at("process_skip");
    counts.write_skip = value.at("write_skip");
    counts.rollback = value.at("rollback");
    return counts;
  });
}

}  // namespace baton
