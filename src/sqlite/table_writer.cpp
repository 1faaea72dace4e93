#include "sqlite/table_writer.h"

#include "data/write_reject.h"
#include "sqlite/sqlite_error.h"
#include "sqlite/table_encode.h"
#include "sqlite/table_plan.h"
#include "sqlite/table_source.h"
#include "sqlite/table_staging.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <optional>

namespace baton {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// The one column that a message of SQLite names: "NOT NULL constraint failed: t.c", "… in INTEGER column t.c".
std::string named_column(const std::string& message, const std::string& table) {
  const std::string prefix = table + ".";
  const auto at = message.rfind(prefix);
  if (at == std::string::npos || message.find(prefix) != at || at == 0 || message[at - 1] != ' ') return {};
  return message.substr(at + prefix.size());
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

class SqliteTableWriter : public TableWriter {
 public:
  SqliteTableWriter(SqliteConnection& connection, TableSpec spec, std::string step)
      : connection_(connection), spec_(std::move(spec)), step_(std::move(step)) {}

  // Statements of a user's that follow on this connection find the setting as it always is.
  ~SqliteTableWriter() override {
    insert_.reset();
    if (checks_keys_at_close_ && !connection_.in_transaction()) static_cast<void>(set_foreign_keys(true));
  }

  Result<std::vector<std::string>> columns() override {
    return named([&]() -> Result<std::vector<std::string>> {
      BATON_TRY(const auto shape, read_table_shape(connection_, table_name(spec_)));
      return takeable_columns(spec_, shape);
    });
  }

  Status bind(const std::vector<std::string>& inputs) override {
    return named([&]() -> Status {
      BATON_TRY(const auto shape, read_table_shape(connection_, table_name(spec_)));
      BATON_TRY(plan_, plan_table(spec_, shape, inputs));
      insert_.reset();
      BATON_TRY(source_, TableSource::make(connection_, inputs.size()));
      checks_keys_at_close_ =
          spec_.mode == WriteMode::replace || (spec_.mode == WriteMode::mirror && shape && shape->refers_to_itself);
      return set_foreign_keys(!checks_keys_at_close_);
    });
  }

  std::unique_ptr<EncodedBatch> encode(const RowBatch& batch, std::vector<Reject>& rejects) override {
    auto content = pool_->take();
    encode_rows(plan_.columns, batch, *content, rejects);
    return std::make_unique<SqliteEncodedBatch>(std::move(content), pool_);
  }

  Status begin(std::int64_t instance) override {
    return named([&]() -> Status {
      insert_.reset();
      if (!plan_.create_sql.empty()) BATON_CHECK(connection_.execute(plan_.create_sql));
      staging_ = staging_name(spec_.repository_id, instance, plan_.table);
      BATON_CHECK(drop_staging(connection_, staging_));  // in any mode: it may have been another one before
      if (!is_staged()) return {};
      BATON_TRY(const auto shape, read_table_shape(connection_, plan_.table));
      if (!shape) return fail(ErrorKind::invalid, fmt::format("table {} was dropped", plan_.table));
      return create_staging(connection_, *shape, plan_.key, staging_);
    });
  }

  Status resume(std::int64_t instance) override {
    return named([&]() -> Status {
      insert_.reset();
      if (!is_staged()) return {};
      staging_ = staging_name(spec_.repository_id, instance, plan_.table);
      return {};
    });
  }

  // A later row of a key may have taken an earlier one's place there: only an empty one is known to have lost rows.
  Result<bool> staging_is_whole(std::uint64_t rows) override {
    return named([&]() -> Result<bool> {
      if (!is_staged()) return true;
      BATON_TRY(const auto shape, read_table_shape(connection_, staging_));
      if (!shape) return false;
      BATON_TRY(SqliteStatement * any,
                connection_.prepare(fmt::format("SELECT 1 FROM main.{} LIMIT 1", quote_identifier(staging_))));
      BATON_TRY(const bool found, any->step());
      any->reset();
      return found || rows == 0;
    });
  }

  Result<WriteTally> write(const EncodedBatch& batch) override {
    return named([&]() -> Result<WriteTally> {
      const EncodedRows& rows = static_cast<const SqliteEncodedBatch&>(batch).content();
      WriteTally tally;
      if (rows.places.empty()) return tally;
      BATON_CHECK(prepare_insert());
      const int code = insert_rows(rows, 0, rows.places.size());
      if (code == SQLITE_DONE) {
        tally.written = rows.places.size();
      } else if (is_constraint(code)) {
        BATON_CHECK(write_one_by_one(rows, tally));
      } else {
        return fail(sqlite_error(code, connection_.handle(), connection_.path()));
      }
      return tally;
    });
  }

  int closing_chunks() const override {
    if (spec_.mode == WriteMode::replace) return 1;
    return spec_.mode == WriteMode::mirror ? 2 : 0;
  }

  // What is refused here fails the run: the staging knows no records.
  Result<ClosingTally> close(int index, bool clean, std::uint64_t /*most_rejects*/) override {
    BATON_CHECK(close_chunk(index, clean));
    return ClosingTally();
  }

  Status discard(std::int64_t instance) override {
    return named([&]() -> Status {
      insert_.reset();
      BATON_TRY(const auto shape, read_table_shape(connection_, table_name(spec_)));
      return drop_staging(connection_,
                          staging_name(spec_.repository_id, instance, shape ? shape->name : table_name(spec_)));
    });
  }

 private:
  // Messages begin with the step.
  template <class Call>
  auto named(Call call) -> decltype(call()) {
    auto result = call();
    if (!result) result.error().message = step_ + ": " + result.error().message;
    return result;
  }

  Status close_chunk(int index, bool clean) {
    return named([&]() -> Status {
      insert_.reset();
      if (spec_.mode == WriteMode::replace && index == 0) return swap_staging(connection_, plan_.table, staging_);
      if (spec_.mode == WriteMode::mirror && index == 0) return merge_staging(connection_, plan_, staging_);
      if (spec_.mode == WriteMode::mirror && index == 1) {
        if (clean) BATON_CHECK(delete_unstaged(connection_, plan_, staging_));
        BATON_CHECK(drop_staging(connection_, staging_));
        return checks_keys_at_close_ ? check_foreign_keys(connection_, plan_.table) : Status();
      }
      return fail(ErrorKind::internal, fmt::format("there is no closing chunk {}", index));
    });
  }

  bool is_staged() const { return spec_.mode == WriteMode::replace || spec_.mode == WriteMode::mirror; }

  Status set_foreign_keys(bool on) {
    BATON_CHECK(connection_.execute(fmt::format("PRAGMA foreign_keys = {}", on ? "ON" : "OFF")));
    BATON_TRY(SqliteStatement * setting, connection_.prepare("PRAGMA foreign_keys"));
    BATON_TRY(const bool row, setting->step());
    const bool is_on = row && setting->integer(0) != 0;
    setting->reset();
    if (is_on == on) return {};
    return fail(ErrorKind::internal, "bind was called inside a transaction");
  }

  std::string insert_sql() const {
    std::vector<std::string> names;
    std::string assignments;
    for (const TargetColumn& column : plan_.columns) {
      names.push_back(column.name);
      if (column.is_key) continue;
      const std::string name = quote_identifier(column.name);
      assignments += fmt::format("{}{} = excluded.{}", assignments.empty() ? "" : ", ", name, name);
    }
    std::string sql = fmt::format("INSERT INTO main.{}({}) SELECT * FROM {} WHERE true", quote_identifier(into()),
                                  sql_list(names), quote_identifier(source_->name()));
    if (spec_.mode == WriteMode::append || plan_.key.empty()) return sql;
    return sql + fmt::format(" ON CONFLICT({}) DO {}", sql_list(plan_.key),
                             assignments.empty() ? "NOTHING" : "UPDATE SET " + assignments);
  }

  const std::string& into() const { return is_staged() ? staging_ : plan_.table; }

  Status prepare_insert() {
    if (insert_) return {};
    const std::string sql = insert_sql();
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_.handle(), sql.c_str(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return fail(sqlite_error(code, connection_.handle(), connection_.path()));
    insert_.reset(statement);
    return {};
  }

  // SQLITE_DONE, or an error after which the statement is undone.
  int insert_rows(const EncodedRows& rows, std::size_t first, std::size_t end) {
    source_->show(&rows, first, end);
    const int code = sqlite3_step(insert_.get());
    if (code == SQLITE_DONE) {
      sqlite3_reset(insert_.get());
      return code;
    }
    message_ = sqlite3_errmsg(connection_.handle());
    return sqlite3_reset(insert_.get());
  }

  // After a constraint has undone the whole batch: finds out which rows it refuses.
  Status write_one_by_one(const EncodedRows& rows, WriteTally& tally) {
    BATON_CHECK(check_undone());
    for (std::size_t row = 0; row < rows.places.size(); ++row) {
      const int code = insert_rows(rows, row, row + 1);
      if (code == SQLITE_DONE) {
        ++tally.written;
      } else if (is_constraint(code)) {
        BATON_CHECK(check_undone());
        tally.rejects.push_back(reject(rows, row));
      } else {
        return fail(sqlite_error(code, connection_.handle(), connection_.path()));
      }
    }
    return {};
  }

  // A refusal must undo its statement and nothing else, or the rows that are stored would not be known.
  Status check_undone() const {
    if (connection_.in_transaction() && connection_.changes() == 0) return {};
    return fail(
        ErrorKind::invalid,
        fmt::format("table {} {} when it refuses a row ({}): use ABORT in its ON CONFLICT clauses and RAISE()",
                    plan_.table,
                    connection_.in_transaction() ? "keeps rows of a failed statement" : "rolls back the transaction",
                    message_));
  }

  Reject reject(const EncodedRows& rows, std::size_t row) const {
    std::string column = named_column(message_, into());
    std::string value;
    for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
      if (plan_.columns[i].name == column) value = to_text(rows.cells[row * plan_.columns.size() + i]);
    }
    std::string reason = message_;
    if (is_staged()) replace_all(reason, staging_, plan_.table);
    return write_reject(rows.places[row], rows.raw(row), std::move(column), value, std::move(reason));
  }

  SqliteConnection& connection_;
  TableSpec spec_;
  std::string step_;
  TablePlan plan_;
  std::string staging_;
  bool checks_keys_at_close_ = false;
  std::string message_;  // SQLite's, of the last refusal
  std::shared_ptr<EncodedRowsPool> pool_ = std::make_shared<EncodedRowsPool>();
  std::unique_ptr<TableSource> source_;
  std::unique_ptr<sqlite3_stmt, Finalize> insert_;  // before source_ is gone
};

}  // namespace

std::unique_ptr<TableWriter> make_sqlite_table_writer(SqliteConnection& connection, TableSpec spec, std::string step) {
  return std::make_unique<SqliteTableWriter>(connection, std::move(spec), std::move(step));
}

Status tune_for_writing(SqliteConnection& connection) {
  return connection.execute(
      "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
}

}  // namespace baton
