#include "postgres/array_binary.h"

#include "postgres/array_text.h"
#include "postgres/copy_binary.h"

#include <algorithm>

namespace baton {
namespace {

// [1:2]={…} is PostgreSQL's, [1, 2] is JSON's.
bool looks_like_json(std::string_view text) {
  return !text.empty() && text.front() == '[' && text.find('=') == std::string_view::npos;
}

bool read_array(const PgEncoder& encoder, FieldKind kind, std::string_view text, ArrayParts& parts) {
  const PgCodec element = encoder.element->codec;
  const bool elements_are_json = element == PgCodec::json || element == PgCodec::jsonb;
  if (kind == FieldKind::json) return read_json_array(text, elements_are_json, parts);
  return read_array_text(text, parts) || (looks_like_json(text) && read_json_array(text, elements_are_json, parts));
}

void append_quoted(std::string_view element, std::string& text) {
  text += '"';
  for (const char c : element) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
}

void append_level(const ArrayParts& parts, std::size_t level, std::size_t& next, std::string& text) {
  text += '{';
  for (std::int32_t i = 0; i < parts.dimensions[level].size; ++i) {
    if (i > 0) text += ',';
    if (level + 1 < parts.dimensions.size()) {
      append_level(parts, level + 1, next, text);
      continue;
    }
    const ArrayElement& element = parts.elements[next++];
    if (element.kind == FieldKind::null) {
      text += "NULL";
    } else {
      append_quoted(element.text, text);
    }
  }
  text += '}';
}

}  // namespace

ValueRefusal encode_array(const PgEncoder& encoder, FieldKind kind, std::string_view text, CopyBuffer& out) {
  thread_local ArrayParts parts;  // keeps its memory from value to value
  if (!read_array(encoder, kind, text, parts)) {
    return kind == FieldKind::json ? ValueRefusal::structure : ValueRefusal::syntax;
  }
  const std::size_t start = out.size();
  const bool has_null = std::any_of(parts.elements.begin(), parts.elements.end(),
                                    [](const ArrayElement& element) { return element.kind == FieldKind::null; });
  out.reserve(64 + 8 * parts.dimensions.size());
  out.put32(0);
  out.put32(static_cast<std::uint32_t>(parts.dimensions.size()));
  out.put32(has_null ? 1 : 0);
  out.put32(encoder.element_type);
  for (const ArrayDimension& dimension : parts.dimensions) {
    out.put32(static_cast<std::uint32_t>(dimension.size));
    out.put32(static_cast<std::uint32_t>(dimension.lower));
  }
  for (const ArrayElement& element : parts.elements) {
    if (element.kind == FieldKind::null) {
      out.reserve(4);
      out.put_null();
      continue;
    }
    const ValueRefusal refusal = encode_value(*encoder.element, element.kind, element.text, out);
    if (refusal != ValueRefusal::none) return refusal;
  }
  out.set32(start, static_cast<std::uint32_t>(out.size() - start - 4));
  return ValueRefusal::none;
}

std::string array_as_text(const PgEncoder& encoder, FieldKind kind, std::string_view text) {
  ArrayParts parts;
  if (!read_array(encoder, kind, text, parts)) return {};
  if (parts.dimensions.empty()) return "{}";
  std::string written;
  for (const ArrayDimension& dimension : parts.dimensions) {
    written += "[" + std::to_string(dimension.lower) + ":" + std::to_string(dimension.lower + dimension.size - 1) + "]";
  }
  written += '=';
  std::size_t next = 0;
  append_level(parts, 0, next, written);
  return written;
}

}  // namespace baton
