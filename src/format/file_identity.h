// The identity of a file up to a position: size, modification time, and a hash of the bytes before the position (P11).
#pragma once

#include "baton/position.h"
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

// Makes `hash`, of a shorter or another prefix of the file, that of its first `size` bytes; reads what it lacks.
// `invalid` if the file is shorter.
Status hash_prefix(const InputFile& file, std::uint64_t size, PrefixHash& hash);

// The prefix of a file that is being read: hashed as it goes by, so that the identity up to there costs nothing.
class ReadPrefix {
 public:
  // `bytes` follow those that were added or moved over before.
  void add(std::string_view bytes) { read_.add(bytes); }
  std::uint64_t size() const { return read_.size(); }

  // See Reader::identity. Reads only what was not read for an earlier position that was asked for.
  Result<InputIdentity> identity(const InputFile& file, std::uint64_t end);

  // Reading goes on at `offset`. Does not read the file if identity was asked for there.
  Status move_to(const InputFile& file, std::uint64_t offset);

 private:
  PrefixHash read_;
  PrefixHash asked_;  // where identity was asked last
};

}  // namespace baton
