// A PostgreSQL database of its own for each test, and short ways to put rows through a TableWriter.
#pragma once

#include "baton/row_batch.h"
#include "postgres/table_writer.h"
#include "tests/doubles/postgres_server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton {

// A value of a test's batch. "…" is text; null, number, boolean, json by name.
struct PgTestField {
  PgTestField(const char* value) : PgTestField(std::string(value)) {}
  PgTestField(std::string value) : text(std::move(value)), kind(text.empty() ? FieldKind::empty : FieldKind::text) {}
  PgTestField(FieldKind of, std::string value = "") : text(std::move(value)), kind(of) {}

  std::string text;
  FieldKind kind = FieldKind::text;
};

using PgTestRows = std::vector<std::vector<PgTestField>>;

// Records are numbered on from `first`.
inline RowBatch pg_batch(const PgTestRows& rows, std::uint64_t first = 1) {
  RowBatch batch;
  batch.columns = rows.empty() ? 0 : rows.front().size();
  const auto append = [&](const std::string& text) {
    const auto at = static_cast<std::uint32_t>(batch.text.size());
    batch.text.insert(batch.text.end(), text.begin(), text.end());
    return at;
  };
  for (const auto& row : rows) {
    RowPlace place;
    place.record = first++;
    place.line = place.record + 1;
    std::string raw;
    for (const PgTestField& field : row) raw += (raw.empty() ? "" : ",") + field.text;
    place.raw_offset = append(raw);
    place.raw_size = static_cast<std::uint32_t>(raw.size());
    for (const PgTestField& field : row) {
      batch.fields.push_back({append(field.text), static_cast<std::uint32_t>(field.text.size()), field.kind});
    }
    batch.rows.push_back(place);
  }
  return batch;
}

// "2 4": the records, in order.
inline std::string records_of(const std::vector<Reject>& rejects) {
  std::vector<std::uint64_t> numbers;
  for (const Reject& reject : rejects) numbers.push_back(reject.record);
  std::sort(numbers.begin(), numbers.end());
  return fmt::format("{}", fmt::join(numbers, " "));
}

// What came of a load: refused while encoding or by the server.
struct PgOutcome {
  std::uint64_t written = 0;
  std::vector<Reject> rejects;
  std::uint64_t filtered = 0;
};

class PgTableWriterTest : public testing::Test {
 protected:
  static TableSpec spec(std::string name, WriteMode mode = WriteMode::append, std::vector<std::string> key = {}) {
    TableSpec made;
    made.connection = "target";
    made.repository_id = "0f1e2d3c-repository";
    made.name = std::move(name);
    made.mode = mode;
    made.key = std::move(key);
    return made;
  }

  static void ok(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

  std::unique_ptr<TableWriter> writer(const TableSpec& of) { return make_pg_table_writer(session_, of, "job/step"); }
  std::unique_ptr<TableWriter> bound(const TableSpec& of, const std::vector<std::string>& inputs) {
    auto made = writer(of);
    ok(made->bind(inputs));
    return made;
  }

  PgConnection& connection() {
    const auto open = session_.connection();
    EXPECT_TRUE(open) << open.error().message;
    return **open;
  }

  // In a transaction that is committed where the call succeeds.
  template <class Call>
  auto in_transaction(Call call) -> decltype(call()) {
    EXPECT_TRUE(connection().script("BEGIN"));
    auto result = call();
    const auto ended = connection().script(result ? "COMMIT" : "ROLLBACK");
    EXPECT_TRUE(ended || !result) << ended.error().message;
    return result;
  }

  PgOutcome write(TableWriter& to, const RowBatch& batch) {
    PgOutcome outcome;
    const auto encoded = to.encode(batch, outcome.rejects);
    const auto tally = in_transaction([&] { return to.write(*encoded); });
    EXPECT_TRUE(tally) << tally.error().message;
    if (!tally) return outcome;
    outcome.written = tally->written;
    outcome.filtered = tally->filtered;
    outcome.rejects.insert(outcome.rejects.end(), tally->rejects.begin(), tally->rejects.end());
    return outcome;
  }

  void begin(TableWriter& to, std::int64_t instance = 1) {
    ok(in_transaction([&] { return to.begin(instance); }));
  }
  // What comes of the closing chunks.
  ClosingTally close(TableWriter& to, bool clean = true) {
    ClosingTally tally;
    for (int i = 0; i < to.closing_chunks(); ++i) {
      const auto closed = in_transaction([&] { return to.close(i, clean && tally.rejects.empty(), 1'000); });
      EXPECT_TRUE(closed) << closed.error().message;
      if (!closed) return tally;
      tally.rejects.insert(tally.rejects.end(), closed->rejects.begin(), closed->rejects.end());
      tally.filtered += closed->filtered;
    }
    return tally;
  }

  // A whole load of one batch.
  PgOutcome load(const TableSpec& of, const std::vector<std::string>& inputs, const PgTestRows& rows) {
    const auto to = bound(of, inputs);
    begin(*to);
    PgOutcome outcome = write(*to, pg_batch(rows));
    const ClosingTally later = close(*to, outcome.rejects.empty());
    outcome.written -= later.rejects.size() + later.filtered;
    outcome.filtered += later.filtered;
    outcome.rejects.insert(outcome.rejects.end(), later.rejects.begin(), later.rejects.end());
    return outcome;
  }

  // As TemporaryDatabase::query, on one connection for all of a test.
  std::string query(const std::string& sql) {
    const auto results = looking_->script(sql);
    EXPECT_TRUE(results) << sql << ": " << results.error().message;
    std::string text;
    if (!results || results->empty()) return text;
    const PgResult& last = results->back();
    for (int row = 0; row < last.rows(); ++row) {
      for (int column = 0; column < last.columns(); ++column) {
        text += (column > 0 ? "|" : row > 0 ? "\n" : "") + last.text(row, column);
      }
    }
    return text;
  }

  TemporaryDatabase database_;
  std::unique_ptr<PgConnection> looking_ = database_.connect();
  PgSession session_{database_.settings(), "datasync"};
};

}  // namespace baton
