// A part of a file in memory that slides forward: bytes are added at its end and discarded at its beginning.
#pragma once

#include "format/input_file.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace baton {

// read() instead of mapped memory: a file that is truncated meanwhile is an error then, not a SIGBUS.
class FileWindow {
 public:
  // The window ends at file offset `limit` at the latest. `file` outlives the window or the next open.
  void open(const InputFile& file, std::uint64_t limit, std::size_t block_bytes);

  // Empties the window and moves it to `offset`.
  void seek(std::uint64_t offset);

  // Adds up to one block. False if the window ends at the limit already. Invalidates data().
  Result<bool> fill();

  // REQUIRES: bytes <= size().
  void discard(std::size_t bytes);

  const char* data() const { return buffer_.get() + begin_; }  // one byte behind size() may be read, too
  std::size_t size() const { return end_ - begin_; }
  std::string_view view() const { return {data(), size()}; }
  std::uint64_t offset() const { return offset_; }  // of data() in the file
  const std::string& path() const { return file_->path(); }

 private:
  void make_room(std::size_t bytes);

  const InputFile* file_ = nullptr;
  std::uint64_t limit_ = 0;
  std::size_t block_bytes_ = 0;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace baton
