#include "sqlite/file_facts.h"

#include "sqlite/connection.h"

#include <sys/statfs.h>
#include <unistd.h>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

namespace baton {
namespace {

namespace fs = std::filesystem;

// Of statfs(2).
constexpr std::array<std::pair<std::uint64_t, const char*>, 10> network_systems{{
    {0x6969, "NFS"},
    {0x517B, "SMB"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x01021997, "9P"},
    {0x00C36400, "Ceph"},
    {0x5346414F, "AFS"},
    {0x0BD00BD0, "Lustre"},
    {0x47504653, "GPFS"},
    {0x01161970, "GFS2"},
}};

std::string network_system(const std::string& folder) {
  struct statfs found {};
  if (statfs(folder.c_str(), &found) != 0) return {};
  for (const auto& [type, name] : network_systems) {
    if ((static_cast<std::uint64_t>(found.f_type) & 0xFFFFFFFF) == type) return name;
  }
  return {};
}

// https://www.sqlite.org/fileformat.html, 1.3: byte 18 is the version of the format that writers need.
std::string journal_in(const std::string& path) {
  constexpr std::size_t write_version_at = 18;
  constexpr char write_ahead = 2;
  std::array<char, write_version_at + 1> header{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(header.data(), header.size())) return {};
  return header[write_version_at] == write_ahead ? "wal" : "rollback";
}

}  // namespace

SqliteFileFacts read_sqlite_file(const std::string& path) {
  SqliteFileFacts facts;
  std::error_code unknown;
  const fs::path parent = fs::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  facts.exists = fs::exists(path, unknown);
  facts.is_folder = fs::is_directory(path, unknown);
  facts.folder_exists = fs::is_directory(folder, unknown);
  facts.folder_writable = facts.folder_exists && access(folder.c_str(), W_OK | X_OK) == 0;
  facts.network = network_system(folder);
  const auto space = fs::space(folder, unknown);
  if (!unknown) facts.free_bytes = space.available;
  if (!facts.exists || facts.is_folder) return facts;
  facts.writable = access(path.c_str(), R_OK | W_OK) == 0;
  const std::uintmax_t size = fs::file_size(path, unknown);
  facts.bytes = unknown ? 0 : size;
  const auto opened = SqliteConnection::open(path, SqliteAccess::untouched);
  if (!opened) facts.unreadable = opened.error().message;
  if (opened) facts.journal = journal_in(path);
  return facts;
}

}  // namespace baton
