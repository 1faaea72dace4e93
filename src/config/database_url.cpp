#include "config/database_url.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace baton {

const char* const database_url_expected =
    "a database URL: sqlite:PATH, postgresql://…, jdbc:postgresql:… or libpq's key=value form";

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";
constexpr std::string_view jdbc_prefix = "jdbc:";
constexpr std::array<std::string_view, 2> url_schemes{"postgresql://", "postgres://"};

bool is_plain(std::string_view text, std::string_view further) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || further.find(c) != further.npos;
  });
}

// `key = value …`: a text without colon or slash before its first equals sign.
bool is_key_value(std::string_view url) {
  const std::size_t equals = url.find('=');
  return equals != url.npos && equals > 0 && is_plain(url.substr(0, equals), "_ ");
}

bool is_sqlite_file(std::string_view path) {
  if (path.empty() || path == ":memory:" || path.starts_with("file:")) return false;
  // sqlite://name would mean a host elsewhere; sqlite:///path is the path /path.
  return !path.starts_with("//") || path.starts_with("///");
}

bool is_postgresql(std::string_view url) {
  if (url.starts_with(jdbc_prefix)) return url.starts_with("jdbc:postgresql:") && url != "jdbc:postgresql:";
  const bool has_scheme =
      std::any_of(url_schemes.begin(), url_schemes.end(), [&](std::string_view s) { return url.starts_with(s); });
  return has_scheme || is_key_value(url);
}

bool is_host(std::string_view host) {
  const std::size_t colon = host.ends_with(']') ? host.npos : host.rfind(':');
  const std::string_view port = colon == host.npos ? "" : host.substr(colon + 1);
  const std::string_view name = host.substr(0, colon);
  const bool bracketed = name.starts_with('[') && name.ends_with(']');
  return port.find_first_not_of("0123456789") == port.npos && is_plain(name, bracketed ? ".-_:[]" : ".-_");
}

// Hosts with ports, separated by commas.
bool are_hosts(std::string_view hosts) {
  for (std::size_t comma = 0; comma != hosts.npos;) {
    comma = hosts.find(',');
    if (!is_host(hosts.substr(0, comma))) return false;
    if (comma != hosts.npos) hosts.remove_prefix(comma + 1);
  }
  return true;
}

// The values of host, port and dbname in libpq's key=value form.
std::string shown_key_values(std::string_view text) {
  std::string shown;
  while (true) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos) return shown.empty() ? "postgresql" : shown;
    std::string_view key = text.substr(0, equals);
    while (key.starts_with(' ')) key.remove_prefix(1);
    while (key.ends_with(' ')) key.remove_suffix(1);
    text.remove_prefix(equals + 1);
    while (text.starts_with(' ')) text.remove_prefix(1);
    const bool quoted = text.starts_with('\'');
    if (quoted) text.remove_prefix(1);
    std::string value;
    std::size_t end = 0;
    for (; end < text.size() && text[end] != (quoted ? '\'' : ' '); ++end) {
      if (text[end] == '\\' && end + 1 < text.size()) ++end;
      value += text[end];
    }
    if (key == "host" || key == "port" || key == "dbname") {
      shown += (shown.empty() ? "" : " ") + std::string(key) + "=" + value;
    }
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

}  // namespace

bool is_database_url(const std::string& url) {
  if (url.starts_with(sqlite_scheme)) return is_sqlite_file(std::string_view(url).substr(sqlite_scheme.size()));
  return is_postgresql(url);
}

std::string shown_without_secrets(const std::string& url) {
  if (is_key_value(url)) return shown_key_values(url);
  const std::string_view whole = url;
  std::size_t start = whole.find(':', whole.starts_with(jdbc_prefix) ? jdbc_prefix.size() : 0) + 1;
  if (whole.substr(start).starts_with("//")) start += 2;
  const std::string scheme(whole.substr(0, start));
  std::string_view rest = whole.substr(start);
  // libpq: user information ends at the first @ before the first slash.
  const std::size_t at = rest.find_first_of("@/");
  if (at != rest.npos && rest[at] == '@') rest.remove_prefix(at + 1);
  rest = rest.substr(0, rest.find('?'));
  const std::size_t slash = rest.find('/');
  const std::string_view database = slash == rest.npos ? "" : rest.substr(slash + 1);
  const bool clear = are_hosts(rest.substr(0, slash)) && is_plain(database, ".-_%");
  return scheme + (clear ? std::string(rest) : "…");
}

DatabaseConfig parse_database_url(const std::string& url, const Place& place, const std::filesystem::path& folder) {
  DatabaseConfig database;
  if (!is_database_url(url)) return database;
  if (url.starts_with(sqlite_scheme)) {
    database.kind = DatabaseKind::sqlite;
    database.path = {(folder / url.substr(sqlite_scheme.size())).string(), place};
    database.shown = *database.path;
  } else {
    database.kind = DatabaseKind::postgresql;
    database.url = {Redacted<std::string>(url), place};
    database.shown = shown_without_secrets(url);
  }
  return database;
}

}  // namespace baton
