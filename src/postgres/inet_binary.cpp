#include "postgres/inet_binary.h"

#include "base/ascii_text.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace baton {
namespace {

constexpr std::uint8_t family_4 = 2;  // PGSQL_AF_INET
constexpr std::uint8_t family_6 = 3;  // PGSQL_AF_INET6

struct Network {
  std::array<unsigned char, 16> address{};
  std::size_t bytes = 4;
  unsigned bits = 32;
};

std::optional<Network> read_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (address.size() >= terminated.size() || address.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(terminated.data(), address.data(), address.size());
  Network network;
  const bool is_6 = address.find(':') != std::string_view::npos;
  if (is_6) {
    network.bytes = 16;
    network.bits = 128;
  }
  if (inet_pton(is_6 ? AF_INET6 : AF_INET, terminated.data(), network.address.data()) != 1) return std::nullopt;
  if (slash == std::string_view::npos) return network;
  const std::string_view mask = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(mask.data(), mask.data() + mask.size(), bits);
  if (error != std::errc() || end != mask.data() + mask.size() || bits > network.bits) return std::nullopt;
  network.bits = bits;
  return network;
}

bool has_bits_behind_mask(const Network& network) {
  for (std::size_t bit = network.bits; bit < network.bytes * 8; ++bit) {
    if ((network.address[bit / 8] & (0x80U >> (bit % 8))) != 0) return true;
  }
  return false;
}

void put(const Network& network, bool is_cidr, CopyBuffer& out) {
  out.put32(static_cast<std::uint32_t>(4 + network.bytes));
  out.put8(network.bytes == 4 ? family_4 : family_6);
  out.put8(static_cast<std::uint8_t>(network.bits));
  out.put8(is_cidr ? 1 : 0);
  out.put8(static_cast<std::uint8_t>(network.bytes));
  for (std::size_t i = 0; i < network.bytes; ++i) out.put8(network.address[i]);
}

}  // namespace

ValueRefusal encode_inet(std::string_view text, CopyBuffer& out) {
  const auto network = read_network(text);
  if (!network) return ValueRefusal::syntax;
  put(*network, false, out);
  return ValueRefusal::none;
}

ValueRefusal encode_cidr(std::string_view text, CopyBuffer& out) {
  const auto network = read_network(text);
  if (!network) return ValueRefusal::syntax;
  if (has_bits_behind_mask(*network)) return ValueRefusal::range;
  put(*network, true, out);
  return ValueRefusal::none;
}

}  // namespace baton
