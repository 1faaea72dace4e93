// Memory into which fields of COPY BINARY are written: big-endian, without an allocation per field.
// https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace baton {

class CopyBuffer {
 public:
  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }
  void clear() { size_ = 0; }
  // Forgets what was written behind `size`.
  void cut(std::size_t size) { size_ = size; }

  // Room for `bytes` more; what is there may move.
  void reserve(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
  }

  // REQUIRES for all that follow: room was reserved.
  void put8(std::uint8_t value) { bytes_[size_++] = static_cast<char>(value); }
  void put16(std::uint16_t value) { put(__builtin_bswap16(value)); }
  void put32(std::uint32_t value) { put(__builtin_bswap32(value)); }
  void put64(std::uint64_t value) { put(__builtin_bswap64(value)); }
  void put_bytes(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void put_null() { put32(0xFFFFFFFFU); }
  void put_char(char value) { bytes_[size_++] = value; }

  // Overwrites what was written at `at`.
  void set16(std::size_t at, std::uint16_t value) { set(at, __builtin_bswap16(value)); }
  void set32(std::size_t at, std::uint32_t value) { set(at, __builtin_bswap32(value)); }

 private:
  static_assert(std::endian::native == std::endian::little);

  template <class Value>
  void set(std::size_t at, Value value) {
    std::memcpy(bytes_.get() + at, &value, sizeof value);
  }
  template <class Value>
  void put(Value value) {
    set(size_, value);
    size_ += sizeof value;
  }

  void grow(std::size_t bytes) {
    const std::size_t capacity = std::max(size_ + bytes, 2 * capacity_);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace baton
