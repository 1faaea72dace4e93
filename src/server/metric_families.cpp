#include "server/metric_families.h"

#include <fmt/format.h>
#include <cmath>
#include <iterator>

namespace baton {
namespace {

// Whole numbers up to here are written as such: a double holds each of them.
constexpr double largest_whole = 9'007'199'254'740'992;

void add_escaped(std::string_view text, std::string& to) {
  for (const char c : text) {
    switch (c) {
      case '\\': to += "\\\\"; break;
      case '"': to += "\\\""; break;
      case '\n': to += "\\n"; break;
      default: to += c;
    }
  }
}

void add_number(double value, std::string& to) {
  if (std::isnan(value)) {
    to += "NaN";
  } else if (std::isinf(value)) {
    to += value > 0 ? "+Inf" : "-Inf";
  } else if (std::trunc(value) == value && std::abs(value) <= largest_whole) {
    const fmt::format_int digits(static_cast<std::int64_t>(value));
    to.append(digits.data(), digits.size());
  } else {
    fmt::format_to(std::back_inserter(to), "{}", value);
  }
}

}  // namespace

void MetricFamilies::gauge(std::string_view name, std::string_view help, double value, const MetricLabels& labels) {
  begin(name, help, "gauge");
  add(name, "", labels, value);
}

void MetricFamilies::counter(std::string_view name, std::string_view help, std::uint64_t value) {
  begin(name, help, "counter");
  add(name, "", {}, static_cast<double>(value));
}

// REQUIRES: neither a backslash nor a line end in `help`.
void MetricFamilies::begin(std::string_view name, std::string_view help, std::string_view type) {
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void MetricFamilies::add(std::string_view name, std::string_view suffix, const MetricLabels& labels, double value) {
  text_.append(name).append(suffix);
  char before = '{';
  for (const MetricLabel& label : labels) {
    text_ += before;
    text_.append(label.name).append("=\"");
    add_escaped(label.value, text_);
    text_ += '"';
    before = ',';
  }
  text_ += labels.empty() ? " " : "} ";
  add_number(value, text_);
  text_ += '\n';
}

}  // namespace baton
