#include "format/file_window.h"

#include <algorithm>
#include <cstring>

namespace baton {

void FileWindow::open(const InputFile& file, std::uint64_t limit, std::size_t block_bytes) {
  file_ = &file;
  limit_ = limit;
  block_bytes_ = std::max<std::size_t>(block_bytes, 1);
  if (buffer_ == nullptr) make_room(block_bytes_);
  seek(0);
}

void FileWindow::seek(std::uint64_t offset) {
  begin_ = end_ = 0;
  offset_ = offset;
}

Result<bool> FileWindow::fill() {
  const std::uint64_t next = offset_ + size();
  if (next >= limit_) return false;
  const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes_, limit_ - next));
  make_room(part);
  BATON_CHECK(file_->read_at(next, buffer_.get() + end_, part));
  end_ += part;
  buffer_[end_] = '\0';
  return true;
}

void FileWindow::discard(std::size_t bytes) {
  begin_ += bytes;
  offset_ += bytes;
}

void FileWindow::make_room(std::size_t bytes) {
  if (end_ + bytes + 1 <= capacity_) return;
  const std::size_t kept = size();
  if (kept + bytes + 1 <= capacity_) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
  } else {
    capacity_ = std::max(kept + bytes + 1, capacity_ * 2);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    if (kept > 0) std::memcpy(larger.get(), buffer_.get() + begin_, kept);
    buffer_ = std::move(larger);
  }
  begin_ = 0;
  end_ = kept;
}

}  // namespace baton
