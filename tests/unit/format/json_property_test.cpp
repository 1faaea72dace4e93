// Random documents, with nlohmann-json as the judge.
#include "format/json_reader.h"
#include "format/json_scanner.h"

#include "tests/unit/format/random_csv.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using nlohmann::json;
using test::RandomCsv;

json random_value(RandomCsv& random, int depth) {
  switch (random.below(depth > 2 ? 6 : 8)) {
    case 0: return nullptr;
    case 1: return random.below(2) == 0;
    case 2: return random.below(1'000'000);
    case 3: return -0.125 * static_cast<double>(random.below(1000));
    case 4: return 1e-7 * static_cast<double>(random.below(100'000));
    case 5: return random.value();
    case 6: {
      json list = json::array();
      for (std::size_t i = random.below(4); i > 0; --i) list.push_back(random_value(random, depth + 1));
      return list;
    }
    default: {
      json object = json::object();
      for (std::size_t i = random.below(4); i > 0; --i) object[random.value()] = random_value(random, depth + 1);
      return object;
    }
  }
}

json random_items(RandomCsv& random, const std::vector<std::string>& names) {
  json items = json::array();
  for (std::size_t i = random.below(30); i > 0; --i) {
    json item = json::object();
    for (const std::string& name : names) {
      if (random.below(4) != 0) item[name] = random_value(random, 0);
    }
    item["other"] = random_value(random, 0);
    items.push_back(item);
  }
  return items;
}

// Arrays and objects may be written in other ways: these are compared as values.
bool agrees(const test::Value& read, const json& item, const std::string& name) {
  const auto member = item.find(name);
  if (member == item.end() || member->is_null()) return !read;
  if (!read) return false;
  if (member->is_structured()) return json::parse(*read) == *member;
  return *read == (member->is_string() ? member->get<std::string>() : member->dump());
}

TEST(JsonProperty, AnyItemsAreWrittenThenTheyAreReadBack) {
  const test::Folder folder;
  const std::vector<std::string> names = {"a", "b\"\n", "\xC3\xA9"};
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomCsv random(seed);
    const json items = random_items(random, names);
    const json document = {{"x", {1, {{"y/z", items}}}}, {"tail", random_value(random, 0)}};
    const int indent = static_cast<int>(random.below(4)) - 1;
    const std::string path = folder.write("in.json", document.dump(indent, ' ', random.below(2) == 0));
    const auto reader = make_json_reader({path, "/x/1/y~1z"});
    const auto content = test::read_all(*reader, names, {1 + random.below(9), 1 + random.below(500)});
    ASSERT_TRUE(content) << content.error().message;
    ASSERT_TRUE(content->rejects.empty());
    ASSERT_EQ(content->rows.size(), items.size());
    for (std::size_t row = 0; row < items.size(); ++row) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        ASSERT_TRUE(agrees(content->rows[row][i], items[row], names[i])) << items[row];
      }
      ASSERT_EQ(json::parse(content->raws[row]), items[row]);
    }
  }
}

// The judge refuses numbers that no double holds, which the grammar allows: no answer then.
std::optional<bool> judged(const std::string& text) {
  try {
    [[maybe_unused]] const json value = json::parse(text);
    return true;
  } catch (const json::parse_error&) {
    return false;
  } catch (const json::out_of_range&) {
    return std::nullopt;
  }
}

bool is_document(std::string_view text) {
  JsonScanner scanner(text, 0);
  scanner.skip_space();
  if (!scanner.skip_value()) return false;
  scanner.skip_space();
  return scanner.at_end();
}

TEST(JsonProperty, BytesOfADocumentChangeThenTheScannerAcceptsWhatTheGrammarDoes) {
  constexpr std::string_view bytes = "{}[],:\"\"\\u0019.eE+-tfn \n\tx/";
  std::size_t accepted = 0;
  constexpr unsigned documents = 4000;
  for (unsigned seed = 0; seed < documents; ++seed) {
    RandomCsv random(seed);
    std::string text = random_value(random, 0).dump(static_cast<int>(random.below(3)) - 1, ' ', true);
    for (std::size_t i = random.below(3); i > 0; --i) {
      const std::size_t at = random.below(text.size());
      const char byte = bytes[random.below(bytes.size())];
      if (random.below(2) == 0) {
        text[at] = byte;
      } else {
        text.insert(at, 1, byte);
      }
    }
    const std::optional<bool> grammatical = judged(text);
    if (!grammatical) continue;
    ASSERT_EQ(is_document(text), *grammatical) << text;
    accepted += is_document(text) ? 1 : 0;
  }
  EXPECT_GT(accepted, documents / 4);
  EXPECT_LT(accepted, documents);
}

}  // namespace
}  // namespace baton
