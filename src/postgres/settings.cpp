#include "postgres/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace baton {
namespace {

constexpr std::string_view jdbc_prefix = "jdbc:";

using Values = std::vector<std::pair<std::string, std::string>>;  // keyword → value

void set(Values& values, const std::string& keyword, std::string value) {
  const auto found = std::find_if(values.begin(), values.end(), [&](const auto& one) { return one.first == keyword; });
  if (found == values.end()) {
    values.emplace_back(keyword, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

const std::string* get(const Values& values, std::string_view keyword) {
  const auto found = std::find_if(values.begin(), values.end(), [&](const auto& one) { return one.first == keyword; });
  return found == values.end() ? nullptr : &found->second;
}

// A URL with @ or / in its user information as it stands: what libpq then takes for host, port or database, and says in
// its messages, is a piece of the password.
bool is_unescaped(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return false;
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('?'));
  const std::size_t at = url.find('@');
  return at != url.npos && (url.find('/') < at || url.find('@', at + 1) != url.npos);
}

// libpq's own reading of both of its forms. Its messages may quote the text, so they are not passed on.
Result<Values> parse_libpq(const std::string& url) {
  struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
  };
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(url.c_str(), &message));
  if (message != nullptr) PQfreemem(message);
  if (options == nullptr || is_unescaped(url)) {
    return fail(ErrorKind::invalid,
                "libpq cannot read this URL: expected postgresql://host:port/database, before the host user:password@ "
                "(characters like @ : / ? in a password written as %40 %3A %2F %3F), behind it parameters that libpq "
                "knows; or its key=value form");
  }
  Values values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) set(values, option->keyword, option->val);
  }
  return values;
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (high && low) {
        plain += static_cast<char>(*high * 16 + *low);
        i += 2;
        continue;
      }
    }
    plain += text[i];
  }
  return plain;
}

// What JDBC's driver calls it → libpq's keyword.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> jdbc_parameters{{
    {"user", "user"},
    {"password", "password"},
    {"sslmode", "sslmode"},
    {"sslrootcert", "sslrootcert"},
    {"sslcert", "sslcert"},
    {"sslkey", "sslkey"},
    {"ApplicationName", "application_name"},
    {"connectTimeout", "connect_timeout"},
    {"options", "options"},
}};

struct JdbcUrl {
  std::string base;  // postgresql://hosts/database
  Values values;
  std::optional<std::string> schema;
};

// Of a search_path, in which a name may stand in double quotes.
std::string first_schema(std::string_view path) {
  if (!path.starts_with('"')) return std::string(path.substr(0, path.find(',')));
  std::string name;
  for (std::size_t at = 1; at < path.size(); ++at) {
    if (path[at] == '"' && path.substr(at + 1, 1) != "\"") break;
    if (path[at] == '"') ++at;
    name += path[at];
  }
  return name;
}

// https://jdbc.postgresql.org/documentation/use/: //host:port/database?…, /database, or database alone.
JdbcUrl parse_jdbc(std::string_view url) {
  JdbcUrl jdbc;
  url.remove_prefix(jdbc_prefix.size());
  const std::size_t question = url.find('?');
  std::string_view parameters = question == url.npos ? std::string_view() : url.substr(question + 1);
  url = url.substr(0, question);
  std::string_view rest = url.substr(std::string_view("postgresql:").size());
  if (rest.starts_with("//")) {
    jdbc.base = "postgresql:" + std::string(rest);
  } else {
    if (rest.starts_with('/')) rest.remove_prefix(1);
    jdbc.base = "postgresql://localhost/" + std::string(rest);
  }
  while (!parameters.empty()) {
    const std::size_t end = parameters.find('&');
    const std::string_view pair = parameters.substr(0, end);
    parameters.remove_prefix(end == parameters.npos ? parameters.size() : end + 1);
    const std::string name = percent_decoded(pair.substr(0, pair.find('=')));
    const std::string value = pair.find('=') == pair.npos ? "" : percent_decoded(pair.substr(pair.find('=') + 1));
    if (name == "currentSchema") jdbc.schema = first_schema(value);  // where new tables are made
    if (name == "ssl" && (value == "true" || value.empty())) set(jdbc.values, "sslmode", "verify-full");
    const auto* const known = std::find_if(jdbc_parameters.begin(), jdbc_parameters.end(),
                                           [&](const auto& one) { return one.first == name; });
    if (known != jdbc_parameters.end()) set(jdbc.values, std::string(known->second), value);
  }
  return jdbc;
}

bool is_port(std::string_view port) {
  int number = 0;
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool whole = error == std::errc() && rest == port.data() + port.size();
  return port.empty() || (whole && number >= 1 && number <= 65'535);
}

// What libpq looks at only when it connects. A piece of a password may stand in any place.
Status check(const Values& values) {
  const std::string* const ports = get(values, "port");
  std::string_view rest = ports == nullptr ? std::string_view() : *ports;
  while (true) {
    const std::size_t comma = rest.find(',');
    if (!is_port(rest.substr(0, comma))) {
      return fail(ErrorKind::invalid, "the port in this URL is none: expected a whole number from 1 to 65535");
    }
    if (comma == rest.npos) break;
    rest.remove_prefix(comma + 1);
  }
  constexpr std::array<std::string_view, 6> modes{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
  const std::string* const mode = get(values, "sslmode");
  if (mode == nullptr || std::find(modes.begin(), modes.end(), *mode) != modes.end()) return {};
  return fail(ErrorKind::invalid,
              fmt::format("the sslmode in this URL is none: expected one of {}", fmt::join(modes, ", ")));
}

bool is_loopback(std::string_view host) {
  const bool is_address = host.find_first_not_of("0123456789.") == host.npos;
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" || host == "::1" ||
         (is_address && host.starts_with("127."));
}

std::string said_by(const Values& values, const char* keyword, const char* variable) {
  const std::string* value = get(values, keyword);
  if (value != nullptr) return *value;
  const char* environment = std::getenv(variable);
  return environment == nullptr ? "" : environment;
}

// Every host of a list, with its address where one is given. Where the URL names none, libpq takes it from a service or
// from the environment; what a service says is not known here.
bool all_loopback(const Values& values) {
  std::string hosts = said_by(values, "hostaddr", "PGHOSTADDR");
  if (hosts.empty()) hosts = said_by(values, "host", "PGHOST");
  if (!said_by(values, "service", "PGSERVICE").empty() && get(values, "host") == nullptr &&
      get(values, "hostaddr") == nullptr) {
    return false;
  }
  std::string_view rest = hosts;
  while (true) {
    const std::size_t comma = rest.find(',');
    if (!is_loopback(rest.substr(0, comma))) return false;
    if (comma == rest.npos) return true;
    rest.remove_prefix(comma + 1);
  }
}

std::string conninfo_of(const Values& values) {
  std::string text;
  for (const auto& [keyword, value] : values) {
    text += fmt::format("{}{}='", text.empty() ? "" : " ", keyword);
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += '\'';
  }
  return text;
}

struct ReadUrl {
  Values values;
  std::optional<std::string> schema;
};

Result<ReadUrl> read_url(const std::string& url) {
  JdbcUrl jdbc;
  const bool is_jdbc = url.starts_with(jdbc_prefix);
  if (is_jdbc) jdbc = parse_jdbc(url);
  BATON_TRY(Values values, parse_libpq(is_jdbc ? jdbc.base : url));
  for (auto& [keyword, value] : jdbc.values) set(values, keyword, std::move(value));
  BATON_CHECK(check(values));
  return ReadUrl{std::move(values), std::move(jdbc.schema)};
}

}  // namespace

Status check_pg_url(const std::string& url) {
  const auto read = read_url(url);
  return read ? Status() : fail(read.error());
}

Result<PgSettings> pg_settings(const PgAddress& address, const std::string& application_name) {
  PgSettings settings;
  settings.shown = address.shown;
  auto url = read_url(address.url.reveal());
  if (!url) return fail(url.error().kind, address.shown + ": " + url.error().message);
  Values& values = url->values;
  settings.schema = address.schema ? address.schema : url->schema;
  if (address.username) set(values, "user", *address.username);
  if (address.password) set(values, "password", address.password->reveal());
  if (get(values, "sslmode") == nullptr && !all_loopback(values)) {
    set(values, "sslmode", "verify-full");
    if (get(values, "sslrootcert") == nullptr) set(values, "sslrootcert", "/etc/ssl/certs/ca-certificates.crt");
  }
  const std::string* mode = get(values, "sslmode");
  settings.encrypted = mode != nullptr && *mode == "verify-full";
  if (get(values, "application_name") == nullptr) set(values, "application_name", application_name.substr(0, 63));
  // A peer that is gone without a word is noticed within half a minute.
  for (const auto& [keyword, value] : {std::pair{"keepalives_idle", "10"}, std::pair{"keepalives_interval", "5"},
                                       std::pair{"keepalives_count", "3"}, std::pair{"tcp_user_timeout", "30000"}}) {
    if (get(values, keyword) == nullptr) set(values, keyword, value);
  }
  set(values, "client_encoding", "UTF8");
  settings.conninfo = Redacted<std::string>(conninfo_of(values));
  return settings;
}

}  // namespace baton
