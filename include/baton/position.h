// A place in an input that reading can go on from, and the identity of that input (P11).
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace baton {

// Before the record number `record` (from 0, a header not counted). Ordered by `offset`.
struct Position {
  std::uint64_t offset = 0;  // bytes for files, rows for tables
  std::uint64_t record = 0;  // records before this position
  std::uint64_t line = 1;    // physical line at this position, files only
  std::string key;           // last key read, tables only

  friend bool operator==(const Position&, const Position&) = default;
  friend auto operator<=>(const Position& a, const Position& b) { return a.offset <=> b.offset; }
};

// What a restart compares: anything different means another input.
struct InputIdentity {
  std::string path;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  // since 1970
  std::string prefix_hash;       // of the bytes before the highest recorded end, hexadecimal

  friend bool operator==(const InputIdentity&, const InputIdentity&) = default;
};

}  // namespace baton
