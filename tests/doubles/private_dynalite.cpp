#include "tests/doubles/private_dynalite.h"

#include <fmt/format.h>
#include <cstdlib>
#include <fstream>

namespace baton {
namespace {

void dynalite(const std::string& command, const std::string& folder) {
  const std::string line = fmt::format("'{}/scripts/dynalite' {} '{}' >/dev/null", BATON_SOURCE_DIR, command, folder);
  if (std::system(line.c_str()) == 0) return;
  fmt::print(stderr, "scripts/dynalite {} failed\n", command);
  std::abort();
}

}  // namespace

PrivateDynalite::PrivateDynalite() {
  namespace fs = std::filesystem;
  const fs::path installed = BATON_DYNALITE_FOLDER;
  for (const char* name : {"package.json", "package-lock.json", "stamp"}) {
    fs::copy_file(installed / name, folder_.file(name));
  }
  fs::create_directory_symlink(installed / "node_modules", folder_.file("node_modules"));
  dynalite("start", folder_.path());
  std::ifstream(folder_.file("url")) >> url_;
}

PrivateDynalite::~PrivateDynalite() { dynalite("stop", folder_.path()); }

}  // namespace baton
