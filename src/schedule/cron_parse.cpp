#include "schedule/cron.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace baton {
namespace {

using Texts = std::vector<std::string_view>;

// What one of the six fields is, for reading and for messages.
struct FieldKind {
  const char* name;
  unsigned min;
  unsigned max;
  std::vector<std::string_view> names;  // of the numbers from 1 on
  const char* further;                  // for messages: what else may stand there
};

const std::array<FieldKind, 6>& field_kinds() {
  static const std::array<FieldKind, 6> kinds{{
      {"second", 0, 59, {}, ""},
      {"minute", 0, 59, {}, ""},
      {"hour", 0, 23, {}, ""},
      {"day of month", 1, 31, {}, "; or ?, L, L-3, LW, 15W"},
      {"month",
       1,
       12,
       {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"},
       "; or names from JAN to DEC"},
      {"day of week",
       0,
       7,
       {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"},
       "; or names from MON to SUN, ?, FRI#2, FRIL"},
  }};
  return kinds;
}

constexpr unsigned sunday = 7;

Texts split(std::string_view text, char separator) {
  Texts parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

std::string normalized(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      words += c;
    } else if (!words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
  if (words.ends_with(' ')) words.pop_back();
  return words;
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

NumberSet range_of(unsigned min, unsigned max, unsigned step = 1) {
  NumberSet set = 0;
  for (unsigned number = min; number <= max; number += step) set |= NumberSet{1} << number;
  return set;
}

// Reads one field, in upper case.
class FieldReader {
 public:
  FieldReader(const FieldKind& kind, std::string_view text) : kind_(kind), text_(text) {}

  Result<NumberSet> numbers() const {
    NumberSet set = 0;
    for (const std::string_view item : split(text_, ',')) {
      BATON_TRY(const NumberSet more, item_numbers(item));
      set |= more;
    }
    return set;
  }

  // `*`, `7`, `1-5`, `*/2`, `3/2`, `1-5/2`
  Result<NumberSet> item_numbers(std::string_view item) const {
    const std::size_t slash = item.find('/');
    const std::string_view range = item.substr(0, slash);
    const std::size_t hyphen = range.find('-');
    const bool is_step = slash != std::string_view::npos;
    unsigned step = 1;
    if (is_step) {
      const auto given = digits(item.substr(slash + 1));
      if (!given) return wrong(item);
      if (*given == 0) return wrong(item, "a step is at least 1");
      step = *given;
    }
    // The day of week 0 is Sunday too, but `*` counts from Monday.
    if (range == "*") return set_of(is_weekday() ? 1 : kind_.min, kind_.max, step);
    auto min = number(range.substr(0, hyphen));
    const auto max = hyphen == std::string_view::npos ? min : number(range.substr(hyphen + 1));
    if (!min || !max) return wrong(item);
    if (hyphen == std::string_view::npos) return set_of(*min, is_step ? kind_.max : *min, step);
    if (is_weekday() && *min == sunday && *max != sunday) min = 0;
    if (*min > *max) return wrong(item, fmt::format("the range {} runs backwards", range));
    return set_of(*min, *max, step);
  }

  // A number or a name of the field.
  std::optional<unsigned> number(std::string_view text) const {
    const auto name = std::find(kind_.names.begin(), kind_.names.end(), text);
    if (name != kind_.names.end()) return static_cast<unsigned>(name - kind_.names.begin()) + 1;
    const auto value = digits(text);
    return value && *value >= kind_.min && *value <= kind_.max ? value : std::nullopt;
  }

  static std::optional<unsigned> digits(std::string_view text) {
    constexpr std::size_t most_digits = 4;
    unsigned value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end || text.size() > most_digits) return std::nullopt;
    return value;
  }

  tl::unexpected<Error> wrong(std::string_view item, const std::string& reason = "") const {
    const std::string found = item == text_ ? fmt::format("`{}`", text_) : fmt::format("`{}` in `{}`", item, text_);
    return fail(
        ErrorKind::invalid,
        fmt::format("the {} is {}{}: expected *, or values from {} to {} such as {}, {}-{}, {},{} or {}/2{}",
                    kind_.name, found, reason.empty() ? "" : " (" + reason + ")", kind_.min, kind_.max, kind_.max,
                    kind_.min + 1, kind_.max - 1, kind_.min + 1, kind_.max, kind_.min + 1, kind_.further));
  }

  std::string_view text() const { return text_; }

 private:
  bool is_weekday() const { return kind_.min == 0 && kind_.max == sunday; }

  NumberSet set_of(unsigned min, unsigned max, unsigned step) const {
    NumberSet set = range_of(min, max, step);
    if (is_weekday() && (set & 1) != 0) set = (set & ~NumberSet{1}) | NumberSet{1} << sunday;
    return set;
  }

  const FieldKind& kind_;
  std::string_view text_;
};

// `L`, `L-3`, `LW`, `15W`
Status read_special_day(const FieldReader& field, std::string_view item, CronFields& fields) {
  if (item == "LW") {
    fields.last_weekday_of_month = true;
  } else if (item == "L") {
    fields.days_before_last |= 1;
  } else if (item.starts_with("L-")) {
    const auto days = field.number(item.substr(2));
    if (!days) return field.wrong(item);
    fields.days_before_last |= NumberSet{1} << *days;
  } else {
    const auto day = item.ends_with('W') ? field.number(item.substr(0, item.size() - 1)) : std::nullopt;
    if (!day) return field.wrong(item);
    fields.nearest_weekdays |= NumberSet{1} << *day;
  }
  return {};
}

Status read_days(const FieldReader& field, CronFields& fields) {
  if (field.text() == "?") {
    fields.days = range_of(1, 31);
    return {};
  }
  for (const std::string_view item : split(field.text(), ',')) {
    if (item.find_first_of("LW") != std::string_view::npos) {
      BATON_CHECK(read_special_day(field, item, fields));
    } else {
      BATON_TRY(const NumberSet days, field.item_numbers(item));
      fields.days |= days;
    }
  }
  return {};
}

// `FRIL`, `FRI#2`
Status read_special_weekday(const FieldReader& field, std::string_view item, CronFields& fields) {
  const bool is_last = item.ends_with('L');
  const std::size_t end = is_last ? item.size() - 1 : item.find('#');
  const auto named = field.number(item.substr(0, end));
  const auto ordinal = is_last ? 1U : FieldReader::digits(item.substr(end + 1)).value_or(0);
  if (!named) return field.wrong(item);
  if (ordinal < 1 || ordinal > 5) return field.wrong(item, "after # stands 1 to 5");
  const NumberSet weekday = NumberSet{1} << (*named == 0 ? sunday : *named);
  (is_last ? fields.last_weekdays : fields.nth_weekdays[ordinal]) |= weekday;
  return {};
}

Status read_weekdays(const FieldReader& field, CronFields& fields) {
  if (field.text() == "?") {
    fields.weekdays = range_of(1, sunday);
    return {};
  }
  for (const std::string_view item : split(field.text(), ',')) {
    if (item.find('#') != std::string_view::npos || item.ends_with('L')) {
      BATON_CHECK(read_special_weekday(field, item, fields));
    } else {
      BATON_TRY(const NumberSet weekdays, field.item_numbers(item));
      fields.weekdays |= weekdays;
    }
  }
  return {};
}

Result<CronFields> read_fields(const Texts& texts) {
  const auto& kinds = field_kinds();
  CronFields fields;
  BATON_TRY(fields.seconds, FieldReader(kinds[0], texts[0]).numbers());
  BATON_TRY(fields.minutes, FieldReader(kinds[1], texts[1]).numbers());
  BATON_TRY(fields.hours, FieldReader(kinds[2], texts[2]).numbers());
  fields.every_real_hour = texts[2].find_first_of("*/") != std::string_view::npos;
  BATON_CHECK(read_days(FieldReader(kinds[3], texts[3]), fields));
  BATON_TRY(fields.months, FieldReader(kinds[4], texts[4]).numbers());
  BATON_CHECK(read_weekdays(FieldReader(kinds[5], texts[5]), fields));
  return fields;
}

// The six fields that a macro stands for.
Result<std::string> without_macro(const std::string& expression) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> macros{{
      {"@YEARLY", "0 0 0 1 1 *"},
      {"@ANNUALLY", "0 0 0 1 1 *"},
      {"@MONTHLY", "0 0 0 1 * *"},
      {"@WEEKLY", "0 0 0 * * 0"},
      {"@DAILY", "0 0 0 * * *"},
      {"@MIDNIGHT", "0 0 0 * * *"},
      {"@HOURLY", "0 0 * * * *"},
  }};
  if (!expression.starts_with('@')) return expression;
  for (const auto& [macro, meaning] : macros) {
    if (expression == macro) return std::string(meaning);
  }
  return fail(ErrorKind::invalid,
              "there is no such macro: expected @yearly, @annually, @monthly, @weekly, @daily, @midnight or @hourly");
}

Result<CronFields> read_expression(const std::string& text) {
  BATON_TRY(const std::string expression, without_macro(upper_case(text)));
  const Texts texts = expression.empty() ? Texts{} : split(expression, ' ');
  if (texts.size() != 6) {
    const char* hint = texts.size() == 5 ? "; put a 0 for the second in front of a cron expression of five" : "";
    return fail(ErrorKind::invalid,
                fmt::format("it has {} field{}: expected six, second, minute, hour, day of month, month and day of "
                            "week, with spaces between them{}",
                            texts.size(), texts.size() == 1 ? "" : "s", hint));
  }
  BATON_TRY(const CronFields fields, read_fields(texts));
  // The calendar repeats itself after 400 years.
  constexpr int whole_cycle_years = 400;
  if (!next_match(fields, std::chrono::local_days(std::chrono::year(2000) / 1 / 1), whole_cycle_years)) {
    return fail(ErrorKind::invalid, "it never fires: its day of month, month and day of week never come together");
  }
  return fields;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  std::string expression = normalized(text);
  const auto fields = read_expression(expression);
  if (!fields) {
    return fail(ErrorKind::invalid, fmt::format("the cron expression `{}`: {}", expression, fields.error().message));
  }
  return Cron(std::move(expression), *fields);
}

}  // namespace baton
