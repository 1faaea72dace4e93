// The options that the configuration gives to a part written in C++.
#pragma once

#include "baton/result.h"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>

namespace baton {

// Texts by name, as written, after ${…} was replaced. Messages name the option and never its value, which may be a
// secret. Const methods may be called by several threads.
class Options {
 public:
  Options() = default;
  explicit Options(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  // Absent where it is not given.
  std::optional<std::string> find(const std::string& name) const;
  // The text; `invalid` where it is not given.
  Result<std::string> text(const std::string& name) const;
  std::string text_or(const std::string& name, const std::string& fallback) const;
  // [+-]digits within 64 bits; `invalid` for any other text, and where it is not given.
  Result<std::int64_t> integer(const std::string& name) const;
  Result<std::int64_t> integer_or(const std::string& name, std::int64_t fallback) const;
  // A finite number; `invalid` for any other text, and where it is not given.
  Result<double> number(const std::string& name) const;
  Result<double> number_or(const std::string& name, double fallback) const;
  // `true` or `false`; `invalid` for any other text.
  Result<bool> flag_or(const std::string& name, bool fallback) const;

  // `invalid` for an option that is none of these: somebody misspelled it.
  Status only(std::initializer_list<std::string> known) const;

  const std::map<std::string, std::string>& values() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace baton
