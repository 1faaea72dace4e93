#include "format/file_identity.h"

#include <fmt/format.h>
#include <xxhash.h>
#include <algorithm>
#include <new>
#include <utility>
#include <vector>

namespace baton {

PrefixHash::PrefixHash() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void PrefixHash::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

void PrefixHash::add(std::string_view bytes) {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
  size_ += bytes.size();
}

std::string PrefixHash::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

Status hash_prefix(const InputFile& file, std::uint64_t size, PrefixHash& hash) {
  if (size > file.size_bytes()) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: has {} bytes, and {} of it were read before: it is another file now", file.path(),
                            file.size_bytes(), size));
  }
  constexpr std::uint64_t block_bytes = 1 << 20;
  if (size < hash.size()) hash = {};
  std::vector<char> block(std::min(block_bytes, size - hash.size()));
  while (hash.size() < size) {
    const auto part = static_cast<std::size_t>(std::min(block_bytes, size - hash.size()));
    BATON_CHECK(file.read_at(hash.size(), block.data(), part));
    hash.add({block.data(), part});
  }
  return {};
}

Result<InputIdentity> ReadPrefix::identity(const InputFile& file, std::uint64_t end) {
  if (end != read_.size()) BATON_CHECK(hash_prefix(file, end, asked_));
  const PrefixHash& prefix = end == read_.size() ? read_ : asked_;
  return InputIdentity{file.path(), file.size_bytes(), file.modified_ns(), prefix.hex()};
}

Status ReadPrefix::move_to(const InputFile& file, std::uint64_t offset) {
  if (offset == read_.size()) return {};
  BATON_CHECK(hash_prefix(file, offset, asked_));
  std::swap(read_, asked_);
  return {};
}

}  // namespace baton
