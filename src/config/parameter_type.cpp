#include "config/parameter_type.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace baton {
namespace {

// Reads an ISO date or time from the front of a text.
class IsoScanner {
 public:
  explicit IsoScanner(std::string_view text) : rest_(text) {}

  bool date() {
    const auto year = digits(4);
    const auto month = separated('-');
    const auto day = separated('-');
    if (!year || !month || !day) return false;
    return std::chrono::year_month_day(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                       std::chrono::day(static_cast<unsigned>(*day)))
        .ok();
  }

  // HH:MM, seconds and a fraction of up to nine digits may follow.
  bool time() {
    const auto hour = digits(2);
    const auto minute = separated(':');
    if (!hour || !minute || *hour > 23 || *minute > 59) return false;
    if (!rest_.starts_with(':')) return true;
    const auto second = separated(':');
    if (!second || *second > 59) return false;
    if (!literal('.')) return true;
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') ++count;
    rest_.remove_prefix(count);
    return count >= 1 && count <= 9;
  }

  bool literal(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool done() const { return rest_.empty(); }

 private:
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  std::optional<int> separated(char separator) { return literal(separator) ? digits(2) : std::nullopt; }

  std::string_view rest_;
};

template <class Number>
bool is_number(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && rest == end && !text.empty();
}

bool is_double(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && rest == end && std::isfinite(value);
}

// Digits with at most one point, and an exponent that fits into 32 bits.
bool is_decimal(const std::string& text) {
  std::string_view rest = text;
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  const std::size_t exponent = rest.find_first_of("eE");
  const std::string_view mantissa = rest.substr(0, exponent);
  const bool mantissa_is_good = mantissa.find_first_not_of("0123456789.") == mantissa.npos &&
                                mantissa.find_first_of("0123456789") != mantissa.npos &&
                                mantissa.find('.') == mantissa.rfind('.');
  if (exponent == rest.npos) return mantissa_is_good;
  std::string_view power = rest.substr(exponent + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  return mantissa_is_good && is_number<std::int32_t>(std::string(power));
}

struct Type {
  std::string_view name;
  std::string_view package;
  std::string_view example;
  bool (*accepts)(const std::string&);
};

const std::array<Type, 10> types{{
    {"String", "java.lang.", "text", [](const std::string&) { return true; }},
    {"Long", "java.lang.", "42", is_number<std::int64_t>},
    {"Integer", "java.lang.", "42", is_number<std::int32_t>},
    {"Double", "java.lang.", "1.5", is_double},
    {"Boolean", "java.lang.", "true", [](const std::string& v) { return v == "true" || v == "false"; }},
    {"BigDecimal", "java.math.", "1.50", is_decimal},
    {"LocalDate", "java.time.", "2024-01-15",
     [](const std::string& v) {
       IsoScanner scan(v);
       return scan.date() && scan.done();
     }},
    {"LocalTime", "java.time.", "10:15:00",
     [](const std::string& v) {
       IsoScanner scan(v);
       return scan.time() && scan.done();
     }},
    {"LocalDateTime", "java.time.", "2024-01-15T10:15:00",
     [](const std::string& v) {
       IsoScanner scan(v);
       return scan.date() && scan.literal('T') && scan.time() && scan.done();
     }},
    {"Date", "java.util.", "2024-01-15T10:15:00Z",
     [](const std::string& v) {
       IsoScanner scan(v);
       return scan.date() && scan.literal('T') && scan.time() && scan.literal('Z') && scan.done();
     }},
}};

const Type* find(std::string_view name) {
  for (const Type& type : types) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace

const std::vector<std::string>& parameter_type_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Type& type : types) all.emplace_back(type.name);
    for (const Type& type : types) all.push_back(std::string(type.package) + std::string(type.name));
    return all;
  }();
  return names;
}

std::string short_type_name(const std::string& name) { return name.substr(name.rfind('.') + 1); }

bool is_parameter_value(const std::string& type, const std::string& value) {
  const Type* known = find(type);
  return known != nullptr && known->accepts(value);
}

std::string example_value(const std::string& type) {
  const Type* known = find(type);
  return known == nullptr ? "" : std::string(known->example);
}

}  // namespace baton
