#include "app/answer_check.h"

#include "base/utf8.h"
#include "baton/processor.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <set>
#include <string_view>

namespace baton {

Fault names_fault(const std::vector<std::string>& names) {
  if (names.empty()) return "no columns; expected at least one";
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) return fmt::format("column {} of {} has no name; expected one", i + 1, names.size());
    if (const std::string shown = visible(names[i]); shown != names[i]) {
      return fmt::format("the name of column {}, `{}`; expected UTF-8 without control characters", i + 1, shown);
    }
    if (!seen.insert(names[i]).second) {
      return fmt::format("two columns have the name `{}`; expected each name once", names[i]);
    }
  }
  return std::nullopt;
}

Fault forms_fault(const std::vector<std::string>& forms, std::size_t columns) {
  if (forms.empty() || forms.size() == columns) return std::nullopt;
  return fmt::format("native_forms() returned {} forms for {} columns; expected one for each, or none at all",
                     forms.size(), columns);
}

Fault passed_fault(const std::vector<std::size_t>& passed, std::size_t arriving, std::size_t leaving) {
  if (passed.empty()) return std::nullopt;
  if (passed.size() != leaving) {
    return fmt::format("passed_columns() returned {} numbers for {} columns; expected one for each, or none at all",
                       passed.size(), leaving);
  }
  for (const std::size_t column : passed) {
    if (column < arriving || column == Processor::made_here) continue;
    return fmt::format(
        "passed_columns() names column {} of the {} that arrive; expected a number below {}, or "
        "made_here",
        column, arriving, arriving);
  }
  return std::nullopt;
}

Fault identity_fault(const InputIdentity& identity) {
  for (const std::string_view text : {std::string_view(identity.path), std::string_view(identity.prefix_hash)}) {
    if (simdjson::validate_utf8(text.data(), text.size())) continue;
    return fmt::format(
        "the input's identity holds \"{}\"; expected UTF-8, since a restart compares it with what is "
        "stored",
        visible(text));
  }
  return std::nullopt;
}

Fault step_end_fault(StepEnd end, bool asked) {
  if (end == StepEnd::completed || (end == StepEnd::stopped && asked)) return std::nullopt;
  if (end != StepEnd::stopped) return fmt::format("it returned {}; expected one of StepEnd", static_cast<int>(end));
  return "it returned `stopped`, and nobody had asked it to stop, so that it would begin again at once; expected "
         "`completed`, an error, or `stopped` after a request of `stop`";
}

}  // namespace baton
