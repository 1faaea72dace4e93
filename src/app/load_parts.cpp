#include "app/load_parts.h"

#include "app/overloaded.h"
#include "data/projection.h"
#include "format/csv_reader.h"
#include "format/json_reader.h"

namespace baton {
namespace {

WriteMode write_mode(TableMode mode) {
  switch (mode) {
    case TableMode::append: return WriteMode::append;
    case TableMode::upsert: return WriteMode::upsert;
    case TableMode::replace: return WriteMode::replace;
    case TableMode::mirror: return WriteMode::mirror;
  }
  return WriteMode::append;
}

}  // namespace

std::vector<std::string> values(const std::vector<Placed<std::string>>& placed) {
  std::vector<std::string> plain;
  for (const auto& one : placed) plain.push_back(one.value);
  return plain;
}

std::vector<std::pair<std::string, std::string>> values(
    const std::vector<std::pair<Placed<std::string>, Placed<std::string>>>& placed) {
  std::vector<std::pair<std::string, std::string>> plain;
  for (const auto& [first, second] : placed) plain.emplace_back(first.value, second.value);
  return plain;
}

std::string input_of(const LoadConfig& load) {
  return std::visit(Overloaded{[](const TableReadConfig& table) { return name_of(table); },
                               [](const QueryReadConfig& query) { return name_of(query); },
                               [](const NativeConfig& native) { return "native reader \"" + *native.name + "\""; },
                               [](const auto& file) { return file.path.value; }},
                    load.read);
}

Result<std::unique_ptr<Reader>> make_reader(const LoadConfig& load, const std::string& step, const NativeParts& natives,
                                            InputUse use) {
  using Made = Result<std::unique_ptr<Reader>>;
  return std::visit(
      Overloaded{
          [](const CsvConfig& csv) -> Made {
            return make_csv_reader({csv.path.value, csv.delimiter, csv.quote, csv.header, csv.columns, csv.null_text});
          },
          [&load](const JsonConfig& json) -> Made {
            return make_json_reader({json.path.value, json.items.value, load.write.columns.empty()});
          },
          [&](const TableReadConfig& table) { return make_table_input(table, step, use); },
          [&](const QueryReadConfig& query) { return make_query_input(query, step, use); },
          [&](const NativeConfig& native) { return natives.reader(native, step); }},
      load.read);
}

Result<std::vector<std::unique_ptr<Processor>>> make_processors(const LoadConfig& load, const std::string& step,
                                                                const NativeParts& natives) {
  using Made = Result<std::unique_ptr<Processor>>;
  std::vector<std::unique_ptr<Processor>> processors;
  for (const ProcessConfig& process : load.process) {
    Made made =
        std::visit(Overloaded{[](const RenameConfig& rename) -> Made { return make_rename(values(rename.columns)); },
                              [](const KeepConfig& keep) -> Made { return make_keep(values(keep.columns)); },
                              [](const DropConfig& drop) -> Made { return make_drop(values(drop.columns)); },
                              [&](const NativeConfig& native) { return natives.processor(native, step); }},
                   process);
    if (!made) return fail(std::move(made).error());
    processors.push_back(*std::move(made));
  }
  return processors;
}

TableSpec table_spec(const TableConfig& table) {
  TableSpec spec;
  spec.connection = table.connection ? table.connection->value : "repository";
  spec.name = table.name.value;
  spec.mode = write_mode(table.mode);
  spec.key = values(table.key);
  spec.create = table.create;
  spec.columns = values(table.columns);
  spec.writers = *table.writers;
  return spec;
}

}  // namespace baton
