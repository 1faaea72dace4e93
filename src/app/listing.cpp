#include "app/listing.h"

#include "app/text_width.h"

#include <fmt/format.h>
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using nlohmann::ordered_json;

std::string shown(const Value& value, std::size_t limit) {
  if (const auto* text = std::get_if<std::string>(&value)) return cut_to_width(*text, limit);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.2f}", *number);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "yes" : "no";
  return "-";
}

bool is_number(const Value& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

ordered_json json_rows(const Listing& listing) {
  ordered_json rows = ordered_json::array();
  for (const auto& row : listing.rows) {
    ordered_json object;
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::visit(
          [&]<class T>(const T& value) {
            if constexpr (std::is_same_v<T, std::monostate>) {
              object[listing.headings[column]] = nullptr;
            } else {
              object[listing.headings[column]] = value;
            }
          },
          row[column]);
    }
    rows.push_back(std::move(object));
  }
  return rows;
}

}  // namespace

std::string as_text(const Listing& listing, std::size_t max_cell) {
  constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
  const auto limit = [&](std::size_t column) { return column + 1 == listing.headings.size() ? no_limit : max_cell; };
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < listing.headings.size(); ++column) {
    std::size_t width = text_width(listing.headings[column]);
    for (const auto& row : listing.rows) width = std::max(width, text_width(shown(row[column], limit(column))));
    widths.push_back(width);
  }
  std::string text;
  const auto finish_line = [&text] {
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  };
  for (std::size_t column = 0; column < listing.headings.size(); ++column) {
    text += listing.headings[column] + padding(widths[column], listing.headings[column]) + "  ";
  }
  finish_line();
  for (const auto& row : listing.rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string value = shown(row[column], limit(column));
      const std::string pad = padding(widths[column], value);
      text += (is_number(row[column]) ? pad + value : value + pad) + "  ";
    }
    finish_line();
  }
  return text;
}

std::string as_json(const Listing& listing) {
  return json_rows(listing).dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string as_json_line(const Listing& listing) {
  return json_rows(listing).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace baton
