#include "postgres/table_encode.h"

#include "data/write_reject.h"
#include "postgres/array_binary.h"
#include "postgres/copy_binary.h"
#include "postgres/text_copy.h"

#include <fmt/format.h>
#include <charconv>
#include <cstring>

namespace baton {
namespace {

std::string explain(const PgTargetColumn& column, const Field& field, ValueRefusal refusal) {
  if (refusal == ValueRefusal::missing_key) {
    return column.is_key ? fmt::format("key column {} is empty", column.name)
                         : fmt::format("column {} is NOT NULL", column.name);
  }
  if (refusal == ValueRefusal::nul_byte) return "a NUL byte (U+0000), which no text of PostgreSQL can hold";
  const PgEncoder& encoder = column.encoder;
  if (refusal == ValueRefusal::structure) {
    return fmt::format("{} is no {}: expected {}",
                       field.kind == FieldKind::boolean ? "a boolean" : "a JSON object or array", encoder.type,
                       expectation(encoder));
  }
  if (refusal == ValueRefusal::fraction) {
    return fmt::format("not the form of {}: expected {}, without point and exponent", encoder.type,
                       expectation(encoder));
  }
  if (refusal == ValueRefusal::label)
    return fmt::format("no label of {}: expected {}", encoder.type, expectation(encoder));
  return fmt::format("{} {}: expected {}", refusal == ValueRefusal::range ? "out of range for" : "not of type",
                     encoder.type, expectation(encoder));
}

bool is_null(const PgTargetColumn& column, const Field& field) {
  return field.kind == FieldKind::null || (field.kind == FieldKind::empty && !column.encoder.empty_is_text);
}

ValueRefusal refuse_null(const PgTargetColumn& column) {
  return column.is_key || column.refuses_null ? ValueRefusal::missing_key : ValueRefusal::none;
}

class RowEncoder {
 public:
  RowEncoder(const PgTablePlan& plan, bool with_record, const RowBatch& batch, CopyBuffer& out)
      : plan_(plan),
        batch_(batch),
        out_(out),
        with_record_(with_record),
        has_nul_(!batch.text.empty() && std::memchr(batch.text.data(), '\0', batch.text.size()) != nullptr) {}

  // On refusal `column` is the first that refuses its value.
  ValueRefusal encode(std::size_t row, std::size_t& column) {
    return plan_.binary() ? encode_binary(row, column) : encode_text(row, column);
  }

 private:
  ValueRefusal encode_binary(std::size_t row, std::size_t& column) {
    const std::size_t width = plan_.columns.size();
    out_.reserve(16);
    out_.put16(static_cast<std::uint16_t>(width + (with_record_ ? 1 : 0)));
    if (with_record_) {
      out_.put32(8);
      out_.put64(batch_.rows[row].record);
    }
    const Field* fields = batch_.fields.data() + row * width;
    for (column = 0; column < width; ++column) {
      const PgTargetColumn& target = plan_.columns[column];
      const Field& field = fields[column];
      if (field.kind == FieldKind::native) {
        const std::size_t end = native_run_end(fields, column, width);
        put_native(field, fields[end - 1]);
        column = end - 1;
        continue;
      }
      if (put_plain_text(target, field)) continue;
      ValueRefusal refusal = ValueRefusal::none;
      if (is_null(target, field)) {
        refusal = refuse_null(target);
        out_.reserve(4);
        out_.put_null();
      } else {
        if (target.check) refusal = check(*target.check, field);
        if (refusal == ValueRefusal::none) {
          refusal = encode_value(target.encoder, value_kind(field), batch_.view(field), out_);
        }
      }
      if (refusal != ValueRefusal::none) return refusal;
    }
    return ValueRefusal::none;
  }

  // Native fields that stand behind each other in the batch, each behind its length, are one piece of a row of COPY
  // already.
  static std::size_t native_run_end(const Field* fields, std::size_t column, std::size_t width) {
    constexpr std::size_t length_bytes = 4;
    std::size_t end = column + 1;
    while (end < width && fields[end].kind == FieldKind::native &&
           fields[end].offset == fields[end - 1].offset + fields[end - 1].size + length_bytes) {
      ++end;
    }
    return end;
  }

  void put_native(const Field& first, const Field& last) {
    out_.reserve(4 + last.offset + last.size - first.offset);
    out_.put32(first.size);
    out_.put_bytes({batch_.text.data() + first.offset, last.offset + last.size - first.offset});
  }

  // Text that is bytes and nothing else, and short enough whatever its characters.
  bool put_plain_text(const PgTargetColumn& target, const Field& field) {
    const PgEncoder& encoder = target.encoder;
    if (value_kind(field) != FieldKind::text || has_nul_ || target.check) return false;
    if (encoder.codec != PgCodec::text && encoder.codec != PgCodec::varchar && encoder.codec != PgCodec::bpchar) {
      return false;
    }
    if (encoder.length != 0 && field.size > static_cast<std::uint32_t>(encoder.length)) return false;
    if (is_null(target, field)) return false;
    out_.reserve(4 + field.size);
    out_.put32(field.size);
    out_.put_bytes(batch_.view(field));
    return true;
  }

  ValueRefusal encode_text(std::size_t row, std::size_t& column) {
    const std::size_t width = plan_.columns.size();
    if (with_record_) {
      out_.reserve(32);
      out_.put_bytes(fmt::format_int(batch_.rows[row].record).c_str());
      out_.put_char('\t');
    }
    for (column = 0; column < width; ++column) {
      const PgTargetColumn& target = plan_.columns[column];
      const Field& field = batch_.at(row, column);
      out_.reserve(4);
      if (column > 0) out_.put_char('\t');
      if (is_null(target, field)) {
        const ValueRefusal refusal = refuse_null(target);
        if (refusal != ValueRefusal::none) return refusal;
        out_.put_bytes(copy_text_null);
        continue;
      }
      ValueRefusal refusal = target.check ? check(*target.check, field) : ValueRefusal::none;
      if (refusal == ValueRefusal::none) refusal = check(target.encoder, field);
      if (refusal != ValueRefusal::none) return refusal;
      if (target.encoder.codec == PgCodec::array) {
        put_copy_text(array_as_text(target.encoder, value_kind(field), batch_.view(field)), out_);
      } else {
        put_copy_text(batch_.view(field), out_);
      }
    }
    out_.reserve(1);
    out_.put_char('\n');
    return ValueRefusal::none;
  }

  ValueRefusal check(const PgEncoder& encoder, const Field& field) {
    scratch_.clear();
    return encode_value(encoder, value_kind(field), batch_.view(field), scratch_);
  }

  const PgTablePlan& plan_;
  const RowBatch& batch_;
  CopyBuffer& out_;
  CopyBuffer scratch_;
  const bool with_record_;
  const bool has_nul_;  // somewhere in the batch: then each text is looked through
};

}  // namespace

std::unique_ptr<PgEncodedRows> PgEncodedRowsPool::take() {
  const std::scoped_lock lock(mutex_);
  if (spare_.empty()) return std::make_unique<PgEncodedRows>();
  auto rows = std::move(spare_.back());
  spare_.pop_back();
  return rows;
}

void PgEncodedRowsPool::give_back(std::unique_ptr<PgEncodedRows> rows) {
  constexpr std::size_t most_spare = 32;  // a little more than the batches of one chunk
  const std::scoped_lock lock(mutex_);
  if (spare_.size() < most_spare) spare_.push_back(std::move(rows));
}

void encode_pg_rows(const PgTablePlan& plan, bool with_record, const RowBatch& batch, PgEncodedRows& encoded,
                    std::vector<Reject>& rejects) {
  encoded.bytes.clear();
  encoded.starts.clear();
  encoded.places.clear();
  encoded.text.assign(batch.text.begin(), batch.text.end());
  encoded.record_text = batch.record_text;
  // About what it will take: memory that is asked for at once is not left behind in pieces.
  encoded.bytes.reserve(batch.text.size() + 4 * batch.fields.size() + 16 * batch.size());
  encoded.starts.reserve(batch.size());
  encoded.places.reserve(batch.size());
  RowEncoder encoder(plan, with_record, batch, encoded.bytes);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const std::size_t start = encoded.bytes.size();
    std::size_t column = 0;
    const ValueRefusal refusal = encoder.encode(row, column);
    if (refusal == ValueRefusal::none) {
      encoded.starts.push_back(start);
      encoded.places.push_back(batch.rows[row]);
      continue;
    }
    encoded.bytes.cut(start);
    const Field& field = batch.at(row, column);
    rejects.push_back(write_reject(batch.rows[row], batch.raw_text(batch.rows[row]), plan.columns[column].name,
                                   batch.view(field), explain(plan.columns[column], field, refusal)));
  }
}

}  // namespace baton
