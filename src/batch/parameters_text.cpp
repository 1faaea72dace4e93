#include "batch/parameters_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace baton {

std::string parameters_text(const JobParameters& parameters) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const JobParameter& parameter : parameters) {
    all.push_back({{"name", parameter.name},
                   {"type", parameter.type},
                   {"value", parameter.value},
                   {"identifying", parameter.identifying}});
  }
  return all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<JobParameters> parameters_from(const std::string& job, const std::string& text) {
  JobParameters parameters;
  const auto all = nlohmann::json::parse(text, nullptr, false);
  bool sound = all.is_array();
  for (const auto& one : sound ? all : nlohmann::json::array()) {
    const auto text_of_member = [&](const char* member) {
      const bool there = one.is_object() && one.contains(member) && one[member].is_string();
      sound = sound && there;
      return there ? one[member].get<std::string>() : std::string();
    };
    JobParameter parameter{text_of_member("name"), text_of_member("type"), text_of_member("value"), true};
    if (one.is_object() && one.contains("identifying")) parameter.identifying = one["identifying"] != false;
    parameters.push_back(std::move(parameter));
  }
  if (sound) return parameters;
  return fail(ErrorKind::invalid, fmt::format("baton_job, job \"{}\": request_parameters is not an array of name, type "
                                              "and value: clear the request's columns and ask again",
                                              job));
}

}  // namespace baton
