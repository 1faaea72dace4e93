// A SQLite file of its own for each test, and short ways to put rows through a TableWriter.
#pragma once

#include "baton/row_batch.h"
#include "sqlite/connection.h"
#include "sqlite/table_writer.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace baton {

// A value of a test's batch. "…" is text; null, number, boolean, json by name.
struct TestField {
  TestField(const char* value) : TestField(std::string(value)) {}
  TestField(std::string value) : text(std::move(value)), kind(text.empty() ? FieldKind::empty : FieldKind::text) {}
  TestField(FieldKind of, std::string value = "") : text(std::move(value)), kind(of) {}

  std::string text;
  FieldKind kind = FieldKind::text;
};

using TestRows = std::vector<std::vector<TestField>>;

inline RowBatch make_batch(const TestRows& rows) {
  RowBatch batch;
  batch.columns = rows.empty() ? 0 : rows.front().size();
  std::uint64_t record = 0;
  const auto append = [&](const std::string& text) {
    const auto at = static_cast<std::uint32_t>(batch.text.size());
    batch.text.insert(batch.text.end(), text.begin(), text.end());
    return at;
  };
  for (const auto& row : rows) {
    RowPlace place;
    place.record = ++record;
    place.line = record + 1;
    std::string raw;
    for (const TestField& field : row) raw += (raw.empty() ? "" : ",") + field.text;
    place.raw_offset = append(raw);
    place.raw_size = static_cast<std::uint32_t>(raw.size());
    for (const TestField& field : row) {
      batch.fields.push_back({append(field.text), static_cast<std::uint32_t>(field.text.size()), field.kind});
    }
    batch.rows.push_back(place);
  }
  return batch;
}

// What came of a batch: refused while encoding or by the database.
struct Outcome {
  std::uint64_t written = 0;
  std::vector<Reject> rejects;
};

class TableWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/baton_writer_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    connection_ = open();
  }

  void TearDown() override {
    connection_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<SqliteConnection> open() const {
    auto connection = SqliteConnection::open(folder_ + "/target.db", SqliteAccess::create);
    EXPECT_TRUE(connection) << connection.error().message;
    return std::move(*connection);
  }

  void sql(const std::string& text) { ok(connection_->execute(text)); }

  template <class T>
  static void ok(const Result<T>& result) {
    ASSERT_TRUE(result) << result.error().message;
  }

  static TableSpec spec(const std::string& name, WriteMode mode = WriteMode::append,
                        std::vector<std::string> key = {}) {
    TableSpec made;
    made.connection = "warehouse";
    made.name = name;
    made.mode = mode;
    made.key = std::move(key);
    return made;
  }

  std::unique_ptr<TableWriter> writer(const TableSpec& spec) {
    return make_sqlite_table_writer(*connection_, spec, "job/load");
  }

  // Bound to `inputs` and begun for instance 7.
  std::unique_ptr<TableWriter> begun(const TableSpec& spec, const std::vector<std::string>& inputs) {
    auto made = writer(spec);
    ok(made->bind(inputs));
    in_transaction([&] { return made->begin(7); });
    return made;
  }

  template <class Call>
  void in_transaction(Call call) {
    ok(connection_->begin());
    const auto done = call();
    EXPECT_TRUE(done) << done.error().message;
    ok(connection_->commit());
  }

  // One chunk.
  Outcome put(TableWriter& writer, const TestRows& rows) {
    Outcome outcome;
    const RowBatch batch = make_batch(rows);
    in_transaction([&]() -> Status {
      const auto encoded = writer.encode(batch, outcome.rejects);
      BATON_TRY(WriteTally tally, writer.write(*encoded));
      outcome.written = tally.written;
      for (Reject& reject : tally.rejects) outcome.rejects.push_back(std::move(reject));
      return {};
    });
    return outcome;
  }

  void close_all(TableWriter& writer, bool clean = true) {
    for (int i = 0; i < writer.closing_chunks(); ++i) in_transaction([&] { return writer.close(i, clean, 0); });
  }

  // "1|a;2|NULL": rows by ;, values by |.
  static std::string query(SqliteConnection& connection, const std::string& text) {
    auto statement = connection.prepare(text);
    if (!statement) return statement.error().message;
    std::string all;
    while (true) {
      const auto row = (*statement)->step();
      if (!row) return row.error().message;
      if (!*row) return all;
      if (!all.empty()) all += ';';
      const int columns = sqlite3_column_count((*statement)->handle());
      for (int i = 0; i < columns; ++i) {
        all += (i > 0 ? "|" : "") + (*statement)->optional_text(i).value_or("NULL");
      }
    }
  }
  std::string query(const std::string& text) { return query(*connection_, text); }

  std::string folder_;
  std::unique_ptr<SqliteConnection> connection_;
};

}  // namespace baton
