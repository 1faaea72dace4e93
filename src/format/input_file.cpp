#include "format/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <utility>

namespace baton {
namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

std::int64_t modified(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * ns_per_s + status.st_mtim.tv_nsec;
}

Error open_error(const std::string& path, int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return {ErrorKind::invalid,
              fmt::format("{}: there is no such file; correct `path`, or put the file there and run again", path)};
    case EACCES:
    case EPERM: return {ErrorKind::invalid, fmt::format("{}: not readable for this user; give it read access", path)};
    case EMFILE:
    case ENFILE:
    case ENOMEM: return {ErrorKind::retry, fmt::format("{}: cannot be opened now: {}", path, std::strerror(code))};
    default:
      return {ErrorKind::invalid, fmt::format("{}: cannot be opened: {}; correct `path`", path, std::strerror(code))};
  }
}

}  // namespace

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  std::swap(size_bytes_, other.size_bytes_);
  std::swap(modified_ns_, other.modified_ns_);
  return *this;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<InputFile> InputFile::open(std::string path) {
  InputFile file;
  // O_NONBLOCK: opening a pipe without a writer would wait.
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.descriptor_ < 0) return fail(open_error(path, errno));
  struct stat status {};
  if (::fstat(file.descriptor_, &status) != 0) return fail(open_error(path, errno));
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorKind::invalid, fmt::format("{}: is a folder, a file is expected; name the file in `path`", path));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: is no regular file, so it could not be read again after a restart; write the data to "
                            "a file first",
                            path));
  }
  ::posix_fadvise(file.descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  file.path_ = std::move(path);
  file.size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  file.modified_ns_ = modified(status);
  return file;
}

Status InputFile::read_at(std::uint64_t offset, char* to, std::size_t size) const {
  while (size > 0) {
    const ssize_t got = ::pread(descriptor_, to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return fail(ErrorKind::invalid, fmt::format("{}: cannot be read at byte {}: {}; see the system's log for the "
                                                  "disk's state",
                                                  path_, offset, std::strerror(errno)));
    }
    if (got == 0) return fail(changed(fmt::format("it ends at byte {} now", offset)));
    to += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return {};
}

Status InputFile::check_unchanged() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    return fail(ErrorKind::invalid, fmt::format("{}: its state cannot be read: {}", path_, std::strerror(errno)));
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size != size_bytes_) return fail(changed(fmt::format("it had {} bytes and has {} now", size_bytes_, size)));
  if (modified(status) != modified_ns_) return fail(changed("its modification time is another one now"));
  return {};
}

Error InputFile::changed(const std::string& how) const {
  return {ErrorKind::invalid,
          fmt::format("{}: changed while it was read: {}; run again when nothing writes to it any more (writers should "
                      "write to another name and rename the file when it is complete)",
                      path_, how)};
}

}  // namespace baton
