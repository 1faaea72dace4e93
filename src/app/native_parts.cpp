#include "app/native_parts.h"

#include "app/guarded_parts.h"
#include "base/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace baton {
namespace {

Options options_of(const NativeConfig& native) {
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : native.options) values[*name] = *value;
  return Options(std::move(values));
}

template <class Factory>
Error unknown(const std::map<std::string, Factory>& known, const NativeConfig& native, const std::string& kind) {
  if (known.empty()) {
    return {ErrorKind::invalid,
            fmt::format("there is no native {0} \"{1}\": this program has no native {0}s, and the program `baton` has "
                        "none at all. Start the program that was built with it",
                        kind, *native.name)};
  }
  std::vector<std::string> names;
  for (const auto& [name, factory] : known) names.push_back(name);
  const std::string hint = did_you_mean(*native.name, names);
  return {ErrorKind::invalid, fmt::format("this program has no native {} \"{}\"{} {}", kind, *native.name,
                                          hint.empty() ? "; it has:" : hint + " It has:", fmt::join(names, ", "))};
}

template <class Factory>
auto make(const std::map<std::string, Factory>& known, const NativeConfig& native, const std::string& kind,
          const std::string& where) -> decltype(guarded(known.begin()->second, Options(), kind)) {
  const auto factory = known.find(*native.name);
  if (factory == known.end()) return fail(unknown(known, native, kind));
  return guarded(factory->second, options_of(native),
                 fmt::format("{}{}native {} \"{}\"", where, where.empty() ? "" : ": ", kind, *native.name));
}

template <class T>
Status status_of(const Result<T>& result) {
  return result ? Status() : fail(result.error());
}

}  // namespace

Result<std::unique_ptr<Reader>> NativeParts::reader(const NativeConfig& native, const std::string& where) const {
  return make(readers, native, "reader", where);
}

Result<std::unique_ptr<Processor>> NativeParts::processor(const NativeConfig& native, const std::string& where) const {
  return make(processors, native, "processor", where);
}

Result<std::unique_ptr<RowWriter>> NativeParts::writer(const NativeConfig& native, const std::string& where) const {
  return make(writers, native, "writer", where);
}

Result<NativeWork> NativeParts::step(const NativeConfig& native, const std::string& where) const {
  return make(steps, native, "step", where);
}

Status NativeParts::check(NativePart part, const NativeConfig& native) const {
  switch (part) {
    case NativePart::reader: return status_of(reader(native));
    case NativePart::processor: return status_of(processor(native));
    case NativePart::writer: return status_of(writer(native));
    case NativePart::step: return status_of(step(native));
  }
  return {};
}

std::string options_text(const NativeConfig& native) {
  const Options options = options_of(native);
  std::string text;
  for (const auto& [name, value] : options.values()) {
    text += fmt::format("{}:{}={}:{}|", name.size(), name, value.size(), value);
  }
  return text;
}

}  // namespace baton
