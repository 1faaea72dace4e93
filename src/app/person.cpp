#include "app/person.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>
#include <array>
#include <cstdlib>

namespace baton {
namespace {

std::string user() {
  const char* named = std::getenv("USER");
  if (named != nullptr && *named != '\0') return named;
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known = getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
  return known ? std::string(found->pw_name) : fmt::format("uid {}", geteuid());
}

}  // namespace

std::string person() {
  std::array<char, 256> host{};
  return gethostname(host.data(), host.size() - 1) == 0 ? user() + "@" + host.data() : user();
}

}  // namespace baton
