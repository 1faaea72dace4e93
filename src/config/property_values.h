// The values of a Spring Boot application's properties, as Spring finds them: environment first, ${VAR:default}
// replaced.
#pragma once

#include "config/properties_text.h"

#include <optional>
#include <set>
#include <string>

namespace baton {

class PropertyValues {
 public:
  struct Value {
    std::string text;
    std::string name;  // the key as the file spells it, or the environment's variable that gives it
    Place place;
    TextPosition at;  // 0, 0 where the environment gives it
  };

  // What is given outlives it.
  PropertyValues(const std::vector<Property>& properties, const SourceText& source, const ConfigSources& sources,
                 Problems& problems)
      : properties_(properties), source_(source), sources_(sources), problems_(problems) {}

  // The value of a key; absent where neither the environment nor the file has it, where it is empty, and where it
  // cannot be replaced, which is reported. The environment's names are upper-case, with _ for each dot, and dashes left
  // out or _ too: SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE. In the file it may also be spelt maximumPoolSize or
  // maximum_pool_size.
  std::optional<Value> find(const std::string& key);

  // The keys of the file that find() was never asked for.
  int unused() const;

 private:
  std::optional<Value> from_environment(const std::string& key) const;
  const Property* in_file(const std::string& key) const;
  std::optional<std::string> replaced(const std::string& text, TextPosition at, int depth);
  std::optional<std::string> placeholder(const std::string& inner, TextPosition at, int depth);

  const std::vector<Property>& properties_;
  const SourceText& source_;
  const ConfigSources& sources_;
  Problems& problems_;
  std::set<std::string> asked_;  // in one spelling
};

}  // namespace baton
