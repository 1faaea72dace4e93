// A regular file that is read by position. Its size and modification time are those of the moment it was opened.
#pragma once

#include "baton/result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace baton {

// One thread at a time. Movable.
class InputFile {
 public:
  InputFile() = default;
  InputFile(InputFile&& other) noexcept { *this = std::move(other); }
  InputFile& operator=(InputFile&& other) noexcept;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  // `invalid`, naming the path, where it is missing, unreadable, or no regular file (a pipe cannot be read again after
  // a restart); `retry` where this process has no more file descriptors.
  static Result<InputFile> open(std::string path);

  const std::string& path() const { return path_; }
  std::uint64_t size_bytes() const { return size_bytes_; }
  std::int64_t modified_ns() const { return modified_ns_; }  // since 1970

  // Fills `to` with the bytes from `offset` on. `invalid` if the file ends before.
  Status read_at(std::uint64_t offset, char* to, std::size_t size) const;

  // `invalid` if size or modification time differ from those at opening.
  Status check_unchanged() const;

 private:
  Error changed(const std::string& how) const;

  int descriptor_ = -1;
  std::string path_;
  std::uint64_t size_bytes_ = 0;
  std::int64_t modified_ns_ = 0;
};

}  // namespace baton
