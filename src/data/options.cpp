#include "baton/options.h"

#include "base/suggestion.h"
#include "data/value_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <vector>

namespace baton {
namespace {

tl::unexpected<Error> refuse(const std::string& name, const std::string& expected) {
  return fail(ErrorKind::invalid, fmt::format("the option `{}` is wrong: expected {}", name, expected));
}

tl::unexpected<Error> missing(const std::string& name) {
  return fail(ErrorKind::invalid, fmt::format("the option `{}` is missing", name));
}

}  // namespace

std::optional<std::string> Options::find(const std::string& name) const {
  const auto known = values_.find(name);
  return known == values_.end() ? std::nullopt : std::optional(known->second);
}

Result<std::string> Options::text(const std::string& name) const {
  std::optional<std::string> value = find(name);
  if (!value) return missing(name);
  return *std::move(value);
}

std::string Options::text_or(const std::string& name, const std::string& fallback) const {
  return find(name).value_or(fallback);
}

Result<std::int64_t> Options::integer(const std::string& name) const {
  BATON_TRY(const std::string written, text(name));
  const auto value = parse_integer(written);
  if (!value) return refuse(name, "a whole number");
  return *value;
}

Result<std::int64_t> Options::integer_or(const std::string& name, std::int64_t fallback) const {
  return values_.contains(name) ? integer(name) : fallback;
}

Result<double> Options::number(const std::string& name) const {
  BATON_TRY(const std::string written, text(name));
  const auto value = parse_double(written);
  if (!value) return refuse(name, "a number");
  return *value;
}

Result<double> Options::number_or(const std::string& name, double fallback) const {
  return values_.contains(name) ? number(name) : fallback;
}

Result<bool> Options::flag_or(const std::string& name, bool fallback) const {
  const auto written = find(name);
  if (!written) return fallback;
  if (*written == "true") return true;
  if (*written == "false") return false;
  return refuse(name, "true or false");
}

Status Options::only(std::initializer_list<std::string> known) const {
  for (const auto& [name, value] : values_) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::vector<std::string> names(known);
    if (names.empty()) return fail(ErrorKind::invalid, fmt::format("unknown option `{}`: it takes none", name));
    const std::string hint = did_you_mean(name, names);
    return fail(ErrorKind::invalid,
                fmt::format("unknown option `{}`{} {}", name,
                            hint.empty() ? ": expected one of" : hint + " Expected one of", fmt::join(names, ", ")));
  }
  return {};
}

}  // namespace baton
