#include "sqlite/table_encode.h"

#include "data/value_check.h"
#include "data/write_reject.h"

#include <fmt/format.h>
#include <array>
#include <cstring>

namespace baton {
namespace {

constexpr int exact_digits = 15;  // a mantissa of so many digits and a power of ten up to 10^22 divide exactly rounded
constexpr std::array<double, 23> powers_of_ten = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::array<std::int64_t, 16> integer_powers = {1,
                                                         10,
                                                         100,
                                                         1'000,
                                                         10'000,
                                                         100'000,
                                                         1'000'000,
                                                         10'000'000,
                                                         100'000'000,
                                                         1'000'000'000,
                                                         10'000'000'000,
                                                         100'000'000'000,
                                                         1'000'000'000'000,
                                                         10'000'000'000'000,
                                                         100'000'000'000'000,
                                                         1'000'000'000'000'000};

enum class Refusal : std::uint8_t { none, syntax, range, structure, missing_key };

void set_integer(Cell& cell, std::int64_t value) {
  cell.integer = value;
  cell.form = CellForm::integer;
}

void set_real(Cell& cell, double value) {
  cell.real = value;
  cell.form = CellForm::real;
}

void set_bytes(Cell& cell, std::string_view bytes, CellForm form) {
  cell.bytes = bytes.data() != nullptr ? bytes.data() : "";  // SQLite takes a null pointer for NULL
  cell.size = static_cast<std::uint32_t>(bytes.size());
  cell.form = form;
}

// Keeps a made value alive with the batch.
std::string_view keep(EncodedRows& encoded, std::string value) { return encoded.made.emplace_back(std::move(value)); }

Refusal encode_integer(const TargetColumn& column, std::string_view text, Cell& cell) {
  const auto value = parse_integer(text);
  if (!value) return scan_decimal(text) ? Refusal::range : Refusal::syntax;
  if (!in_range(column.type.kind, *value)) return Refusal::range;
  set_integer(cell, *value);
  return Refusal::none;
}

Refusal encode_boolean(std::string_view text, Cell& cell) {
  const auto value = parse_boolean(text);
  if (!value) return Refusal::syntax;
  set_integer(cell, *value ? 1 : 0);
  return Refusal::none;
}

Refusal encode_real(const TargetColumn& column, std::string_view text, Cell& cell) {
  const auto value = parse_double(text);
  if (!value) return scan_decimal(text) ? Refusal::range : Refusal::syntax;
  if (column.type.kind == TypeKind::real && !fits_real(*value)) return Refusal::range;
  set_real(cell, *value);
  return Refusal::none;
}

// As SQLite's numeric affinity stores it: an integer where the value is one, else a double. What has more digits than
// a double keeps is left to SQLite.
void store_decimal(StoredForm form, std::string_view text, const Decimal& decimal, Cell& cell) {
  const bool is_exact = !decimal.has_exponent && decimal.digits <= exact_digits && decimal.decimals <= exact_digits;
  if (form == StoredForm::text || (form == StoredForm::numeric && !is_exact)) {
    return set_bytes(cell, text, CellForm::text);
  }
  if (!is_exact) return set_real(cell, parse_double(text).value_or(0));
  const auto magnitude = static_cast<std::int64_t>(decimal.mantissa);
  const std::int64_t mantissa = decimal.negative ? -magnitude : magnitude;
  const auto decimals = static_cast<std::size_t>(decimal.decimals);
  if (form == StoredForm::numeric && mantissa % integer_powers[decimals] == 0) {
    return set_integer(cell, mantissa / integer_powers[decimals]);
  }
  set_real(cell, static_cast<double>(mantissa) / powers_of_ten[decimals]);
}

Refusal encode_numeric(const TargetColumn& column, std::string_view text, Cell& cell, EncodedRows& encoded) {
  auto decimal = scan_decimal(text);
  if (!decimal) return Refusal::syntax;
  const ColumnType& type = column.type;
  const int most_whole_digits = type.precision - type.scale;
  if (decimal->has_exponent || (column.rounds && type.precision > 0 && decimal->decimals > type.scale)) {
    auto plain = plain_decimal(text, column.rounds && type.precision > 0 ? type.scale : -1);
    if (!plain) return Refusal::range;
    text = keep(encoded, std::move(*plain));
    decimal = scan_decimal(text);
  }
  if (type.precision > 0 && decimal->whole_digits > most_whole_digits) return Refusal::range;
  if (column.form == StoredForm::real && !parse_double(text)) return Refusal::range;
  store_decimal(column.form, text, *decimal, cell);
  return Refusal::none;
}

Refusal encode_text(const TargetColumn& column, const Field& field, std::string_view text, Cell& cell) {
  const ColumnType& type = column.type;
  bool valid = true;
  switch (type.kind) {
    case TypeKind::varchar:
    case TypeKind::character: {
      const auto fitting = fit_length(text, type.length);
      if (!fitting) return Refusal::range;
      text = *fitting;
      break;
    }
    case TypeKind::date: valid = is_date(text); break;
    case TypeKind::time: valid = is_time(text); break;
    case TypeKind::timestamp: valid = is_timestamp(text, ZoneOffset::allowed); break;
    case TypeKind::timestamptz: valid = is_timestamp(text, ZoneOffset::required); break;
    case TypeKind::uuid: valid = is_uuid(text); break;
    case TypeKind::json:
    case TypeKind::jsonb: valid = value_kind(field) != FieldKind::text || is_json(text); break;
    default: break;
  }
  if (!valid) return Refusal::syntax;
  set_bytes(cell, text, CellForm::text);
  return Refusal::none;
}

Refusal encode_bytea(std::string_view text, Cell& cell, EncodedRows& encoded) {
  auto bytes = parse_bytea(text);
  if (!bytes) return Refusal::syntax;
  set_bytes(cell, keep(encoded, std::move(*bytes)), CellForm::blob);
  return Refusal::none;
}

// JSON's own kinds go only where they mean the same: true is no integer, an object is text or JSON.
bool kind_fits(FieldKind kind, TypeKind type) {
  const bool takes_any =
      is_character(type) || type == TypeKind::json || type == TypeKind::jsonb || type == TypeKind::other;
  if (kind == FieldKind::boolean) return takes_any || type == TypeKind::boolean;
  return kind != FieldKind::json || takes_any;
}

Refusal encode_field(const TargetColumn& column, const Field& field, std::string_view text, Cell& cell,
                     EncodedRows& encoded) {
  if (field.kind == FieldKind::null || (field.kind == FieldKind::empty && !column.empty_is_text)) {
    cell.form = CellForm::null;
    return column.is_key ? Refusal::missing_key : Refusal::none;
  }
  if (value_kind(field) != FieldKind::text && !kind_fits(field.kind, column.type.kind)) return Refusal::structure;
  switch (column.type.kind) {
    case TypeKind::smallint:
    case TypeKind::integer:
    case TypeKind::bigint: return encode_integer(column, text, cell);
    case TypeKind::boolean: return encode_boolean(text, cell);
    case TypeKind::real:
    case TypeKind::double_precision: return encode_real(column, text, cell);
    case TypeKind::numeric: return encode_numeric(column, text, cell, encoded);
    case TypeKind::bytea: return encode_bytea(text, cell, encoded);
    default: return encode_text(column, field, text, cell);
  }
}

std::string expectation(const TargetColumn& column) {
  switch (column.type.kind) {
    case TypeKind::smallint: return "a whole number from -32768 to 32767";
    case TypeKind::integer: return "a whole number from -2147483648 to 2147483647";
    case TypeKind::bigint: return "a whole number of at most 64 bits";
    case TypeKind::boolean: return "true or false, also t, f, yes, no, on, off, 1, 0";
    case TypeKind::real:
    case TypeKind::double_precision: return "a finite number";
    case TypeKind::numeric:
      if (column.type.precision == 0) return "a decimal number";
      return fmt::format("a decimal number with at most {} digits before the point",
                         column.type.precision - column.type.scale);
    case TypeKind::varchar:
    case TypeKind::character: return fmt::format("at most {} characters", column.type.length);
    case TypeKind::bytea: return "\\x and pairs of hexadecimal digits";
    case TypeKind::date: return "a date YYYY-MM-DD of the calendar";
    case TypeKind::time: return "a time HH:MM:SS";
    case TypeKind::timestamp: return "YYYY-MM-DD HH:MM:SS";
    case TypeKind::timestamptz: return "YYYY-MM-DD HH:MM:SS with an offset such as Z or +02:00";
    case TypeKind::uuid: return "a UUID of 8-4-4-4-12 hexadecimal digits";
    case TypeKind::json:
    case TypeKind::jsonb: return "valid JSON";
    default: return "text";
  }
}

std::string explain(const TargetColumn& column, const Field& field, Refusal refusal) {
  if (refusal == Refusal::missing_key) return fmt::format("key column {} is empty", column.name);
  const std::string type = to_text(column.type);
  if (refusal == Refusal::structure) {
    return fmt::format("{} is no {}: expected {}",
                       field.kind == FieldKind::boolean ? "a boolean" : "a JSON object or array", type,
                       expectation(column));
  }
  return fmt::format("{} {}: expected {}", refusal == Refusal::range ? "out of range for" : "not of type", type,
                     expectation(column));
}

}  // namespace

std::string to_text(const Cell& cell) {
  switch (cell.form) {
    case CellForm::null: return "";
    case CellForm::integer: return fmt::format("{}", cell.integer);
    case CellForm::real: return fmt::format("{}", cell.real);
    case CellForm::text: return {cell.bytes, cell.size};
    case CellForm::blob: {
      std::string text = "\\x";
      for (const char c : std::string_view(cell.bytes, cell.size).substr(0, max_reject_value_bytes)) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
      }
      return text;
    }
  }
  return "";
}

std::unique_ptr<EncodedRows> EncodedRowsPool::take() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return std::make_unique<EncodedRows>();
  auto rows = std::move(spare_.back());
  spare_.pop_back();
  return rows;
}

void EncodedRowsPool::give_back(std::unique_ptr<EncodedRows> rows) {
  constexpr std::size_t most_spare = 32;  // a little more than the batches of one chunk
  const std::lock_guard lock(mutex_);
  if (spare_.size() < most_spare) spare_.push_back(std::move(rows));
}

void encode_rows(const std::vector<TargetColumn>& columns, const RowBatch& batch, EncodedRows& encoded,
                 std::vector<Reject>& rejects) {
  const std::size_t width = columns.size();
  encoded.text.assign(batch.text.begin(), batch.text.end());
  encoded.places.clear();
  encoded.made.clear();
  if (encoded.cells.size() < batch.size() * width) encoded.cells.resize(batch.size() * width);
  const char* base = encoded.text.data();
  for (std::size_t row = 0; row < batch.size(); ++row) {
    Cell* cell = encoded.cells.data() + encoded.places.size() * width;
    const Field* field = batch.fields.data() + row * width;
    Refusal refusal = Refusal::none;
    std::size_t column = 0;
    for (; column < width; ++column) {
      const Field& one = field[column];
      refusal = encode_field(columns[column], one, {base + one.offset, one.size}, cell[column], encoded);
      if (refusal != Refusal::none) break;
    }
    if (refusal == Refusal::none) {
      encoded.places.push_back(batch.rows[row]);
      continue;
    }
    rejects.push_back(write_reject(batch.rows[row], batch.raw(batch.rows[row]), columns[column].name,
                                   batch.view(field[column]), explain(columns[column], field[column], refusal)));
  }
}

}  // namespace baton
