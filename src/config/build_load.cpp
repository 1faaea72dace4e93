#include "config/build_config.h"

#include <fmt/format.h>

#include <set>

namespace baton {
namespace {

std::vector<Placed<std::string>> placed_list(const YamlNode* list, const BuildContext& context) {
  std::vector<Placed<std::string>> texts;
  if (list == nullptr) return texts;
  for (const YamlNode& item : list->items) texts.push_back(context.placed(item));
  return texts;
}

std::vector<std::pair<Placed<std::string>, Placed<std::string>>> placed_pairs(const YamlNode* map,
                                                                              const BuildContext& context) {
  std::vector<std::pair<Placed<std::string>, Placed<std::string>>> pairs;
  if (map == nullptr) return pairs;
  for (const YamlMember& member : map->members) {
    pairs.emplace_back(context.placed(member.key), context.placed(member.value));
  }
  return pairs;
}

Placed<std::string> build_path(const YamlNode& node, const BuildContext& context) {
  const YamlNode* path = get(&node, "path");
  if (path == nullptr) return {};
  return {context.resolve(path->text), context.place(*path)};
}

CsvConfig build_csv(const YamlNode& node, const BuildContext& context) {
  CsvConfig csv;
  csv.path = build_path(node, context);
  const YamlNode* delimiter = get(&node, "delimiter");
  const YamlNode* quote = get(&node, "quote");
  if (delimiter != nullptr) csv.delimiter = delimiter->text == "tab" ? '\t' : delimiter->text[0];
  if (quote != nullptr) csv.quote = quote->text == "none" ? std::nullopt : std::optional(quote->text[0]);
  if (csv.quote == csv.delimiter) {
    const YamlNode* at = delimiter != nullptr ? delimiter : quote;
    context.problems.add(at->at,
                         "`delimiter` and `quote` are the same character: expected two different ones, or "
                         "`quote: none`");
  }
  csv.header = flag_or(&node, "header", true);
  const YamlNode* columns = get(&node, "columns");
  for (const Placed<std::string>& column : placed_list(columns, context)) csv.columns.push_back(*column);
  if (!csv.header && is_absent(&node, "columns")) {
    context.problems.add(get(&node, "header")->at,
                         "`header: false` needs `columns` beside it: nothing else names them");
  }
  if (const YamlNode* null_text = get(&node, "null_text")) csv.null_text = null_text->text;
  return csv;
}

JsonConfig build_json(const YamlNode& node, const BuildContext& context) {
  JsonConfig json;
  json.path = build_path(node, context);
  const YamlNode* items = get(&node, "items");
  json.items = items == nullptr ? Placed<std::string>{"", context.default_place()} : context.placed(*items);
  return json;
}

TableReadConfig build_table_read(const YamlNode& node, const Config& config, const BuildContext& context) {
  TableReadConfig read;
  read.connection = build_connection(&node, config, context);
  if (const YamlNode* name = get(&node, "name")) read.name = context.placed(*name);
  read.key = placed_list(get(&node, "key"), context);
  return read;
}

QueryReadConfig build_query_read(const YamlNode& node, const Config& config, const BuildContext& context) {
  QueryReadConfig read;
  read.connection = build_connection(&node, config, context);
  if (const YamlNode* sql = get(&node, "sql")) read.sql = context.placed(*sql);
  read.key = placed_list(get(&node, "key"), context);
  return read;
}

// P11: rows without a stable order cannot be read on from where an execution ended.
void check_resumable(const YamlNode& read, const std::string& what, const LoadConfig& load,
                     const BuildContext& context) {
  if (load.write.mode != TableMode::append || !is_absent(&read, "key")) return;
  context.problems.add(read.at,
                       fmt::format("`read.{}` without `key` cannot go on after a restart, and mode append "
                                   "would repeat rows: expected `key`, columns that no two rows share and that "
                                   "are never NULL, or another mode of `write.table`",
                                   what));
}

RenameConfig build_rename(const YamlNode& map, const BuildContext& context) {
  std::set<std::string> targets;
  for (const YamlMember& member : map.members) {
    if (member.value.kind == YamlNode::Kind::scalar && !targets.insert(member.value.text).second) {
      context.problems.add(member.value.at, "another column is already renamed to this name: expected a different one");
    }
  }
  return {placed_pairs(&map, context)};
}

std::vector<ProcessConfig> build_process(const YamlNode* list, const BuildContext& context) {
  std::vector<ProcessConfig> operations;
  if (list == nullptr) return operations;
  for (const YamlNode& item : list->items) {
    if (const YamlNode* rename = get(&item, "rename")) operations.emplace_back(build_rename(*rename, context));
    if (const YamlNode* keep = get(&item, "keep")) operations.emplace_back(KeepConfig{placed_list(keep, context)});
    if (const YamlNode* drop = get(&item, "drop")) operations.emplace_back(DropConfig{placed_list(drop, context)});
    if (const YamlNode* native = get(&item, "native")) operations.emplace_back(build_native(*native, context));
  }
  return operations;
}

TableConfig build_table(const YamlNode* node, const Config& config, const BuildContext& context) {
  TableConfig table;
  table.connection = build_connection(node, config, context);
  if (const YamlNode* name = get(node, "name")) table.name = context.placed(*name);
  table.mode = choice_or(
      node, "mode", {{"upsert", TableMode::upsert}, {"replace", TableMode::replace}, {"mirror", TableMode::mirror}},
      TableMode::append);
  table.key = placed_list(get(node, "key"), context);
  table.create = flag_or(node, "create", false);
  table.columns = placed_pairs(get(node, "columns"), context);
  if (const YamlNode* writers = get(node, "writers")) {
    table.writers = {static_cast<int>(integer_or(node, "writers", 1)), context.place(*writers)};
  }
  const bool needs_key = table.mode == TableMode::upsert || table.mode == TableMode::mirror;
  if (needs_key && is_absent(node, "key")) {
    const YamlNode* mode = get(node, "mode");
    context.problems.add(mode->at, fmt::format("mode {} needs `key` beside it: the columns that identify a row",
                                               table.mode == TableMode::upsert ? "upsert" : "mirror"));
  }
  return table;
}

}  // namespace

NativeConfig build_native(const YamlNode& node, const BuildContext& context) {
  NativeConfig native;
  native.name = {"", context.place(node)};
  if (const YamlNode* name = get(&node, "name")) native.name = context.placed(*name);
  native.options = placed_pairs(get(&node, "options"), context);
  return native;
}

LoadConfig build_load(const YamlNode& step, const Config& config, const BuildContext& context) {
  LoadConfig load;
  const YamlNode* read = get(&step, "read");
  if (const YamlNode* csv = get(read, "csv")) load.read = build_csv(*csv, context);
  if (const YamlNode* json = get(read, "json")) load.read = build_json(*json, context);
  const YamlNode* table = get(read, "table");
  const YamlNode* query = get(read, "query");
  if (table != nullptr) load.read = build_table_read(*table, config, context);
  if (query != nullptr) load.read = build_query_read(*query, config, context);
  if (const YamlNode* native = get(read, "native")) load.read = build_native(*native, context);
  load.process = build_process(get(&step, "process"), context);
  const YamlNode* write = get(&step, "write");
  if (const YamlNode* native = get(write, "native")) {
    load.native_write = build_native(*native, context);
    load.write.connection = build_connection(native, config, context);
  } else {
    load.write = build_table(get(write, "table"), config, context);
  }
  if (table != nullptr) check_resumable(*table, "table", load, context);
  if (query != nullptr) check_resumable(*query, "query", load, context);
  return load;
}

}  // namespace baton
