// The rules of the house over the whole source tree, and the copies that must stay equal.
#include "tests/unit/house/house_rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace baton::house {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What belongs to no clone: build folders, git's own, editors' caches.
bool is_outside(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (!entry.is_directory()) return name == ".git" || entry.is_symlink();
  return name == "build" || (name.starts_with('.') && name != ".ci");
}

std::vector<SourceFile> read_tree() {
  const fs::path top(BATON_SOURCE_DIR);
  std::vector<SourceFile> files;
  for (auto entry = fs::recursive_directory_iterator(top); entry != fs::recursive_directory_iterator(); ++entry) {
    const bool outside = is_outside(*entry);
    if (outside && entry->is_directory()) entry.disable_recursion_pending();
    if (outside || !entry->is_regular_file()) continue;
    std::string text = content(entry->path());
    if (text.find('\0') != std::string::npos) continue;
    files.push_back({fs::relative(entry->path(), top).string(), std::move(text)});
  }
  return files;
}

class SourceTree : public testing::Test {
 protected:
  static void SetUpTestSuite() { files_ = new std::vector<SourceFile>(read_tree()); }
  static void TearDownTestSuite() { delete files_; }

  static void expect_kept(Violations (*rule)(const SourceFile&)) {
    ASSERT_GT(files_->size(), 50U);
    for (const SourceFile& file : *files_) {
      for (const Violation& one : rule(file)) ADD_FAILURE() << one.path << ":" << one.line << ": " << one.message;
    }
  }

  static const std::vector<SourceFile>& files() { return *files_; }

 private:
  static std::vector<SourceFile>* files_;
};

std::vector<SourceFile>* SourceTree::files_ = nullptr;

TEST_F(SourceTree, IncludesGoTheRightWay) { expect_kept(wrong_includes); }
TEST_F(SourceTree, PublicHeadersIncludeNothingPrivate) { expect_kept(private_includes); }
TEST_F(SourceTree, HeadersIncludeNothingHeavy) { expect_kept(heavy_header_includes); }
TEST_F(SourceTree, PureRoomsCallNothingImpure) { expect_kept(impure_calls); }
TEST_F(SourceTree, RealClocksAreInTheirPlace) { expect_kept(real_clocks); }
TEST_F(SourceTree, NothingSleeps) { expect_kept(sleeps); }
TEST_F(SourceTree, NoLoopDangles) { expect_kept(dangling_ranges); }
TEST_F(SourceTree, NamesSaySomething) { expect_kept(vague_name); }
TEST_F(SourceTree, NoNotesToOneself) { expect_kept(leftovers); }
TEST_F(SourceTree, FilesAreShort) { expect_kept(too_long); }
TEST_F(SourceTree, HeadersSayWhatTheyAreFor) { expect_kept(bare_header); }
TEST_F(SourceTree, PathsExistEverywhere) { expect_kept(machine_paths); }
TEST_F(SourceTree, TypesAreDefinedOnce) {
  for (const Violation& one : types_defined_twice(files()))
    ADD_FAILURE() << one.path << ":" << one.line << ": " << one.message;
}

// The folder beside the project holds the originals; a clone does not have it.
TEST(Acceptance, CopiesEqualTheOriginals) {
  const fs::path top(BATON_SOURCE_DIR);
  const fs::path originals = top.parent_path() / "shared" / "acceptance";
  if (!fs::is_directory(originals)) return;
  for (const auto& entry : fs::directory_iterator(originals)) {
    const fs::path name = entry.path().filename();
    if (!entry.is_regular_file() || name == "README.md") continue;
    EXPECT_EQ(content(entry.path()), content(top / "tests" / "acceptance" / name)) << name;
  }
}

// But for the number of tokens, which the demo lets people choose, and the lease, which it keeps short.
TEST(Acceptance, TheDemosJobsAreThoseOfTheAcceptanceFile) {
  const fs::path top(BATON_SOURCE_DIR);
  const auto from_repository = [](const std::string& text) { return text.substr(text.find("\nrepository:") + 1); };
  EXPECT_EQ(from_repository(content(top / "examples" / "demo" / "baton.yaml")),
            from_repository(content(top / "tests" / "acceptance" / "demo.yaml")));
}

}  // namespace
}  // namespace baton::house
