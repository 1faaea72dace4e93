#include "tests/unit/house/house_rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace baton::house {
namespace {

std::string shown(const Violations& violations) {
  std::string text;
  for (const Violation& one : violations) text += fmt::format("{}:{}: {}\n", one.path, one.line, one.message);
  return text;
}

// Fires exactly once, on `line`.
void expect_one(const Violations& found, int line) {
  ASSERT_EQ(found.size(), 1U) << shown(found);
  EXPECT_EQ(found[0].line, line) << shown(found);
}

TEST(HouseRule, CommentsAndLiteralsAreNoCode) {
  EXPECT_EQ(code_only("a // b\nc"), "a     \nc");
  EXPECT_EQ(code_only("a /* b\nc */ d"), "a     \n     d");
  EXPECT_EQ(code_only("f(\"x\\\"y\") + g"), "f(      ) + g");
  EXPECT_EQ(code_only("R\"(a\"b)\" c"), "         c");
  EXPECT_EQ(code_only("R\"q(a)b)q\" c"), "           c");
  EXPECT_EQ(code_only("'\"' + 1'000'000 + '\\''"), "    + 1'000'000 +     ");
}

TEST(HouseRule, ARoomThatIncludesAWrongRoomIsFound) {
  expect_one(wrong_includes({"src/lease/a.h", "// A.\n#include \"sqlite/connection.h\"\n"}), 2);
  expect_one(wrong_includes({"src/base/a.cpp", "#include \"data/row_batch.h\"\n"}), 1);
  expect_one(wrong_includes({"src/sqlite/a.cpp", "#include \"app/main.h\"\n"}), 1);
  expect_one(wrong_includes({"src/format/a.cpp", "#include \"lease/lease_store.h\"\n"}), 1);
  expect_one(wrong_includes({"src/runtime/a.cpp", "#include \"sqlite/connection.h\"\n"}), 1);
  EXPECT_EQ(shown(wrong_includes({"src/batch/a.cpp", "#include \"lease/lease_hold.h\"\n#include \"batch/b.h\"\n"})),
            "");
  EXPECT_EQ(shown(wrong_includes({"src/app/a.cpp", "#include \"sqlite/connection.h\"\n"})), "");
  EXPECT_EQ(shown(wrong_includes({"tests/unit/lease/a.cpp", "#include \"sqlite/connection.h\"\n"})), "");
}

TEST(HouseRule, AnIncludeOutsideOfTheRoomsIsFound) {
  expect_one(wrong_includes({"src/lease/a.cpp", "#include \"lease_store.h\"\n"}), 1);
  expect_one(wrong_includes({"src/cellar/a.cpp", ""}), 0);
}

TEST(HouseRule, APublicHeaderBelongsToARoom) {
  EXPECT_EQ(shown(wrong_includes({"src/batch/a.h", "#include \"baton/reader.h\"\n"})), "");
  EXPECT_EQ(shown(wrong_includes({"src/base/a.h", "#include \"baton/error.h\"\n"})), "");
  expect_one(wrong_includes({"src/base/a.h", "#include \"baton/reader.h\"\n"}), 1);
  expect_one(wrong_includes({"src/lease/a.h", "#include \"baton/native_work.h\"\n"}), 1);
  expect_one(wrong_includes({"src/runtime/a.h", "#include \"baton/application.h\"\n"}), 1);
  expect_one(wrong_includes({"src/batch/a.h", "#include \"baton/cellar.h\"\n"}), 1);
}

TEST(HouseRule, APrivateIncludeInAPublicHeaderIsFound) {
  expect_one(private_includes({"include/baton/reader.h", "// A.\n#include \"data/writer.h\"\n"}), 2);
  expect_one(private_includes({"include/baton/reader.h", "#include <fmt/format.h>\n"}), 1);
  expect_one(private_includes({"include/baton/cellar.h", "#include <string>\n"}), 0);
  EXPECT_EQ(shown(private_includes({"include/baton/reader.h",
                                    "#include \"baton/result.h\"\n#include <tl/expected.hpp>\n#include <map>\n"})),
            "");
  EXPECT_EQ(shown(private_includes({"src/batch/a.h", "#include \"data/writer.h\"\n"})), "");
}

TEST(HouseRule, AnImpureHeaderInAPureRoomIsFound) {
  for (const char* header : {"thread", "mutex", "fstream", "iostream", "sys/stat.h", "unistd.h", "sqlite3.h"}) {
    expect_one(wrong_includes({"src/batch/a.cpp", fmt::format("\n#include <{}>\n", header)}), 2);
    EXPECT_EQ(shown(wrong_includes({"src/runtime/a.cpp", fmt::format("#include <{}>\n", header)})), "");
  }
}

TEST(HouseRule, AForeignHeaderInBaseIsFound) {
  expect_one(wrong_includes({"src/base/a.h", "#include <yaml-cpp/yaml.h>\n"}), 1);
  EXPECT_EQ(shown(wrong_includes({"src/base/a.h", "#include <chrono>\n#include <tl/expected.hpp>\n"})), "");
}

TEST(HouseRule, AHeavyIncludeInAHeaderIsFound) {
  for (const char* header : {"nlohmann/json.hpp", "CLI/CLI.hpp", "spdlog/spdlog.h"}) {
    const std::string text = fmt::format("#include <{}>\n", header);
    expect_one(heavy_header_includes({"src/app/a.h", text}), 1);
    EXPECT_EQ(shown(heavy_header_includes({"src/app/a.cpp", text})), "");
  }
}

TEST(HouseRule, AnImpureCallInAPureRoomIsFound) {
  for (const char* call : {"std::chrono::system_clock::now()", "std::random_device()", "std::getenv(\"A\")",
                           "std::time(nullptr)", "::time(nullptr)"}) {
    const std::string text = fmt::format("int a;\nauto b = {};\n", call);
    EXPECT_FALSE(impure_calls({"src/lease/a.cpp", text}).empty()) << call;
    EXPECT_EQ(impure_calls({"src/lease/a.cpp", text}).front().line, 2);
    EXPECT_EQ(shown(impure_calls({"src/runtime/a.cpp", text})), "");
  }
  EXPECT_EQ(shown(impure_calls({"src/lease/a.cpp", "clock.now(); hold.time(1);  // getenv\n"})), "");
}

TEST(HouseRule, ARealClockOutsideOfItsPlaceIsFound) {
  const std::string text = "auto t = std::chrono::steady_clock::now();\n";
  expect_one(real_clocks({"src/sqlite/a.cpp", text}), 1);
  expect_one(real_clocks({"src/runtime/pipeline.cpp", text}), 1);
  expect_one(real_clocks({"tests/simulation/a_test.cpp", text}), 1);
  expect_one(real_clocks({"src/server/a.cpp", "using Time = std::chrono::steady_clock;\nauto t = Time::now();\n"}), 2);
  EXPECT_EQ(shown(real_clocks({"src/replica/a.cpp", "WallTime RepositoryClock::now(Instant now) const {}\n"})), "");
  EXPECT_EQ(shown(real_clocks({"src/runtime/system_clock.cpp", text})), "");
  EXPECT_EQ(shown(real_clocks({"src/app/main.cpp", text})), "");
}

TEST(HouseRule, ASleepIsFound) {
  for (const char* call : {"std::this_thread::sleep_for(1ms)", "usleep(5)", "::sleep(1)"}) {
    expect_one(sleeps({"tests/process/a_test.cpp", fmt::format("{};\n", call)}), 1);
    expect_one(sleeps({"src/runtime/a.cpp", fmt::format("{};\n", call)}), 1);
  }
  EXPECT_EQ(shown(sleeps({"tests/process/a_test.cpp", "run(\"sleep 5\", \"sleep(5)\");\n"})), "");
}

TEST(HouseRule, ALoopOverTheValueOfATemporaryIsFound) {
  for (const char* loop :
       {"for (const Row& row : read(file).value()) {", "for (auto& [a, b] : store->open().value()) f(a);",
        "for (int i = 0; const Row& row : read(x)\n         .value()) {",
        "for (auto& job : load(text).value().jobs) {"}) {
    expect_one(dangling_ranges({"tests/a_test.cpp", fmt::format("int a;\n{}\n", loop)}), 2);
    expect_one(dangling_ranges({"src/app/a.cpp", fmt::format("int a;\n{}\n", loop)}), 2);
  }
  for (const char* loop :
       {"for (const Row& row : rows.value()) f(row);", "for (const Row& row : *rows) keep(read(row).value());",
        "for (const Row& row : sorted(read(file).value())) {", "for (const Row& row : read(file).value().copied()) {",
        "for (int i = 0; i < (a ? b : read(file).value()); ++i) {", "for (const auto& x : a::b) c = read(x).value();",
        "wait_for (a ? b : read(file).value());"}) {
    EXPECT_EQ(shown(dangling_ranges({"src/app/a.cpp", loop})), "") << loop;
  }
}

TEST(HouseRule, AVagueNameIsFound) {
  expect_one(vague_name({"src/base/string_util.h", ""}), 0);
  expect_one(vague_name({"src/lease/lease_manager.cpp", ""}), 0);
  expect_one(vague_name({"tests/process/helpers.h", ""}), 0);
  expect_one(vague_name({"scripts/common", ""}), 0);
  EXPECT_EQ(shown(vague_name({"src/base/duration.h", ""})), "");
}

TEST(HouseRule, ANoteToOneselfIsFound) {
  expect_one(leftovers({"src/base/a.h",
                        "// A.\n// TO"
                        "DO: later\n"}),
             2);
  expect_one(leftovers({"scripts/build",
                        "# FIX"
                        "ME\n"}),
             1);
  EXPECT_EQ(shown(leftovers({"tests/a.cpp", "mkdtemp(\"a-XXXXXX\")"})), "");
}

TEST(HouseRule, ALongFileIsFound) {
  expect_one(too_long({"src/base/a.cpp", std::string(601, '\n')}), 600);
  EXPECT_EQ(shown(too_long({"src/base/a.cpp", std::string(600, '\n')})), "");
}

TEST(HouseRule, AHeaderWithoutGuardOrPurposeIsFound) {
  expect_one(bare_header({"src/base/a.h", "// What it is for.\nint a();\n"}), 1);
  expect_one(bare_header({"src/base/a.h", "\n#pragma once\n"}), 1);
  EXPECT_EQ(shown(bare_header({"src/base/a.h", "// What it is for.\n#pragma once\n"})), "");
}

TEST(HouseRule, APathOfOneMachineIsFound) {
  expect_one(machine_paths({"docs/a.md",
                            "see\n/ho"
                            "me/ada/notes\n"}),
             2);
  expect_one(machine_paths({"a.yaml",
                            "path: \"/tm"
                            "p/x\"\n"}),
             1);
  EXPECT_EQ(shown(machine_paths({"a.md",
                                 "https://example.org/ho"
                                 "me/x and ${OUT}/tm"
                                 "p/x\n"})),
            "");
}

TEST(HouseRule, ATypeOfTwoHeadersIsFound) {
  const SourceFile first{"src/data/a.h", "struct Position {\n};\nstruct Other;\n"};
  const SourceFile second{"src/config/b.h", "struct Other {\n};\nclass Position {\n};\n"};
  expect_one(types_defined_twice({first, second}), 3);
  EXPECT_EQ(shown(types_defined_twice({first})), "");
}

}  // namespace
}  // namespace baton::house
