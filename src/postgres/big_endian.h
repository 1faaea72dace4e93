// Numbers as PostgreSQL's wire has them.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace baton {

// REQUIRES: `bytes` has those of an Integer.
template <class Integer>
Integer big_endian(std::string_view bytes) {
  using Bits = std::make_unsigned_t<Integer>;
  Bits value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Bits>((value << 8U) | static_cast<unsigned char>(bytes[i]));
  }
  return static_cast<Integer>(value);
}

}  // namespace baton
