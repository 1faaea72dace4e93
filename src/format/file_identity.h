// The identity of a file up to a position: size, modification time, and a hash of the bytes before the position (P11).
#pragma once

#include "data/position.h"
#include "format/input_file.h"

#include <memory>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace baton {

// XXH3-128 of the bytes added so far. One thread at a time. Movable; a moved-from one may only be destroyed or
// assigned.
class PrefixHash {
 public:
  PrefixHash();

  void add(std::string_view bytes);
  std::uint64_t size() const { return size_; }  // bytes added
  std::string hex() const;                      // 32 digits, canonical byte order

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
  std::uint64_t size_ = 0;
};

// Reads the first `size` bytes of the file. `invalid` if it is shorter.
Result<PrefixHash> hash_prefix(const InputFile& file, std::uint64_t size);

InputIdentity identity_of(const InputFile& file, const PrefixHash& prefix);

}  // namespace baton
