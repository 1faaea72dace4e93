#include "sqlite/table_source.h"

#include "sqlite/sqlite_error.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <new>

namespace baton {
namespace {

struct Table {
  sqlite3_vtab base;  // first, as SQLite asks
  const TableSource::View* view;
};

struct Cursor {
  sqlite3_vtab_cursor base;  // first, as SQLite asks
  const Cell* cells;         // of the current row
  std::size_t row;
};

const TableSource::View& view_of(const Cursor* cursor) { return *reinterpret_cast<Table*>(cursor->base.pVtab)->view; }

int connect(sqlite3* db, void* view, int, const char* const*, sqlite3_vtab** made, char**) {
  const auto* source = static_cast<const TableSource::View*>(view);
  std::string sql = "CREATE TABLE rows(";
  for (std::size_t i = 0; i < source->columns; ++i) sql += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
  const int code = sqlite3_declare_vtab(db, (sql + ")").c_str());
  if (code != SQLITE_OK) return code;
  auto* table = new (std::nothrow) Table{{}, source};
  if (table == nullptr) return SQLITE_NOMEM;
  *made = &table->base;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<Table*>(table);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  info->estimatedCost = 1;
  return SQLITE_OK;
}

int open_cursor(sqlite3_vtab*, sqlite3_vtab_cursor** made) {
  auto* cursor = new (std::nothrow) Cursor{};
  if (cursor == nullptr) return SQLITE_NOMEM;
  *made = &cursor->base;
  return SQLITE_OK;
}

int close_cursor(sqlite3_vtab_cursor* cursor) {
  delete reinterpret_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int rewind(sqlite3_vtab_cursor* base, int, const char*, int, sqlite3_value**) {
  auto* cursor = reinterpret_cast<Cursor*>(base);
  const TableSource::View& view = view_of(cursor);
  cursor->row = view.first;
  cursor->cells = view.rows == nullptr ? nullptr : view.rows->cells.data() + view.first * view.columns;
  return SQLITE_OK;
}

int next_row(sqlite3_vtab_cursor* base) {
  auto* cursor = reinterpret_cast<Cursor*>(base);
  ++cursor->row;
  cursor->cells += view_of(cursor).columns;
  return SQLITE_OK;
}

int at_end(sqlite3_vtab_cursor* base) {
  const auto* cursor = reinterpret_cast<Cursor*>(base);
  return cursor->row >= view_of(cursor).end ? 1 : 0;
}

int give_value(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
  const Cell& cell = reinterpret_cast<Cursor*>(base)->cells[column];
  switch (cell.form) {
    case CellForm::null: sqlite3_result_null(context); break;
    case CellForm::integer: sqlite3_result_int64(context, cell.integer); break;
    case CellForm::real: sqlite3_result_double(context, cell.real); break;
    case CellForm::text:
      sqlite3_result_text(context, cell.bytes, static_cast<int>(cell.size), nullptr /* SQLITE_STATIC */);
      break;
    case CellForm::blob:
      sqlite3_result_blob(context, cell.bytes, static_cast<int>(cell.size), nullptr /* SQLITE_STATIC */);
      break;
  }
  return SQLITE_OK;
}

int row_number(sqlite3_vtab_cursor* base, sqlite3_int64* number) {
  *number = static_cast<sqlite3_int64>(reinterpret_cast<Cursor*>(base)->row);
  return SQLITE_OK;
}

// Without xCreate the table is eponymous only.
sqlite3_module make_module() {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open_cursor;
  module.xClose = close_cursor;
  module.xFilter = rewind;
  module.xNext = next_row;
  module.xEof = at_end;
  module.xColumn = give_value;
  module.xRowid = row_number;
  return module;
}

}  // namespace

TableSource::TableSource(SqliteConnection& connection, std::size_t columns)
    : connection_(connection), name_(fmt::format("baton_rows_{}", fmt::ptr(this))) {
  view_.columns = columns;
}

Result<std::unique_ptr<TableSource>> TableSource::make(SqliteConnection& connection, std::size_t columns) {
  static const sqlite3_module module = make_module();
  std::unique_ptr<TableSource> source(new TableSource(connection, columns));
  const int code =
      sqlite3_create_module_v2(connection.handle(), source->name_.c_str(), &module, &source->view_, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(code, connection.handle(), connection.path()));
  return source;
}

TableSource::~TableSource() {
  sqlite3_create_module_v2(connection_.handle(), name_.c_str(), nullptr, nullptr, nullptr);
}

void TableSource::show(const EncodedRows* rows, std::size_t first, std::size_t end) {
  view_.rows = rows;
  view_.first = first;
  view_.end = end;
}

}  // namespace baton
