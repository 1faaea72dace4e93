#include "sqlite/table_reader.h"

#include "sqlite/connection.h"
#include "sqlite/sqlite_error.h"
#include "sqlite/table_shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace baton {
namespace {

using Json = nlohmann::json;

// The statement that read the last batch is the one that reads the next, unless there is a key: then each batch is a
// page of its own, from the last key on. The row with the last key comes again, and tells by coming twice that the key
// is not unique.
class SqliteReader final : public Reader {
 public:
  SqliteReader(SqliteReadSpec spec, std::string step) : spec_(std::move(spec)), step_(std::move(step)) {}

  Result<std::vector<std::string>> open(const std::vector<std::string>& wanted) override;
  Result<InputIdentity> identity(const Position& end) override;
  Status resume(const Position& from) override;
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override;
  Status finish() override { return {}; }
  std::uint64_t size_bytes() const override { return 0; }

 private:
  Status plan();
  Status check_key() const;
  Status check_nulls();
  std::string key_columns() const;
  std::string page_sql(bool until) const;
  Result<SqliteStatement*> begin_page(const ReadLimits& limits);
  Result<bool> fill(RowBatch& batch, const ReadLimits& limits);
  Status end_batch(RowBatch& batch, const ReadLimits& limits, bool at_end);
  void add_row(RowBatch& batch, sqlite3_stmt* row) const;
  Result<std::string> key_of(sqlite3_stmt* row) const;
  bool keyed() const { return !key_.empty(); }
  Error named(Error error) const {
    error.message = fmt::format("{}: connection \"{}\": {}", step_, spec_.connection, error.message);
    return error;
  }

  SqliteReadSpec spec_;
  std::string step_;
  std::unique_ptr<SqliteConnection> connection_;
  std::string from_;
  std::vector<std::string> columns_;
  std::vector<int> key_;  // places in columns_
  std::int64_t version_ = 0;
  SqliteStatement* pass_ = nullptr;  // without a key
  bool passed_ = false;              // it has ended: one more step would begin it anew
  Position position_;
};

// Numbers keep their 64 bits, texts their bytes.
Json json_of(sqlite3_stmt* row, int column) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER: return sqlite3_column_int64(row, column);
    case SQLITE_FLOAT: return sqlite3_column_double(row, column);
    case SQLITE_NULL: return nullptr;
    default: break;
  }
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
  const std::string text(bytes == nullptr ? "" : bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
  if (sqlite3_column_type(row, column) == SQLITE_TEXT) return text;
  return Json{{"blob", std::vector<unsigned char>(text.begin(), text.end())}};
}

void bind_json(SqliteStatement& statement, int index, const Json& value) {
  if (value.is_number_float()) {
    sqlite3_bind_double(statement.handle(), index, value.get<double>());
  } else if (value.is_number()) {
    statement.bind(index, value.get<std::int64_t>());
  } else if (value.is_string()) {
    statement.bind(index, std::string_view(value.get_ref<const std::string&>()));
  } else {
    const auto bytes = value.value("blob", std::vector<unsigned char>());
    statement.bind_blob(index, std::string(bytes.begin(), bytes.end()));
  }
}

// A view into SQLite's memory, or into `made`.
std::pair<std::string_view, FieldKind> text_of(sqlite3_stmt* row, int column, std::string& made) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL: return {{}, FieldKind::null};
    case SQLITE_INTEGER: made = fmt::format("{}", sqlite3_column_int64(row, column)); return {made, FieldKind::number};
    case SQLITE_FLOAT: {
      const double value = sqlite3_column_double(row, column);
      made = fmt::format("{}", value);
      return {made, std::isfinite(value) ? FieldKind::number : FieldKind::text};
    }
    default: break;
  }
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
  const std::string_view view(bytes == nullptr ? "" : bytes,
                              static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
  if (sqlite3_column_type(row, column) == SQLITE_TEXT) return {view, FieldKind::text};
  made = "\\x";
  for (const char byte : view) made += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return {made, FieldKind::text};
}

Result<std::vector<std::string>> SqliteReader::open(const std::vector<std::string>& /*wanted*/) {
  pass_ = nullptr;
  passed_ = false;
  position_ = {};
  const Status planned = plan();
  if (!planned) return fail(named(planned.error()));
  return columns_;
}

Status SqliteReader::plan() {
  BATON_TRY(connection_,
            SqliteConnection::open(spec_.path, spec_.look_only ? SqliteAccess::untouched : SqliteAccess::read_only));
  std::string sql = spec_.sql;
  while (!sql.empty() && (sql.back() == ';' || std::isspace(static_cast<unsigned char>(sql.back())) != 0)) {
    sql.pop_back();
  }
  from_ = spec_.table.empty() ? "(\n" + sql + "\n)" : quote_identifier(spec_.table);
  BATON_TRY(SqliteStatement * all, connection_->prepare("SELECT * FROM " + from_ + " AS baton_input LIMIT 0"));
  columns_.clear();
  std::set<std::string> seen;
  for (int i = 0; i < sqlite3_column_count(all->handle()); ++i) {
    columns_.emplace_back(sqlite3_column_name(all->handle(), i));
    if (!seen.insert(columns_.back()).second) {
      return fail(ErrorKind::invalid,
                  fmt::format("two columns of the query are named {}: give one of them another name "
                              "with AS",
                              columns_.back()));
    }
  }
  key_.clear();
  for (const std::string& name : spec_.key) {
    const auto found =
        std::find_if(columns_.begin(), columns_.end(), [&](const auto& column) { return same_name(column, name); });
    if (found == columns_.end()) {
      return fail(ErrorKind::invalid, fmt::format("`key` names {}, which is no column of the input; its columns are {}",
                                                  name, fmt::join(columns_, ", ")));
    }
    key_.push_back(static_cast<int>(found - columns_.begin()));
  }
  if (keyed() && !spec_.table.empty()) BATON_CHECK(check_key());
  if (keyed()) BATON_CHECK(check_nulls());
  if (keyed()) return {};
  BATON_TRY(SqliteStatement * version, connection_->prepare("SELECT random()"));
  BATON_TRY([[maybe_unused]] const bool found, version->step());
  version_ = version->integer(0);
  version->reset();
  return {};
}

Status SqliteReader::check_key() const {
  BATON_TRY(const auto shape, read_table_shape(*connection_, spec_.table));
  const auto within_key = [&](const std::vector<std::string>& unique) {
    return std::all_of(unique.begin(), unique.end(), [&](const std::string& column) {
      return std::any_of(spec_.key.begin(), spec_.key.end(), [&](const auto& key) { return same_name(key, column); });
    });
  };
  if (shape && std::any_of(shape->unique_keys.begin(), shape->unique_keys.end(), within_key)) return {};
  return fail(ErrorKind::invalid,
              fmt::format("table {} has no unique index over ({}): rows could be left out; create one, "
                          "or name the columns of its primary key in `key`",
                          spec_.table, fmt::join(spec_.key, ", ")));
}

// SQLite lets a primary key be NULL.
Status SqliteReader::check_nulls() {
  std::string any;
  for (const int column : key_) {
    any += (any.empty() ? "" : " OR ") + quote_identifier(columns_[static_cast<std::size_t>(column)]) + " IS NULL";
  }
  BATON_TRY(SqliteStatement * found, connection_->prepare("SELECT 1 FROM " + from_ + " AS baton_input WHERE " + any));
  BATON_TRY(const bool has_null, found->step());
  found->reset();
  if (!has_null) return {};
  return fail(ErrorKind::invalid, fmt::format("the key ({}) is NULL in some rows, which would be left out: name other "
                                              "columns in `key`",
                                              fmt::join(spec_.key, ", ")));
}

Result<InputIdentity> SqliteReader::identity(const Position& end) {
  const std::string up_to =
      keyed() ? fmt::format("{} | {}", fmt::join(spec_.key, ", "), end.key) : fmt::format("reading {}", version_);
  return InputIdentity{fmt::format("sqlite:{} {}", spec_.path, from_), 0, 0, up_to};
}

Status SqliteReader::resume(const Position& from) {
  if (!keyed() && from.record > 0) {
    return fail(named({ErrorKind::invalid, "without `key` reading cannot go on where it was left"}));
  }
  position_ = from;
  return {};
}

std::string SqliteReader::key_columns() const {
  std::string text;
  for (const int column : key_) {
    text += (text.empty() ? "" : ", ") + quote_identifier(columns_[static_cast<std::size_t>(column)]);
  }
  return text;
}

std::string SqliteReader::page_sql(bool until) const {
  if (!keyed()) return "SELECT * FROM " + from_ + " AS baton_input";
  const std::string key = key_columns();
  std::string last;
  for (std::size_t i = 0; i < key_.size(); ++i) last += fmt::format("{}?{}", i > 0 ? ", " : "", i + 1);
  std::string end;
  for (std::size_t i = 0; i < key_.size(); ++i) end += fmt::format("{}?{}", i > 0 ? ", " : "", key_.size() + i + 1);
  const bool goes_on = !position_.key.empty();
  std::string sql =
      "SELECT *, " + (goes_on ? fmt::format("({}) = ({})", key, last) : "0") + " FROM " + from_ + " AS baton_input";
  if (goes_on) sql += fmt::format(" WHERE ({}) >= ({})", key, last);
  if (until) sql += fmt::format(" {} ({}) <= ({})", goes_on ? "AND" : "WHERE", key, end);
  return sql + " ORDER BY " + key;
}

Result<SqliteStatement*> SqliteReader::begin_page(const ReadLimits& limits) {
  if (!keyed() && pass_ != nullptr) return pass_;
  BATON_TRY(SqliteStatement * page, connection_->prepare(page_sql(limits.until != nullptr)));
  const auto bind_key = [&](const std::string& text, int first) -> Status {
    const Json key = Json::parse(text, nullptr, false);
    if (!key.is_array() || key.size() != key_.size()) {
      return fail(ErrorKind::internal, "a recorded position has no key: " + text);
    }
    for (std::size_t i = 0; i < key.size(); ++i) bind_json(*page, first + static_cast<int>(i), key[i]);
    return {};
  };
  if (keyed() && !position_.key.empty()) BATON_CHECK(bind_key(position_.key, 1));
  if (keyed() && limits.until != nullptr) {
    BATON_CHECK(bind_key(limits.until->key, static_cast<int>(key_.size()) + 1));
  }
  if (!keyed()) pass_ = page;
  return page;
}

Result<bool> SqliteReader::read(RowBatch& batch, const ReadLimits& limits) {
  auto more = fill(batch, limits);
  if (!more) return fail(named(more.error()));
  return more;
}

Result<bool> SqliteReader::fill(RowBatch& batch, const ReadLimits& limits) {
  batch.clear();
  batch.columns = columns_.size();
  BATON_TRY(SqliteStatement * page, begin_page(limits));
  int again = 0;
  bool at_end = passed_;
  Position end = position_;
  while (!at_end && batch.rows.size() < std::max<std::size_t>(limits.rows, 1) && batch.bytes < limits.bytes) {
    BATON_TRY(const bool found, page->step());
    at_end = !found;
    if (at_end) break;
    if (keyed() && page->integer(static_cast<int>(columns_.size())) != 0) {
      if (++again == 1) continue;
      page->reset();
      return fail(ErrorKind::invalid, fmt::format("the key is not unique: more than one row has {}; name further "
                                                  "columns in `key`",
                                                  position_.key));
    }
    add_row(batch, page->handle());
    if (keyed()) {
      BATON_TRY(end.key, key_of(page->handle()));
    }
  }
  if (keyed()) page->reset();
  passed_ = !keyed() && at_end;
  batch.read = batch.rows.size();
  end.record = end.offset = position_.record + batch.read;
  batch.end = end;
  BATON_CHECK(end_batch(batch, limits, at_end));
  position_ = batch.end;
  return batch.size() > 0;
}

Status SqliteReader::end_batch(RowBatch& batch, const ReadLimits& limits, bool at_end) {
  if (limits.until == nullptr) return {};
  if (at_end) batch.end = *limits.until;
  if (batch.end.record < limits.until->record || batch.end.key == limits.until->key) return {};
  return fail(ErrorKind::invalid,
              fmt::format("rows with keys up to {} were added to the input while the step was interrupted, in a part "
                          "that several writers had begun; run the step from its beginning",
                          limits.until->key));
}

void SqliteReader::add_row(RowBatch& batch, sqlite3_stmt* row) const {
  RowPlace place;
  place.record = position_.record + batch.rows.size() + 1;
  place.offset = place.record - 1;
  place.raw_offset = static_cast<std::uint32_t>(batch.text.size());
  std::string made;
  for (int column = 0; column < static_cast<int>(columns_.size()); ++column) {
    const auto [text, kind] = text_of(row, column, made);
    if (column > 0) batch.text.push_back('\t');
    batch.fields.push_back(
        {static_cast<std::uint32_t>(batch.text.size()), static_cast<std::uint32_t>(text.size()), kind});
    batch.text.insert(batch.text.end(), text.begin(), text.end());
  }
  place.raw_size = static_cast<std::uint32_t>(batch.text.size()) - place.raw_offset;
  batch.bytes += place.raw_size;
  batch.rows.push_back(place);
}

Result<std::string> SqliteReader::key_of(sqlite3_stmt* row) const {
  Json key = Json::array();
  for (const int column : key_) key.push_back(json_of(row, column));
  try {
    return key.dump();
  } catch (const Json::exception&) {
    return fail(ErrorKind::invalid, "a key's text is not valid UTF-8");
  }
}

}  // namespace

std::unique_ptr<Reader> make_sqlite_reader(SqliteReadSpec spec, std::string step) {
  return std::make_unique<SqliteReader>(std::move(spec), std::move(step));
}

}  // namespace baton
