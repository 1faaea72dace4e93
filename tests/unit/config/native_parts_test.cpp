// Parts written in C++: `native` in the configuration.
#include "loading.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;
using testing_config::with_step;
using testing_config::World;

const std::string whole =
    "read: { native: { name: numbers, options: { from: 1, to: '9' } } }, "
    "process: [ { native: { name: tax } }, { drop: [ a ] } ], "
    "write: { native: { name: post, options: { url: x } } }";

std::vector<std::pair<std::string, std::string>> plain(const NativeConfig& native) {
  std::vector<std::pair<std::string, std::string>> options;
  for (const auto& [name, value] : native.options) options.emplace_back(*name, *value);
  return options;
}

TEST(NativeParts, LoadThenNamesAndOptionsAsWritten) {
  const auto config = World().load(with_step(whole));
  ASSERT_TRUE(config) << config.error().text();
  const auto& load = std::get<LoadConfig>(config->jobs[0].steps[0].work);
  const auto& reader = std::get<NativeConfig>(load.read);
  EXPECT_EQ(*reader.name, "numbers");
  EXPECT_THAT(plain(reader), ElementsAre(Pair("from", "1"), Pair("to", "9")));
  EXPECT_GT(reader.name.place.line, 0);
  EXPECT_EQ(*std::get<NativeConfig>(load.process.at(0)).name, "tax");
  EXPECT_TRUE(std::holds_alternative<DropConfig>(load.process.at(1)));
  ASSERT_TRUE(load.native_write);
  EXPECT_EQ(*load.native_write->name, "post");
  EXPECT_FALSE(load.write.connection);
}

TEST(NativeParts, StepThenItsNameAndOptions) {
  const auto config = World().load(with_step("native: { name: reindex, options: { deep: true } }"));
  ASSERT_TRUE(config) << config.error().text();
  const auto& native = std::get<NativeConfig>(config->jobs[0].steps[0].work);
  EXPECT_EQ(*native.name, "reindex");
  EXPECT_THAT(plain(native), ElementsAre(Pair("deep", "true")));
}

TEST(NativeParts, WriterWithAConnectionThenItKeepsTheProgress) {
  const auto config =
      World().load("connections: { c: { url: 'sqlite:c.db' } }\n" +
                   with_step("read: { csv: { path: p } }, write: { native: { name: n, connection: c } }"));
  ASSERT_TRUE(config) << config.error().text();
  const auto& load = std::get<LoadConfig>(config->jobs[0].steps[0].work);
  ASSERT_TRUE(load.write.connection);
  EXPECT_EQ(**load.write.connection, "c");
  EXPECT_THAT(World().problems(with_step("read: { csv: { path: p } }, write: { native: { name: n, connection: c } }")),
              ElementsAre(HasSubstr("connection")));
}

TEST(NativeParts, MistakesThenTheirPlaces) {
  EXPECT_THAT(World().problems(with_step("native: { options: {} }")), ElementsAre(HasSubstr("needs the key `name`")));
  EXPECT_THAT(World().problems(with_step("native: { name: n, option: {} }")), ElementsAre(HasSubstr("`options`?")));
  EXPECT_THAT(World().problems(with_step("native: { name: n }, command: { argv: [ x ] }")),
              ElementsAre(HasSubstr("exactly one of the keys `read`, `sql`, `command`, `native`")));
  EXPECT_THAT(World().problems(with_step("native: { name: n }, chunk: 5")),
              ElementsAre(HasSubstr("`chunk` needs `read`")));
  EXPECT_THAT(
      World().problems(with_step("read: { native: { name: n }, csv: { path: p } }, write: { native: { name: n } }")),
      ElementsAre(HasSubstr("exactly one of the keys")));
}

TEST(NativeParts, ProgramRefusesThemThenEachHasThePlaceOfItsName) {
  World world;
  std::vector<NativePart> asked;
  world.check_native = [&](NativePart part, const NativeConfig& native) -> Status {
    asked.push_back(part);
    return fail(ErrorKind::invalid, "no " + *native.name);
  };
  const auto problems = world.problems(with_step(whole));
  EXPECT_THAT(asked, ElementsAre(NativePart::reader, NativePart::processor, NativePart::writer));
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_THAT(problems[0], HasSubstr(" no numbers"));
  EXPECT_THAT(problems[2], HasSubstr(" no post"));
  asked.clear();
  EXPECT_EQ(world.problems(with_step("native: { name: n }")).size(), 1U);
  EXPECT_THAT(asked, ElementsAre(NativePart::step));
}

TEST(NativeParts, OptionsThenPartOfTheHashInAnyOrder) {
  const auto hash = [](const std::string& step) { return World().load(with_step(step))->hash; };
  EXPECT_EQ(hash("native: { name: n, options: { a: 1, b: 2 } }"), hash("native: { name: n, options: { b: 2, a: 1 } }"));
  EXPECT_NE(hash("native: { name: n, options: { a: 1 } }"), hash("native: { name: n, options: { a: 2 } }"));
  EXPECT_NE(hash("native: { name: n }"), hash("native: { name: m }"));
  EXPECT_NE(hash("read: { csv: { path: p } }, write: { native: { name: n } }"),
            hash("read: { csv: { path: p } }, write: { native: { name: n, options: { a: '' } } }"));
}

}  // namespace
}  // namespace baton
