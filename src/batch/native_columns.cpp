#include "batch/native_columns.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace baton {
namespace {

// For each column that reaches the writer, the reader's column that it is.
std::vector<std::size_t> passed_from(const std::vector<std::unique_ptr<Processor>>& processors, std::size_t columns) {
  std::vector<std::size_t> from(columns);
  std::iota(from.begin(), from.end(), std::size_t{0});
  for (const auto& processor : processors) {
    std::vector<std::size_t> passed = processor->passed_columns();
    for (std::size_t& column : passed) column = column < from.size() ? from[column] : Processor::made_here;
    from = std::move(passed);
  }
  return from;
}

std::vector<std::string> forms_of(const std::vector<std::size_t>& from, const std::vector<std::string>& forms) {
  std::vector<std::string> arriving(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != Processor::made_here) arriving[i] = forms[from[i]];
  }
  return arriving;
}

}  // namespace

std::vector<std::string> arriving_forms(const std::vector<std::string>& forms,
                                        const std::vector<std::unique_ptr<Processor>>& processors) {
  return forms_of(passed_from(processors, forms.size()), forms);
}

void settle_native_columns(Reader& reader, const std::vector<std::unique_ptr<Processor>>& processors,
                           const TableWriter& writer) {
  const std::vector<std::string> forms = reader.native_forms();
  if (forms.empty()) return;
  const std::vector<std::size_t> from = passed_from(processors, forms.size());
  const std::vector<std::string> arriving = forms_of(from, forms);
  const std::vector<bool> taken = writer.takes_native(arriving);
  std::vector<bool> wanted(forms.size(), false);
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!arriving[i].empty() && taken[i]) wanted[from[i]] = true;
  }
  // One that arrives twice, once as text, is text.
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != Processor::made_here && !taken[i]) wanted[from[i]] = false;
  }
  if (std::find(wanted.begin(), wanted.end(), true) != wanted.end()) reader.deliver_native(wanted);
}

}  // namespace baton
