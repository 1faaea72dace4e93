// Forms that texts of the configuration must have. Each returns true for a text that has it.
#pragma once

#include <string>

namespace baton {

bool is_name(const std::string& text);            // 1–100 characters of A–Z a–z 0–9 . _ - space
bool is_parameter_name(const std::string& text);  // 1–100 bytes; run.id and baton.due are Baton's own
bool is_variable(const std::string& text);        // of the environment
bool is_not_empty(const std::string& text);
bool is_duration(const std::string& text);      // see base/duration.h
bool is_period(const std::string& text);        // a duration of at least 1ms
bool is_zone(const std::string& text);          // as in the IANA database; whether it exists is not looked up
bool is_json_pointer(const std::string& text);  // RFC 6901: '' or /…, `~` only as ~0 and ~1
bool is_delimiter(const std::string& text);     // one byte that ends no line, or `tab`
bool is_quote(const std::string& text);         // one byte that ends no line, or `none`
bool is_http_url(const std::string& text);      // http:// or https://, a host, no blank or control character
bool is_listen(const std::string& text);        // off, or HOST:PORT with a port up to 65535; IPv6 in brackets

}  // namespace baton
