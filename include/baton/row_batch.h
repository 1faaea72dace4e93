// A few thousand rows whose fields are views into one buffer: no allocation per field.
#pragma once

#include "baton/position.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class FieldKind : std::uint8_t {
  null,
  text,     // a string of unknown meaning
  empty,    // nothing between two delimiters of a CSV file: '' for a text column, NULL for any other
  number,   // the text of a JSON number
  boolean,  // "true" or "false"
  json,     // the text of a JSON object or array
  native,   // bytes in a form that reader and writer share (Reader::native_forms), for writers that asked for it; those
            // of PostgreSQL stand behind their length, 4 bytes, big-endian
};

struct Field {
  std::uint32_t offset = 0;  // into RowBatch::text
  std::uint32_t size = 0;    // bytes
  FieldKind kind = FieldKind::null;
};

// What an empty field is where it is no NULL.
inline FieldKind value_kind(const Field& field) {
  return field.kind == FieldKind::empty ? FieldKind::text : field.kind;
}

// Where a row came from, for messages and rejects.
struct RowPlace {
  std::uint64_t record = 0;  // from 1, a header not counted
  std::uint64_t line = 0;    // physical line on which the record begins, from 1; 0 for tables
  std::uint64_t offset = 0;  // byte offset of the record in the input
  std::uint32_t raw_offset = 0;
  std::uint32_t raw_size = 0;  // the record as it was written: a slice of RowBatch::text
};

// Makes the text of a record that was read in another form. Thread-safe.
class RecordText {
 public:
  RecordText() = default;
  RecordText(const RecordText&) = delete;
  RecordText& operator=(const RecordText&) = delete;
  virtual ~RecordText() = default;

  virtual std::string of(std::string_view raw) const = 0;
};

// The part of a load step that refused a record; Spring Batch counts them apart.
enum class RejectPhase : std::uint8_t { read, process, write };

// An item that was refused, kept with its place, its reason and its raw text.
struct Reject {
  RejectPhase phase = RejectPhase::read;
  std::uint64_t record = 0;
  std::uint64_t line = 0;
  std::string column;  // empty where the whole record is meant
  std::string value;   // the refused value, at most max_reject_value_bytes
  std::string reason;  // for people: what was expected
  std::string raw;     // the record, at most max_reject_raw_bytes
};

inline constexpr std::size_t max_reject_value_bytes = 200;
inline constexpr std::size_t max_reject_raw_bytes = 16 * 1024;

// Not thread-safe; one thread holds a batch at a time. clear() keeps the memory.
struct RowBatch {
  std::vector<char> text;
  std::size_t columns = 0;
  std::vector<Field> fields;  // row-major: rows.size() * columns
  std::vector<RowPlace> rows;
  std::shared_ptr<const RecordText> record_text;  // where raw() is no text; only beside native fields
  std::vector<Reject> rejects;                    // refused by the reader or a processor
  std::uint64_t read = 0;                         // records read, refused ones included: rows + filtered + rejects
  std::uint64_t filtered = 0;
  std::uint64_t bytes = 0;  // of input; 0 where the reader counts none
  Position end;             // reading goes on here after this batch

  std::size_t size() const { return rows.size(); }
  // Of text, that of the rejects included; a chunk ends by this or by `bytes`, whichever is more.
  std::uint64_t held_bytes() const {
    std::uint64_t sum = text.size();
    for (const Reject& one : rejects) {
      sum += one.column.size() + one.value.size() + one.reason.size() + one.raw.size();
    }
    return sum;
  }
  std::string_view view(const Field& field) const { return {text.data() + field.offset, field.size}; }
  const Field& at(std::size_t row, std::size_t column) const { return fields[row * columns + column]; }
  std::string_view raw(const RowPlace& place) const { return {text.data() + place.raw_offset, place.raw_size}; }
  std::string raw_text(const RowPlace& place) const {
    return record_text != nullptr ? record_text->of(raw(place)) : std::string(raw(place));
  }

  void clear() {
    text.clear();
    fields.clear();
    rows.clear();
    record_text.reset();
    rejects.clear();
    read = filtered = bytes = 0;
    end = {};
  }
};

}  // namespace baton
