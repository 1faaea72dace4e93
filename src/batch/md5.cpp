#include "batch/md5.h"

#include <array>
#include <cstdint>

#include <md5.h>

namespace baton {

std::string md5_hex(std::string_view bytes) {
  MD5_CTX context;
  MD5Init(&context);
  MD5Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::array<char, MD5_DIGEST_STRING_LENGTH> text{};
  MD5End(&context, text.data());
  return text.data();
}

}  // namespace baton
