#include "postgres/binary_rows.h"

#include "postgres/big_endian.h"
#include "postgres/copy_binary.h"
#include "postgres/text_copy.h"
#include "postgres/value_text.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr std::size_t flags_at = 11;  // behind the signature

bool is_text_in_binary(PgCodec codec) {
  switch (codec) {
    case PgCodec::text:
    case PgCodec::varchar:
    case PgCodec::bpchar:
    case PgCodec::name:
    case PgCodec::json:
    case PgCodec::enumeration: return true;
    default: return false;
  }
}

class RowText final : public RecordText {
 public:
  explicit RowText(std::shared_ptr<const std::vector<PgReadColumn>> columns) : columns_(std::move(columns)) {}

  std::string of(std::string_view raw) const override {
    CopyBuffer line;
    raw.remove_prefix(2);
    for (const PgReadColumn& column : *columns_) {
      line.reserve(1 + copy_text_null.size());
      if (&column != &columns_->front()) line.put_char('\t');
      const auto size = big_endian<std::int32_t>(raw);
      raw.remove_prefix(4);
      if (size < 0) {
        line.put_bytes(copy_text_null);
        continue;
      }
      const std::string_view bytes = raw.substr(0, static_cast<std::size_t>(size));
      const bool is_text = column.as == PgReadAs::text || column.as == PgReadAs::output;
      put_copy_text(is_text ? std::string(bytes) : value_text(column.encoder, bytes).value_or(""), line);
      raw.remove_prefix(bytes.size());
    }
    return std::string(line.view());
  }

 private:
  std::shared_ptr<const std::vector<PgReadColumn>> columns_;
};

// A boolean's text goes behind the row.
Field boolean_field(RowBatch& batch, bool value) {
  const std::string_view text = value ? "true" : "false";
  const Field field{static_cast<std::uint32_t>(batch.text.size()), static_cast<std::uint32_t>(text.size()),
                    FieldKind::boolean};
  batch.text.insert(batch.text.end(), text.begin(), text.end());
  return field;
}

}  // namespace

PgReadAs pg_read_as(const PgEncoder& encoder, bool native, bool is_key) {
  const bool exact_text =
      encoder.codec != PgCodec::float4 && encoder.codec != PgCodec::float8 && encoder.codec != PgCodec::array;
  if (native && (exact_text || !is_key)) return PgReadAs::native;
  if (encoder.codec == PgCodec::boolean) return PgReadAs::boolean;
  return is_text_in_binary(encoder.codec) ? PgReadAs::text : PgReadAs::output;
}

std::string pg_read_expression(const PgReadColumn& column, const std::string& input) {
  // The cast does nothing, unless the column was altered: its bytes would be taken for those of the former type.
  if (column.as != PgReadAs::output) return fmt::format("CAST({}.{} AS {})", input, column.name, column.type);
  // Not a cast to text: that of character(n) cuts its blanks off, that of inet adds a mask.
  return fmt::format("pg_catalog.textin({}({}.{}))", column.output, input, column.name);
}

BinaryRows::BinaryRows(std::vector<PgReadColumn> columns)
    : columns_(std::make_shared<const std::vector<PgReadColumn>>(std::move(columns))),
      record_text_(std::make_shared<const RowText>(columns_)) {}

BinaryRows::Added BinaryRows::add(std::string_view message, RowBatch& batch, bool* again) {
  if (!begun_) {
    const std::size_t header = copy_binary_header().size();
    if (!message.starts_with(copy_binary_header().substr(0, flags_at))) return Added::malformed;
    message.remove_prefix(header);
    begun_ = true;
  }
  if (message.empty() || message == copy_binary_trailer()) return Added::nothing;
  const std::size_t count = columns_->size() + (again != nullptr ? 1 : 0);
  if (message.size() < 2 || big_endian<std::uint16_t>(message) != count) return Added::malformed;
  const std::size_t begin = batch.text.size();
  batch.text.insert(batch.text.end(), message.begin(), message.end());
  const std::size_t fields_begin = batch.fields.size();
  batch.fields.resize(fields_begin + columns_->size());
  Field* field = batch.fields.data() + fields_begin;
  std::size_t at = 2;
  for (std::size_t i = 0; i < count; ++i) {
    if (message.size() < at + 4) return Added::malformed;
    const auto size = big_endian<std::int32_t>(message.substr(at, 4));
    at += 4;
    const std::size_t bytes = size < 0 ? 0 : static_cast<std::size_t>(size);
    if (message.size() < at + bytes) return Added::malformed;
    if (i == columns_->size()) {
      *again = bytes == 1 && message[at] != 0;
    } else if (size < 0) {
      *field++ = {static_cast<std::uint32_t>(begin + at), 0, FieldKind::null};
    } else if ((*columns_)[i].as == PgReadAs::boolean) {
      *field++ = boolean_field(batch, bytes == 1 && message[at] != 0);
    } else {
      const FieldKind kind = (*columns_)[i].as == PgReadAs::native ? FieldKind::native : FieldKind::text;
      *field++ = {static_cast<std::uint32_t>(begin + at), static_cast<std::uint32_t>(bytes), kind};
    }
    at += bytes;
  }
  RowPlace place;
  place.raw_offset = static_cast<std::uint32_t>(begin);
  place.raw_size = static_cast<std::uint32_t>(message.size());
  batch.rows.push_back(place);
  batch.record_text = record_text_;
  return Added::row;
}

std::string BinaryRows::text(const RowBatch& batch, const Field& field, std::size_t column) const {
  const std::string_view bytes = batch.view(field);
  if (field.kind != FieldKind::native) return std::string(bytes);
  return value_text((*columns_)[column].encoder, bytes).value_or("");
}

}  // namespace baton
