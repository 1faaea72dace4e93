// Each header of include/baton/ compiles alone, with nothing of src/ in reach: CMakeLists.txt makes a file of each,
// which this program is built of.
#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>

namespace baton {
namespace {

TEST(PublicHeaders, EachOneIsCompiledAlone) {
  const std::filesystem::path folder(BATON_SOURCE_DIR "/include/baton");
  const auto count = std::distance(std::filesystem::directory_iterator(folder), {});
  EXPECT_EQ(count, BATON_PUBLIC_HEADERS);
}

}  // namespace
}  // namespace baton
