#include "tests/process/failing_writes.h"

#include <sqlite3.h>
#include <unistd.h>
#include <atomic>
#include <csignal>

namespace baton {
namespace {

std::atomic<std::uint64_t> writes = 0;
std::uint64_t kill_at = 0;

// Calls `half` and dies where the point is in the middle of this write, and dies before or after `whole` where it is
// there.
template <class Whole, class Half>
auto counted(Whole whole, Half half) {
  const std::uint64_t number = ++writes;
  if (kill_at == 3 * number - 2) std::raise(SIGKILL);
  if (kill_at == 3 * number - 1) {
    half();
    std::raise(SIGKILL);
  }
  const auto answer = whole();
  if (kill_at == 3 * number) std::raise(SIGKILL);
  return answer;
}

ssize_t counted_pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
  return counted([&] { return pwrite(file, bytes, size, offset); },
                 [&] { return pwrite(file, bytes, size / 2, offset); });
}

ssize_t counted_write(int file, const void* bytes, std::size_t size) {
  return counted([&] { return write(file, bytes, size); }, [&] { return write(file, bytes, size / 2); });
}

int counted_ftruncate(int file, off_t size) {
  return counted([&] { return ftruncate(file, size); }, [] { return 0; });
}

int counted_unlink(const char* path) {
  return counted([&] { return unlink(path); }, [] { return 0; });
}

template <class Function>
void replace(const char* name, Function* function) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(function));
}

}  // namespace

void kill_at_write(std::uint64_t point) {
  kill_at = point;
  replace("pwrite", counted_pwrite);
  replace("pwrite64", counted_pwrite);
  replace("write", counted_write);
  replace("ftruncate", counted_ftruncate);
  replace("unlink", counted_unlink);
}

std::uint64_t writes_counted() { return writes; }

}  // namespace baton
