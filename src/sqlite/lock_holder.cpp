#include "sqlite/lock_holder.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <vector>

namespace baton {
namespace {

// Byte ranges from SQLite's file format and WAL documentation.
constexpr std::uint64_t wal_write_lock = 120;                // in <file>-shm
constexpr std::uint64_t rollback_reserved = 0x40000000 + 1;  // in the file itself

struct Watched {
  std::string file_id;  // major:minor:inode as /proc/locks prints it
  std::uint64_t byte;
};

void watch(std::vector<Watched>& list, const std::string& path, std::uint64_t byte) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return;
  std::ostringstream id;
  id << std::hex;
  id.fill('0');
  id.width(2);
  id << major(info.st_dev) << ':';
  id.width(2);
  id << minor(info.st_dev) << ':' << std::dec << info.st_ino;
  list.push_back({id.str(), byte});
}

std::optional<std::uint64_t> number_in(const std::string& text) {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int> sqlite_write_lock_holder(const std::string& path) {
  std::vector<Watched> watched;
  watch(watched, path + "-shm", wal_write_lock);
  watch(watched, path, rollback_reserved);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, type, mode, access, file_id, first, last;
    int process = 0;
    if (!(words >> number >> type >> mode >> access >> process >> file_id >> first >> last)) continue;
    // 0 and less: a process that this container does not see.
    if (type != "POSIX" || access != "WRITE" || process <= 0 || process == getpid()) continue;
    const auto from = number_in(first);
    const auto to = last == "EOF" ? std::optional(UINT64_MAX) : number_in(last);
    if (!from || !to) continue;
    for (const Watched& one : watched) {
      if (file_id == one.file_id && *from <= one.byte && one.byte <= *to) return process;
    }
  }
  return std::nullopt;
}

}  // namespace baton
