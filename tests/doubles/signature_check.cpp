#include "tests/doubles/signature_check.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <algorithm>

namespace baton {
namespace {

std::string to_hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string sha256(const std::string& text) {
  std::string digest(32, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(), nullptr);
  return digest;
}

std::string hmac(const std::string& key, const std::string& text) {
  std::string digest(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

// What follows `name=` in the Authorization header.
std::string part(const std::string& authorization, const std::string& name) {
  const std::size_t at = authorization.find(name + "=");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 1;
  return authorization.substr(from, authorization.find(',', from) - from);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

std::string signature_fault(const ReceivedRequest& request, const std::string& secret) {
  const auto authorization = request.headers.find("authorization");
  if (authorization == request.headers.end()) return "no Authorization";
  const std::string scope_text = part(authorization->second, "Credential");
  const std::vector<std::string> scope = split(scope_text, '/');
  if (scope.size() != 5) return "a Credential that is none";
  const std::string signed_headers = part(authorization->second, "SignedHeaders");
  std::string canonical = fmt::format("{}\n{}\n\n", request.method, request.target);
  for (const std::string& name : split(signed_headers, ';')) {
    if (std::count(request.header_names.begin(), request.header_names.end(), name) != 1) {
      return fmt::format("{} is signed and does not come once", name);
    }
    canonical += fmt::format("{}:{}\n", name, request.headers.at(name));
  }
  for (const std::string& name : request.header_names) {
    const bool must = name == "host" || name == "content-type" || name.starts_with("x-amz-");
    if (must && fmt::format(";{};", signed_headers).find(fmt::format(";{};", name)) == std::string::npos) {
      return fmt::format("{} is not signed", name);
    }
  }
  canonical += fmt::format("\n{}\n{}", signed_headers, to_hex(sha256(request.body)));
  const auto& date = request.headers.at("x-amz-date");
  const std::string to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", date, scope_text.substr(scope[0].size() + 1),
                                          to_hex(sha256(canonical)));
  const std::string key = hmac(hmac(hmac(hmac("AWS4" + secret, scope[1]), scope[2]), scope[3]), "aws4_request");
  return to_hex(hmac(key, to_sign)) == part(authorization->second, "Signature") ? "" : "another signature";
}

}  // namespace baton
