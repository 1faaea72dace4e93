#include "format/json_reader.h"

#include "base/ascii_text.h"
#include "format/file_identity.h"
#include "format/json_pointer.h"
#include "format/json_scanner.h"
#include "format/text_place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>
#include <algorithm>
#include <cstring>
#include <new>
#include <unordered_map>
#include <unordered_set>

namespace baton {
namespace {

constexpr std::size_t longest_item_bytes = 1 << 29;  // offsets have 32 bits; a batch holds items raw and decoded

// A refused value: the column, and what is wrong.
struct Fault {
  std::size_t column;
  std::string_view reason;
};

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

class JsonReader final : public Reader {
 public:
  explicit JsonReader(JsonOptions options) : options_(std::move(options)) {}

  Result<std::vector<std::string>> open(const std::vector<std::string>& wanted) override;
  Result<InputIdentity> identity(const Position& end) override { return prefix_.identity(file_, end.offset); }
  Status resume(const Position& from) override;
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override;
  Status finish() override { return file_.check_unchanged(); }
  std::uint64_t size_bytes() const override { return file_.size_bytes(); }

 private:
  Status load();
  Status match_members();
  std::unordered_set<std::string> member_names();
  Status read_item(RowBatch& batch);
  bool scan_item();
  void add_item(RowBatch& batch, std::string_view item);
  std::optional<Fault> add_field(RowBatch& batch, std::size_t column, std::string_view item, std::uint32_t item_offset);
  void reject(RowBatch& batch, std::string_view item, std::string reason) const;
  void move_to(std::size_t at);
  std::string_view text() const { return {buffer_.get(), static_cast<std::size_t>(file_.size_bytes())}; }

  JsonOptions options_;
  InputFile file_;
  std::unique_ptr<char[]> buffer_;  // the file, and simdjson's padding
  JsonArray array_;
  JsonScanner scanner_;
  std::vector<std::string> columns_;
  std::vector<std::string> members_;  // their names in the items
  std::unordered_map<std::string_view, std::size_t> column_of_;
  std::vector<std::string_view> values_;  // tokens of the item's wanted members; empty where missing
  simdjson::dom::parser parser_;          // for strings with escapes
  std::string key_;
  std::size_t at_ = 0;  // of the next item, or of the closing bracket
  std::uint64_t line_ = 1;
  std::uint64_t record_count_ = 0;
  Position first_;
  ReadPrefix prefix_;
};

Result<std::vector<std::string>> JsonReader::open(const std::vector<std::string>& wanted) {
  if (wanted.empty()) {
    return fail(ErrorKind::invalid, fmt::format("{}: JSON items have no columns of their own: name the columns in "
                                                "`write.table.columns`",
                                                options_.path));
  }
  BATON_TRY(file_, InputFile::open(options_.path));
  BATON_CHECK(load());
  BATON_TRY(array_, find_json_array(text(), options_.path, options_.items));
  columns_ = members_ = wanted;
  scanner_ = JsonScanner(text(), 0);
  if (options_.only_present) BATON_CHECK(match_members());
  values_.resize(columns_.size());
  column_of_.clear();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!column_of_.emplace(members_[i], i).second) {
      return fail(ErrorKind::invalid,
                  fmt::format("{}: the column `{}` is asked for twice; name it once", options_.path, columns_[i]));
    }
  }
  prefix_ = {};
  at_ = 0;
  line_ = 1;
  record_count_ = 0;
  move_to(array_.first);
  first_ = {at_, 0, line_, {}};
  return columns_;
}

Status JsonReader::load() {
  const auto size = static_cast<std::size_t>(file_.size_bytes());
  buffer_.reset(new (std::nothrow) char[size + simdjson::SIMDJSON_PADDING]);
  if (buffer_ == nullptr) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: {} bytes do not fit into this machine's memory; split the file", options_.path, size));
  }
  std::memset(buffer_.get() + size, 0, simdjson::SIMDJSON_PADDING);
  return file_.read_at(0, buffer_.get(), size);
}

// The names of all members of all items.
std::unordered_set<std::string> JsonReader::member_names() {
  std::unordered_set<std::string> names;
  scanner_.move_to(array_.first);
  while (scanner_.at() < array_.close) {
    const auto note = [&](std::string_view token) {
      if (!decode_json_string(token, key_)) key_.clear();
      names.insert(key_);
      return scanner_.skip_value();
    };
    // The grammar was checked by find_json_array.
    const bool whole = scanner_.next() == '{' ? scanner_.members(note) : scanner_.skip_value();
    if (!whole || !scanner_.skip_comma(']')) break;
  }
  return names;
}

Status JsonReader::match_members() {
  const std::unordered_set<std::string> names = member_names();
  std::vector<std::string> columns, members;
  for (const std::string& column : columns_) {
    const auto same =
        std::find_if(names.begin(), names.end(), [&](const std::string& n) { return same_letters(n, column); });
    if (names.contains(column)) {
      members.push_back(column);
    } else if (same != names.end()) {
      members.push_back(*same);
    } else {
      continue;
    }
    columns.push_back(column);
  }
  if (columns.empty() && array_.first != array_.close) {
    return fail(
        ErrorKind::invalid,
        fmt::format("{}: no item of `{}` has a member with the name of a column of the table ({}): name the columns "
                    "in `write.table.columns`, or `rename` the members",
                    options_.path, options_.items, fmt::join(columns_, ", ")));
  }
  if (columns.empty()) return {};
  columns_ = std::move(columns);
  members_ = std::move(members);
  return {};
}

// The bytes up to there are read.
void JsonReader::move_to(std::size_t at) {
  const std::string_view passed = text().substr(at_, at - at_);
  line_ += static_cast<std::uint64_t>(std::count(passed.begin(), passed.end(), '\n'));
  prefix_.add(passed);
  at_ = at;
  scanner_.move_to(at);
}

Status JsonReader::resume(const Position& from) {
  const Position start = from.offset > first_.offset ? from : first_;
  if (start.offset > array_.close) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: reading stopped at byte {}, and the array at `{}` ends at byte {}: "
                            "it is another file now",
                            options_.path, start.offset, options_.items, array_.close));
  }
  BATON_CHECK(prefix_.move_to(file_, start.offset));
  at_ = static_cast<std::size_t>(start.offset);
  scanner_.move_to(at_);
  line_ = start.line;
  record_count_ = start.record;
  return {};
}

Result<bool> JsonReader::read(RowBatch& batch, const ReadLimits& limits) {
  batch.clear();
  batch.columns = columns_.size();
  const std::size_t begin = at_;
  const std::size_t most_records = std::max<std::size_t>(limits.rows, 1);
  const std::size_t most_bytes = std::clamp<std::size_t>(limits.bytes, 1, longest_item_bytes);
  while (batch.read < most_records && at_ - begin < most_bytes && at_ < array_.close) {
    ++record_count_;
    ++batch.read;
    BATON_CHECK(read_item(batch));
  }
  batch.bytes = at_ - begin;
  batch.end = {at_, record_count_, line_, {}};
  return batch.read > 0;
}

Status JsonReader::read_item(RowBatch& batch) {
  const bool whole = scan_item();
  const std::string_view item = text().substr(at_, scanner_.at() - at_);
  if (item.size() > longest_item_bytes) {
    return fail(ErrorKind::invalid, fmt::format("{}:{}: item {} has {} bytes; expected at most {}", options_.path,
                                                line_, record_count_, item.size(), longest_item_bytes));
  }
  if (whole) add_item(batch, item);
  // The grammar was checked in open().
  if (!whole || !scanner_.skip_comma(']')) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: not the document that was opened: {}", options_.path, scanner_.fault().reason));
  }
  move_to(scanner_.at());
  return {};
}

// Sets the values of the wanted members; the last one of a name stays.
bool JsonReader::scan_item() {
  std::fill(values_.begin(), values_.end(), std::string_view());
  if (scanner_.next() != '{') return scanner_.skip_value();
  return scanner_.members([this](std::string_view token) {
    const bool plain = token.find('\\') == std::string_view::npos;
    if (!plain && !decode_json_string(token, key_)) key_.clear();
    const auto column = column_of_.find(plain ? token.substr(1, token.size() - 2) : std::string_view(key_));
    const std::size_t begin = scanner_.at();
    if (!scanner_.skip_value()) return false;
    if (column != column_of_.end()) values_[column->second] = text().substr(begin, scanner_.at() - begin);
    return true;
  });
}

void JsonReader::add_item(RowBatch& batch, std::string_view item) {
  if (item.front() != '{') return reject(batch, item, "expected an object with the columns as members");
  if (!simdjson::validate_utf8(item.data(), item.size())) {
    reject(batch, item, "invalid UTF-8: convert the file to UTF-8");
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (simdjson::validate_utf8(values_[i].data(), values_[i].size())) continue;
      batch.rejects.back().column = columns_[i];
      batch.rejects.back().value = clipped(values_[i], max_reject_value_bytes);
      break;
    }
    return;
  }
  const auto item_offset = static_cast<std::uint32_t>(batch.text.size());
  batch.text.insert(batch.text.end(), item.begin(), item.end());
  const std::size_t first_field = batch.fields.size();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::optional<Fault> fault = add_field(batch, i, item, item_offset);
    if (!fault) continue;
    batch.text.resize(item_offset);
    batch.fields.resize(first_field);
    reject(batch, item, std::string(fault->reason));
    batch.rejects.back().column = columns_[i];
    batch.rejects.back().value = clipped(values_[i], max_reject_value_bytes);
    return;
  }
  batch.rows.push_back({record_count_, line_, at_, item_offset, static_cast<std::uint32_t>(item.size())});
}

std::optional<Fault> JsonReader::add_field(RowBatch& batch, std::size_t column, std::string_view item,
                                           std::uint32_t item_offset) {
  const std::string_view value = values_[column];
  const auto as_written = [&](FieldKind kind) {
    const auto offset = value.empty() ? 0 : static_cast<std::uint32_t>(value.data() - item.data());
    batch.fields.push_back({item_offset + offset, static_cast<std::uint32_t>(value.size()), kind});
  };
  const auto appended = [&](std::size_t size, FieldKind kind) {
    batch.fields.push_back(
        {static_cast<std::uint32_t>(batch.text.size() - size), static_cast<std::uint32_t>(size), kind});
  };
  if (value.empty() || value.front() == 'n') {
    batch.fields.push_back({});
  } else if (value.front() == '{' || value.front() == '[') {
    const std::size_t before = batch.text.size();
    batch.text.resize(before + value.size() + simdjson::SIMDJSON_PADDING);
    std::size_t size = 0;
    const auto error = simdjson::minify(value.data(), value.size(), batch.text.data() + before, size);
    batch.text.resize(before + size);
    if (error != simdjson::SUCCESS) return Fault{column, simdjson::error_message(error)};
    appended(size, FieldKind::json);
  } else if (value.front() != '"') {
    as_written(value.front() == 't' || value.front() == 'f' ? FieldKind::boolean : FieldKind::number);
  } else if (value.find('\\') == std::string_view::npos) {
    as_written(FieldKind::text);
    batch.fields.back().offset += 1;
    batch.fields.back().size -= 2;
  } else {
    std::string_view decoded;
    if (parser_.parse(value.data(), value.size(), false).get(decoded) != simdjson::SUCCESS) {
      return Fault{column, "half of a surrogate pair is no character; write both halves"};
    }
    if (decoded.find('\0') != std::string_view::npos)
      return Fault{column, "holds a NUL byte, which no text column takes"};
    batch.text.insert(batch.text.end(), decoded.begin(), decoded.end());
    appended(decoded.size(), FieldKind::text);
  }
  return std::nullopt;
}

void JsonReader::reject(RowBatch& batch, std::string_view item, std::string reason) const {
  Reject refused;
  refused.record = record_count_;
  refused.line = line_;
  refused.reason = std::move(reason);
  refused.raw = clipped(item, max_reject_raw_bytes);
  batch.rejects.push_back(std::move(refused));
}

}  // namespace

std::unique_ptr<Reader> make_json_reader(JsonOptions options) {
  return std::make_unique<JsonReader>(std::move(options));
}

}  // namespace baton
