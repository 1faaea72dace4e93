// Tables in memory: append, upsert, replace by staging and a swap, mirror. What is staged carries its record's number
// behind its values, and is merged in that order.
#include "tests/doubles/memory_database.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

struct MemoryEncodedBatch final : EncodedBatch {
  std::size_t rows() const override { return values.size(); }

  std::vector<MemoryRow> values;
  std::vector<RowPlace> places;
};

Reject refused(const RowPlace& place, const std::string& column, const std::string& value) {
  return {RejectPhase::write, place.record, place.line, column, value, "refused", value};
}

bool contains(const MemoryRow& row, const std::string& value) {
  return std::find(row.begin(), row.end(), value) != row.end();
}

class MemoryTableWriter final : public TableWriter {
 public:
  MemoryTableWriter(MemoryDatabase& database, TableSpec spec) : database_(database), spec_(std::move(spec)) {}

  Result<std::vector<std::string>> columns() override {
    const auto tables = database_.store().committed().tables;
    if (const auto found = tables.find(spec_.name); found != tables.end()) return found->second.columns;
    if (!spec_.create) return fail(ErrorKind::invalid, fmt::format("table {} is missing", spec_.name));
    std::vector<std::string> names;
    for (const auto& [name, type] : spec_.columns) names.push_back(name);
    return names;
  }

  Status bind(const std::vector<std::string>& inputs) override {
    inputs_ = inputs;
    keys_.clear();
    for (const std::string& key : spec_.key) {
      const auto found = std::find(inputs.begin(), inputs.end(), key);
      if (found == inputs.end()) return fail(ErrorKind::invalid, fmt::format("the key {} does not arrive", key));
      keys_.push_back(static_cast<std::size_t>(found - inputs.begin()));
    }
    return {};
  }

  std::unique_ptr<EncodedBatch> encode(const RowBatch& batch, std::vector<Reject>& rejects) override {
    auto encoded = std::make_unique<MemoryEncodedBatch>();
    for (std::size_t row = 0; row < batch.size(); ++row) {
      MemoryRow values;
      for (std::size_t column = 0; column < batch.columns; ++column) {
        const Field& field = batch.at(row, column);
        values.push_back(field.kind == FieldKind::null ? "NULL" : std::string(batch.view(field)));
      }
      const auto bad = std::find(values.begin(), values.end(), "!encode");
      if (bad != values.end()) {
        rejects.push_back(
            refused(batch.rows[row], inputs_.at(static_cast<std::size_t>(bad - values.begin())), "!encode"));
        continue;
      }
      encoded->values.push_back(std::move(values));
      encoded->places.push_back(batch.rows[row]);
    }
    return encoded;
  }

  Status begin(std::int64_t instance) override {
    auto& tables = database_.draft()->tables;
    if (spec_.create && tables.count(spec_.name) == 0) tables[spec_.name] = {inputs_, {}};
    staging_ = staging_name(instance);
    if (closing_chunks() > 0) tables[staging_] = {inputs_, {}};
    return {};
  }

  Status resume(std::int64_t instance) override {
    staging_ = staging_name(instance);
    return {};
  }

  Result<bool> staging_is_whole(std::uint64_t rows) override {
    if (closing_chunks() == 0) return true;
    const auto tables = database_.store().committed().tables;
    const auto found = tables.find(staging_);
    return found != tables.end() && found->second.rows.size() == rows;
  }

  Result<WriteTally> write(const EncodedBatch& batch) override {
    const auto& encoded = static_cast<const MemoryEncodedBatch&>(batch);
    auto& tables = database_.draft()->tables;
    const std::string& name = closing_chunks() > 0 ? staging_ : spec_.name;
    if (tables.count(name) == 0) return fail(ErrorKind::invalid, fmt::format("table {} is gone", name));
    MemoryTable& table = tables.at(name);
    WriteTally tally;
    for (std::size_t i = 0; i < encoded.values.size(); ++i) {
      const MemoryRow& row = encoded.values[i];
      if (contains(row, "!write")) {
        tally.rejects.push_back(refused(encoded.places[i], "", "!write"));
        continue;
      }
      if (closing_chunks() > 0) {
        table.rows.push_back(row);
        table.rows.back().push_back(fmt::format("{:012}", encoded.places[i].record));
      } else if (contains(row, "!filter")) {
        ++tally.filtered;
        continue;
      } else {
        put(table, row);
      }
      ++tally.written;
    }
    return tally;
  }

  int closing_chunks() const override {
    switch (spec_.mode) {
      case WriteMode::append: return 0;
      case WriteMode::upsert: return spec_.writers > 1 ? 1 : 0;
      case WriteMode::replace: return 1;
      case WriteMode::mirror: return 2;
    }
    return 0;
  }

  Result<ClosingTally> close(int index, bool clean, std::uint64_t most_rejects) override {
    auto& tables = database_.draft()->tables;
    std::vector<Reject> rejects;
    std::erase_if(tables.at(staging_).rows, [&](const MemoryRow& row) {
      const bool is_refused = contains(row, "!merge");
      if (is_refused) rejects.push_back(refused({std::stoull(row.back())}, "", "!merge"));
      return is_refused;
    });
    const std::uint64_t filtered =
        std::erase_if(tables.at(staging_).rows, [](const MemoryRow& row) { return contains(row, "!filter"); });
    if (rejects.size() > most_rejects) rejects.resize(most_rejects + 1);
    MemoryTable staged = tables.at(staging_);
    std::sort(staged.rows.begin(), staged.rows.end(),
              [](const MemoryRow& a, const MemoryRow& b) { return a.back() < b.back(); });
    for (MemoryRow& row : staged.rows) row.pop_back();
    MemoryTable& table = tables.at(spec_.name);
    if (spec_.mode == WriteMode::replace) {
      table.rows = staged.rows;
    } else if (index == 0) {
      for (const MemoryRow& row : staged.rows) put(table, row);
    } else if (clean) {
      std::erase_if(table.rows, [&](const MemoryRow& row) {
        return std::none_of(staged.rows.begin(), staged.rows.end(),
                            [&](const MemoryRow& other) { return same_key(row, other); });
      });
    }
    if (index + 1 == closing_chunks()) tables.erase(staging_);
    return ClosingTally{filtered, std::move(rejects)};
  }

  Status discard(std::int64_t instance) override {
    database_.draft()->tables.erase(staging_name(instance));
    return {};
  }

 private:
  std::string staging_name(std::int64_t instance) const { return fmt::format("baton_{}_{}", instance, spec_.name); }

  bool same_key(const MemoryRow& a, const MemoryRow& b) const {
    return std::all_of(keys_.begin(), keys_.end(), [&](std::size_t key) { return a[key] == b[key]; });
  }

  // The last record of a key wins.
  void put(MemoryTable& table, const MemoryRow& row) const {
    if (!keys_.empty() && spec_.mode != WriteMode::append) {
      for (MemoryRow& other : table.rows) {
        if (!same_key(row, other)) continue;
        other = row;
        return;
      }
    }
    table.rows.push_back(row);
  }

  MemoryDatabase& database_;
  TableSpec spec_;
  std::vector<std::string> inputs_;
  std::vector<std::size_t> keys_;  // places in inputs_
  std::string staging_;
};

}  // namespace

std::unique_ptr<TableWriter> make_memory_table_writer(MemoryDatabase& database, TableSpec spec) {
  return std::make_unique<MemoryTableWriter>(database, std::move(spec));
}

}  // namespace baton
