// The release program is built so that a memory error is hard to make use of: seen in the program itself.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <array>
#include <cstdio>
#include <string>

namespace {

std::string readelf(const std::string& option) {
  const std::string command = fmt::format("LC_ALL=C readelf --wide {} '{}'", option, BATON_HARDENED_PROGRAM);
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string output;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.append(buffer.data(), n);
  pclose(pipe);
  return output;
}

std::string line_with(const std::string& text, const std::string& word) {
  const std::size_t at = text.find(word);
  if (at == std::string::npos) return {};
  const std::size_t begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

TEST(HardenedProgram, LoadsAtARandomAddress) {
  EXPECT_NE(line_with(readelf("--file-header"), "Type:").find("DYN"), std::string::npos);
  EXPECT_NE(line_with(readelf("--dynamic"), "(FLAGS_1)").find("PIE"), std::string::npos);
}

TEST(HardenedProgram, TablesOfAddressesAreReadOnly) {
  EXPECT_NE(readelf("--program-headers").find("GNU_RELRO"), std::string::npos);
  EXPECT_NE(line_with(readelf("--dynamic"), "(FLAGS_1)").find("NOW"), std::string::npos);
}

TEST(HardenedProgram, StackHoldsNoCode) {
  const std::string line = line_with(readelf("--program-headers"), "GNU_STACK");
  EXPECT_NE(line.find(" RW "), std::string::npos) << line;
}

TEST(HardenedProgram, StackAndBuffersAreGuarded) {
  const std::string symbols = readelf("--dyn-syms");
  EXPECT_NE(symbols.find("__stack_chk_fail"), std::string::npos);
  EXPECT_NE(symbols.find("_chk@"), std::string::npos) << "no fortified function is called";
}

}  // namespace
