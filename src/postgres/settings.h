// How to reach a PostgreSQL database.
#pragma once

#include "base/redacted.h"
#include "baton/result.h"

#include <optional>
#include <string>

namespace baton {

// What a configuration says about a connection.
struct PgAddress {
  // libpq's URL or key=value form, or JDBC's: jdbc:postgresql://host:port/database?currentSchema=a&user=b&password=c.
  Redacted<std::string> url;
  std::optional<std::string> username;  // these take precedence over the URL's
  std::optional<Redacted<std::string>> password;
  std::optional<std::string> schema;
  std::string shown;  // for messages, without secrets
};

struct PgSettings {
  Redacted<std::string> conninfo;     // libpq's key=value form, everything included
  std::optional<std::string> schema;  // of the configuration or of currentSchema: the session's search_path
  std::string shown;
  bool encrypted = false;  // the server's certificate is checked (sslmode=verify-full)
};

// `invalid`, without any piece of it, for a URL that pg_settings refuses.
Status check_pg_url(const std::string& url);

// `invalid`, without secrets, for a URL that libpq cannot read or would refuse. Where the URL says nothing about
// sslmode and a host is neither a socket nor a loopback address, it is verify-full. Of JDBC's parameters user,
// password, currentSchema, sslmode, ssl, sslrootcert, sslcert, sslkey, ApplicationName, connectTimeout and options have
// their meaning; others are ignored. `application_name` is what people see in pg_stat_activity where the URL names
// none.
Result<PgSettings> pg_settings(const PgAddress& address, const std::string& application_name);

}  // namespace baton
