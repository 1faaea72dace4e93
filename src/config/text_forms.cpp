#include "config/text_forms.h"

#include "base/duration.h"

#include <algorithm>

namespace baton {
namespace {

constexpr std::size_t max_name_bytes = 100;

bool consists_of(const std::string& text, std::string_view further) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || further.find(c) != further.npos;
  });
}

bool is_one_byte_within_a_line(const std::string& text) {
  return text.size() == 1 && text != "\n" && text != "\r" && text != std::string(1, '\0') &&
         static_cast<unsigned char>(text[0]) < 0x80;
}

}  // namespace

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= max_name_bytes && consists_of(text, "._- ");
}

bool is_parameter_name(const std::string& text) {
  return !text.empty() && text.size() <= max_name_bytes && text != "run.id" && text != "baton.due";
}

bool is_variable(const std::string& text) {
  return !text.empty() && text.find('=') == std::string::npos && text.find('\0') == std::string::npos;
}

bool is_not_empty(const std::string& text) { return !text.empty(); }

bool is_duration(const std::string& text) { return parse_duration(text).has_value(); }

bool is_period(const std::string& text) {
  const auto duration = parse_duration(text);
  return duration && *duration > Duration(0);
}

bool is_zone(const std::string& text) { return !text.empty() && consists_of(text, "/_+-"); }

bool is_json_pointer(const std::string& text) {
  if (!text.empty() && text[0] != '/') return false;
  for (std::size_t tilde = text.find('~'); tilde != std::string::npos; tilde = text.find('~', tilde + 1)) {
    const char next = tilde + 1 < text.size() ? text[tilde + 1] : ' ';
    if (next != '0' && next != '1') return false;
  }
  return true;
}

bool is_delimiter(const std::string& text) { return text == "tab" || is_one_byte_within_a_line(text); }

bool is_quote(const std::string& text) { return text == "none" || is_one_byte_within_a_line(text); }

bool is_http_url(const std::string& text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || scheme == text.size() || text[scheme] == '/' || text[scheme] == ':') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

bool is_listen(const std::string& text) {
  if (text == "off") return true;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const std::string host = text.substr(0, colon);
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!in_brackets && !consists_of(host, "._-")) return false;
  const std::string port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos) return false;
  return std::stoi(port) <= 65'535;
}

}  // namespace baton
