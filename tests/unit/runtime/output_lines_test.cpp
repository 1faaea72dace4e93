// What a program prints, as lines for the log.
#include "runtime/output_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vector>

namespace baton {
namespace {

using testing::ElementsAre;

std::vector<std::string> lines_of(const std::vector<std::string>& parts) {
  std::vector<std::string> lines;
  OutputLines output([&lines](const std::string& line) { lines.push_back(line); });
  for (const std::string& part : parts) output.add(part);
  output.end();
  return lines;
}

TEST(OutputLines, LinesAreGivenOutWholeHoweverTheyArrive) {
  EXPECT_THAT(lines_of({"on", "e\ntw", "o\n", "three"}), ElementsAre("one", "two", "three"));
  EXPECT_THAT(lines_of({}), ElementsAre());
}

TEST(OutputLines, LineIsGivenOutAtItsEnd) {
  std::vector<std::string> lines;
  OutputLines output([&lines](const std::string& line) { lines.push_back(line); });
  output.add("one\ntwo");
  EXPECT_THAT(lines, ElementsAre("one"));
}

TEST(OutputLines, CarriageReturnEndsALineAndEmptyLinesAreLeftOut) {
  EXPECT_THAT(lines_of({"10 %\r20 %\r\n\n\nnext\r", "\n"}), ElementsAre("10 %", "20 %", "next"));
}

TEST(OutputLines, ControlCharactersDoNotReachATerminal) {
  EXPECT_THAT(lines_of({"a\x1b[2Jb\tc\x7f", "\xC2\x9B", "d\n"}), ElementsAre("a\\x1b[2Jb c\\x7f\\xc2\\x9bd"));
  EXPECT_THAT(lines_of({std::string("a\0b", 3)}), ElementsAre("a\\x00b"));
}

TEST(OutputLines, WhatIsNoUtf8IsWrittenAsItsBytes) {
  EXPECT_THAT(lines_of({"\xFFz\xC3", "\xBC\xE2\x82\n"}), ElementsAre("\\xffzü\\xe2\\x82"));
}

TEST(OutputLines, LongLineIsCutBetweenCharactersAndItsRestIsDropped) {
  const std::string longest(OutputLines::longest_line, 'x');
  EXPECT_THAT(lines_of({longest + "\n"}), ElementsAre(longest));
  EXPECT_THAT(lines_of({longest + "y", std::string(1'000'000, 'z'), "\nnext\n"}), ElementsAre(longest + "…", "next"));
  const std::string before = longest.substr(1);
  EXPECT_THAT(lines_of({before + "üü"}), ElementsAre(before + "…"));
}

}  // namespace
}  // namespace baton
