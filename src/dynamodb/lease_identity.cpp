#include "dynamodb/lease_store.h"

#include <fmt/format.h>
#include <sha2.h>
#include <array>
#include <cstdint>

namespace baton {
namespace {

// Public, VPC, FIPS and dual-stack endpoints of a region lead to the same tables.
bool is_of_aws(std::string_view url) {
  std::string_view host = url.substr(url.find("://") == url.npos ? 0 : url.find("://") + 3);
  host = host.substr(0, host.find_first_of(":/"));
  return host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn") || host.ends_with(".api.aws");
}

// As RFC 9562 version 8: 122 bits of a hash.
std::string uuid_of(const std::string& text) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> hash{};
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  SHA256Final(hash.data(), &context);
  hash[6] = static_cast<std::uint8_t>((hash[6] & 0x0FU) | 0x80U);
  hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3FU) | 0x80U);
  std::string uuid;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += fmt::format("{:02x}", hash[i]);
  }
  return uuid;
}

}  // namespace

std::string dynamo_identity(const LockTable& table, const DynamoEndpoint& endpoint) {
  std::string parts;
  const auto add = [&](std::string_view part) { parts += fmt::format("{}:{}", part.size(), part); };
  add(is_of_aws(endpoint.url) ? std::string_view("aws") : std::string_view(endpoint.url));
  add(endpoint.region);
  add(table.name);
  add(table.partition_key);
  if (table.sort_key) {
    add(table.sort_key->first);
    add(table.sort_key->second);
  }
  return uuid_of(parts);
}

}  // namespace baton
