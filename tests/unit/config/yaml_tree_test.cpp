#include "config/yaml_tree.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;
using Kind = YamlNode::Kind;

tl::expected<YamlNode, ConfigProblem> parse(const std::string& text) {
  auto source = SourceText::read("f.yaml", text);
  if (!source) return tl::unexpected(source.error());
  return parse_yaml(*source);
}

// "line:column message" of a text that does not parse.
std::string refusal(const std::string& text) {
  const auto tree = parse(text);
  if (tree) return "parsed";
  const ConfigProblem& problem = tree.error();
  return std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + " " + problem.message;
}

TEST(YamlTree, NestedValuesThenParsedThenEachKnowsItsPlace) {
  const auto tree = parse("a: 1\nb:\n  c: [x, {d: y}]\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("a")->at, (TextPosition{1, 4}));
  const YamlNode& list = *tree->find("b")->find("c");
  EXPECT_EQ(list.at, (TextPosition{3, 6}));
  EXPECT_EQ(list.items.at(1).find("d")->at, (TextPosition{3, 14}));
  EXPECT_EQ(tree->members.at(1).key.at, (TextPosition{2, 1}));
}

TEST(YamlTree, UmlautsBeforeAValueThenParsedThenColumnsCountCharacters) {
  const auto tree = parse("größe: {ß: \"ä€😀\", z: 1}\n");
  ASSERT_TRUE(tree);
  const YamlNode& map = *tree->find("größe");
  EXPECT_EQ(map.at, (TextPosition{1, 8}));
  EXPECT_EQ(map.find("ß")->at, (TextPosition{1, 12}));
  EXPECT_EQ(map.members.at(1).key.at, (TextPosition{1, 19}));
}

TEST(YamlTree, ByteOrderMarkThenParsedThenColumnsStartBehindIt) {
  const auto tree = parse("\xEF\xBB\xBFkey: 1\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->members.at(0).key.at, (TextPosition{1, 1}));
}

TEST(YamlTree, WindowsLineEndsThenParsedThenPlacesAreRight) {
  const auto tree = parse("a: 1\r\nb: \"2\"\r\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("b")->at, (TextPosition{2, 4}));
  EXPECT_EQ(tree->find("b")->text, "2");
}

TEST(YamlTree, PlainQuotedAndNullThenParsedThenToldApart) {
  const auto tree = parse("a: 5\nb: \"5\"\nc: ~\nd: '~'\ne:\nf: |\n  5\n");
  ASSERT_TRUE(tree);
  EXPECT_FALSE(tree->find("a")->quoted);
  EXPECT_TRUE(tree->find("b")->quoted);
  EXPECT_EQ(tree->find("c")->kind, Kind::null);
  EXPECT_EQ(tree->find("d")->kind, Kind::scalar);
  EXPECT_EQ(tree->find("e")->kind, Kind::null);
  EXPECT_TRUE(tree->find("f")->quoted);
}

TEST(YamlTree, AliasThenParsedThenItIsACopy) {
  const auto tree = parse("a: &x {k: v}\nb: *x\n");
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("b")->find("k")->text, "v");
}

TEST(YamlTree, AliasesThatMultiplyThenParsedThenRefusedBeforeMemoryRunsOut) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 12; ++level) {
    const std::string before = "*a" + std::to_string(level - 1);
    text += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
    for (int copy = 0; copy < 10; ++copy) text += before + (copy < 9 ? ", " : "]\n");
  }
  EXPECT_THAT(refusal(text), HasSubstr("aliases included"));
}

TEST(YamlTree, AliasOfItselfThenRefused) {
  EXPECT_EQ(refusal("a: &x [*x]\n"), "1:8 an alias may not stand inside of what it repeats");
}

TEST(YamlTree, DeepNestingThenRefused) {
  EXPECT_THAT(refusal(std::string(100, '[')), HasSubstr("nested more than 64 levels"));
  EXPECT_THAT(refusal("a: " + std::string(100'000, '[')), HasSubstr("nested"));
}

TEST(YamlTree, SyntaxErrorsThenRefusedThenThePlaceIsNamed) {
  EXPECT_THAT(refusal("a: b: c\n"), HasSubstr("1:5 not valid YAML"));
  EXPECT_THAT(refusal("a: [1,\n"), HasSubstr("2:1 not valid YAML"));
  EXPECT_THAT(refusal("a: *nobody\n"), HasSubstr("1:4 not valid YAML"));
  EXPECT_THAT(refusal("ä: @x\n"), HasSubstr("1:4 not valid YAML"));
  EXPECT_THAT(refusal("a:\n\tb: 1\n"), HasSubstr("starts with a tab"));
}

TEST(YamlTree, QuoteNeverClosedThenRefusedWhereItOpens) {
  EXPECT_EQ(refusal("a: 1\nb: \"never\n"), "2:4 the quote that opens here is never closed");
  EXPECT_EQ(refusal("b: 'it''s\n"), "1:4 the quote that opens here is never closed");
  EXPECT_EQ(refusal("b: 'it''s'\n"), "parsed");
  EXPECT_EQ(refusal("b: \"a \\\" b\"\n"), "parsed");
}

TEST(YamlTree, MoreThanOneDocumentThenRefused) {
  EXPECT_THAT(refusal("a: 1\n---\nb: 2\n"), HasSubstr("2:1 a configuration is one YAML document"));
  EXPECT_THAT(refusal("- a\nb: 1\n"), HasSubstr("2:1 a configuration is one YAML document"));
  EXPECT_THAT(refusal("{a: 1} b\n"), HasSubstr("1:8 a configuration is one YAML document"));
  EXPECT_EQ(refusal("---\na: 1\n...\n"), "parsed");
}

TEST(YamlTree, TagsAndKeysThatAreNoTextThenRefused) {
  EXPECT_THAT(refusal("a: !!str 5\n"), HasSubstr("1:4 YAML tags"));
  EXPECT_THAT(refusal("a: !x {b: 1}\n"), HasSubstr("1:4 YAML tags"));
  EXPECT_THAT(refusal("? [a]\n: 1\n"), HasSubstr("1:3 a key is one word"));
}

TEST(YamlTree, TextThatIsNoUtf8OrHoldsControlCharactersThenRefusedWithItsPlace) {
  EXPECT_THAT(refusal("a: 1\nü: \xFF\n"), HasSubstr("2:4 the byte 0xFF is not valid UTF-8"));
  EXPECT_THAT(refusal("a: \xED\xA0\x80\n"), HasSubstr("1:4 the byte 0xED is not valid UTF-8"));
  EXPECT_THAT(refusal(std::string("a: 1\n\x04 b: 2\n")), HasSubstr("2:1 the control character 0x04"));
  EXPECT_THAT(refusal(std::string("a: \0", 4)), HasSubstr("1:4 the control character 0x00"));
}

TEST(YamlTree, EmptyTextThenParsedThenTheRootIsNull) {
  for (const std::string text : {"", "\n", "# nothing\n", "---\n", "~\n"}) {
    const auto tree = parse(text);
    ASSERT_TRUE(tree) << text;
    EXPECT_EQ(tree->kind, Kind::null) << text;
  }
}

TEST(YamlTree, RepeatedKeysThenDroppedThenEachIsReportedAndTheFirstStays) {
  auto tree = parse("a: 1\nb: {x: 1, x: 2}\na: 3\n");
  ASSERT_TRUE(tree);
  Problems problems;
  drop_duplicate_keys(*tree, problems);
  const auto source = SourceText::read("f", "");
  const auto found = problems.failure(*source).problems;
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].message, "the key `x` is already given in line 2: keep one of them");
  EXPECT_EQ(found[1].message, "the key `a` is already given in line 1: keep one of them");
  EXPECT_EQ(tree->find("a")->text, "1");
  EXPECT_EQ(tree->members.size(), 2U);
}

}  // namespace
}  // namespace baton
