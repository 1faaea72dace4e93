#include "postgres/copy_text.h"

#include <cstring>
#include <string>

namespace baton {
namespace {

constexpr std::uint32_t bool_oid = 16;

char unescaped(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return c;
  }
}

// A field that does not stand in the line as it is goes behind it.
Field appended(RowBatch& batch, std::string_view text, FieldKind kind) {
  const Field field{static_cast<std::uint32_t>(batch.text.size()), static_cast<std::uint32_t>(text.size()), kind};
  batch.text.insert(batch.text.end(), text.begin(), text.end());
  return field;
}

Field without_escapes(RowBatch& batch, std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size();
    plain += escape ? unescaped(text[++i]) : text[i];
  }
  return appended(batch, plain, FieldKind::text);
}

}  // namespace

bool add_copy_row(std::string_view line, const std::vector<std::uint32_t>& types, RowBatch& batch,
                  std::string_view* extra) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  const auto begin = static_cast<std::uint32_t>(batch.text.size());
  batch.text.insert(batch.text.end(), line.begin(), line.end());
  const bool escapes = std::memchr(line.data(), '\\', line.size()) != nullptr;
  const std::size_t fields = types.size() + (extra != nullptr ? 1 : 0);
  const std::size_t fields_before = batch.fields.size();
  std::size_t at = 0, column = 0;
  while (true) {
    const std::size_t end = std::min(line.find('\t', at), line.size());
    const std::string_view text = line.substr(at, end - at);
    if (column == types.size() && extra != nullptr) {
      *extra = text;
    } else if (column < types.size()) {
      if (escapes && text == "\\N") {
        batch.fields.push_back({begin + static_cast<std::uint32_t>(at), 0, FieldKind::null});
      } else if (types[column] == bool_oid) {
        batch.fields.push_back(appended(batch, text == "t" ? "true" : "false", FieldKind::boolean));
      } else if (escapes && text.find('\\') != text.npos) {
        batch.fields.push_back(without_escapes(batch, text));
      } else {
        batch.fields.push_back(
            {begin + static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(text.size()), FieldKind::text});
      }
    }
    ++column;
    if (end == line.size()) break;
    at = end + 1;
  }
  if (column != fields && !(types.empty() && line.empty())) {
    batch.fields.resize(fields_before);
    return false;
  }
  RowPlace place;
  place.raw_offset = begin;
  place.raw_size = static_cast<std::uint32_t>(line.size());
  batch.rows.push_back(place);
  return true;
}

}  // namespace baton
