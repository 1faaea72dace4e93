#include "server/health_probe.h"

#include <fmt/format.h>
#include <httplib.h>

namespace baton {
namespace {

std::string reachable(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

}  // namespace

Result<ProbeAnswer> probe_health(const ServiceAddress& address, const std::string& path, Duration timeout) {
  httplib::Client client(reachable(address.host), address.port);
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  client.set_write_timeout(timeout);
  const httplib::Result answer = client.Get(path);
  if (!answer) {
    return fail(ErrorKind::retry,
                fmt::format("http://{}{}: {}", to_text(address), path, httplib::to_string(answer.error())));
  }
  return ProbeAnswer{answer->status, answer->body};
}

}  // namespace baton
