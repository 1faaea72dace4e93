#include "batch/job_parameters.h"

#include "batch/md5.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

namespace baton {
namespace {

constexpr std::array<std::string_view, 10> known_classes{
    "java.lang.String",        "java.lang.Long",       "java.lang.Integer",   "java.lang.Double",
    "java.lang.Boolean",       "java.math.BigDecimal", "java.time.LocalDate", "java.time.LocalTime",
    "java.time.LocalDateTime", "java.util.Date"};

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T number{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || text.empty()) return std::nullopt;
  return number;
}

// Java's Double.toString: plain between 10^-3 and 10^7, else d.dddE±n, always with a digit after the point.
std::string java_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  std::array<char, 64> buffer{};
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  const std::string_view shortest(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t e = shortest.find('e');
  const bool negative = shortest.front() == '-';
  std::string digits;
  for (const char c : shortest.substr(0, e)) {
    if (c != '.' && c != '-') digits += c;
  }
  std::string_view exponent_text = shortest.substr(e + 1);
  if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
  const int exponent = whole_number<int>(exponent_text).value_or(0);
  std::string text;
  if (exponent >= 0 && exponent < 7) {
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() < whole + 1) digits.append(whole + 1 - digits.size(), '0');
    text = digits.substr(0, whole) + "." + digits.substr(whole);
  } else if (exponent < 0 && exponent >= -3) {
    text = "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  } else {
    if (digits.size() == 1) digits += '0';
    text = fmt::format("{}.{}E{}", digits.substr(0, 1), digits.substr(1), exponent);
  }
  return negative ? "-" + text : text;
}

bool two_digits(std::string_view text, std::size_t at, int low, int high) {
  if (at + 2 > text.size()) return false;
  const auto number = whole_number<int>(text.substr(at, 2));
  return number && *number >= low && *number <= high && text[at] != '-';
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = whole_number<int>(text.substr(0, 4));
  if (!year || *year < 0 || !two_digits(text, 5, 1, 12) || !two_digits(text, 8, 1, 31)) return false;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(*whole_number<unsigned>(text.substr(5, 2))),
                                         std::chrono::day(*whole_number<unsigned>(text.substr(8, 2)))};
  return date.ok();
}

// HH:mm[:ss[.fraction]] → HH:mm:ss[.fraction without trailing zeros]
std::optional<std::string> iso_time(std::string_view text) {
  if (!two_digits(text, 0, 0, 23) || text.size() < 5 || text[2] != ':' || !two_digits(text, 3, 0, 59))
    return std::nullopt;
  if (text.size() == 5) return std::string(text) + ":00";
  if (text[5] != ':' || !two_digits(text, 6, 0, 59)) return std::nullopt;
  std::string time(text.substr(0, 8));
  if (text.size() == 8) return time;
  std::string_view fraction = text.substr(9);
  if (text[8] != '.' || fraction.empty() || fraction.size() > 9) return std::nullopt;
  if (!std::all_of(fraction.begin(), fraction.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  return fraction.empty() ? time : time + "." + std::string(fraction);
}

std::optional<std::string> iso_date_time(std::string_view text) {
  if (text.size() < 16 || text[10] != 'T' || !is_date(text.substr(0, 10))) return std::nullopt;
  const auto time = iso_time(text.substr(11));
  if (!time) return std::nullopt;
  return std::string(text.substr(0, 11)) + *time;
}

// LocalTime.toString: no seconds where they are zero, fractions in groups of 3, 6 or 9 digits.
std::string java_time(std::string_view stored) {
  if (stored.size() == 8) return std::string(stored.substr(6) == "00" ? stored.substr(0, 5) : stored);
  std::string text(stored);
  while ((text.size() - 9) % 3 != 0) text += '0';
  return text;
}

// The value as Java's toString prints it, which is what the key is made of.
std::string java_to_string(const JobParameter& parameter) {
  if (parameter.type == "java.time.LocalTime") return java_time(parameter.value);
  if (parameter.type == "java.time.LocalDateTime") {
    return parameter.value.substr(0, 11) + java_time(std::string_view(parameter.value).substr(11));
  }
  return parameter.value;
}

bool is_decimal(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return !text.empty() && rest == end && error == std::errc{} && std::isfinite(number);
}

}  // namespace

Result<std::string> java_class(std::string_view type) {
  for (const std::string_view known : known_classes) {
    if (type == known || type == known.substr(known.rfind('.') + 1)) return std::string(known);
  }
  return fail(
      ErrorKind::invalid,
      fmt::format("'{}' is no type of a job parameter: expected String, Long, Integer, Double, Boolean, BigDecimal, "
                  "LocalDate, LocalTime, LocalDateTime or Date",
                  type));
}

Result<std::string> stored_value(std::string_view type, std::string_view value) {
  const auto refused = [&](std::string_view expected) {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is no {}: expected {}", value, type.substr(type.rfind('.') + 1), expected));
  };
  if (type == "java.lang.Long") {
    const auto number = whole_number<std::int64_t>(value);
    return number ? Result<std::string>(std::to_string(*number)) : refused("a whole number of 64 bits");
  }
  if (type == "java.lang.Integer") {
    const auto number = whole_number<std::int32_t>(value);
    return number ? Result<std::string>(std::to_string(*number)) : refused("a whole number of 32 bits");
  }
  if (type == "java.lang.Double") {
    double number = 0;
    const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || error != std::errc{} || rest != value.data() + value.size())
      return refused("a number such as 1.5");
    return java_double(number);
  }
  if (type == "java.lang.Boolean") {
    if (value != "true" && value != "false") return refused("true or false");
    return std::string(value);
  }
  if (type == "java.math.BigDecimal")
    return is_decimal(value) ? Result<std::string>(std::string(value)) : refused("a decimal number");
  if (type == "java.time.LocalDate")
    return is_date(value) ? Result<std::string>(std::string(value)) : refused("a date such as 2024-01-15");
  if (type == "java.time.LocalTime") {
    const auto time = iso_time(value);
    return time ? Result<std::string>(*time) : refused("a time such as 10:15:00");
  }
  if (type == "java.time.LocalDateTime") {
    const auto time = iso_date_time(value);
    return time ? Result<std::string>(*time) : refused("a date and time such as 2024-01-15T10:15:00");
  }
  if (type == "java.util.Date") {
    const bool utc = !value.empty() && value.back() == 'Z' && iso_date_time(value.substr(0, value.size() - 1));
    return utc ? Result<std::string>(std::string(value)) : refused("an instant such as 2024-01-15T10:15:00Z");
  }
  return std::string(value);
}

Result<JobParameter> parse_job_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is no job parameter: expected name=value[,type[,identifying]]", text));
  }
  JobParameter parameter;
  parameter.name = text.substr(0, equals);
  std::string_view rest = text.substr(equals + 1);
  const std::size_t comma = rest.find(',');
  std::string_view value = rest.substr(0, comma);
  if (comma != std::string_view::npos) {
    std::string_view type = rest.substr(comma + 1);
    const std::size_t second = type.find(',');
    if (second != std::string_view::npos) {
      const std::string_view identifying = type.substr(second + 1);
      if (identifying != "true" && identifying != "false") {
        return fail(ErrorKind::invalid,
                    fmt::format("'{}': expected true or false after the type, found '{}'", text, identifying));
      }
      parameter.identifying = identifying == "true";
      type = type.substr(0, second);
    }
    BATON_TRY(parameter.type, java_class(type));
  }
  BATON_TRY(parameter.value, stored_value(parameter.type, value));
  if (parameter.type == "java.util.Date" && parameter.identifying) {
    return fail(ErrorKind::invalid,
                fmt::format("'{}': a Date's key depends on the zone of the program that reads it; use "
                            "LocalDateTime, or say ,Date,false",
                            text));
  }
  return parameter;
}

std::string job_key(const JobParameters& parameters, JobKeyFormat format) {
  std::vector<const JobParameter*> identifying;
  for (const JobParameter& parameter : parameters) {
    if (parameter.identifying) identifying.push_back(&parameter);
  }
  std::sort(identifying.begin(), identifying.end(),
            [](const JobParameter* a, const JobParameter* b) { return a->name < b->name; });
  std::string text;
  for (const JobParameter* parameter : identifying) {
    const std::string value = java_to_string(*parameter);
    text +=
        format == JobKeyFormat::spring_batch_5
            ? fmt::format("{}={{value={}, type=class {}, identifying=true}};", parameter->name, value, parameter->type)
            : fmt::format("JobParameter{{name='{}', value={}, type=class {}, identifying=true}}", parameter->name,
                          value, parameter->type);
  }
  return md5_hex(text);
}

}  // namespace baton
