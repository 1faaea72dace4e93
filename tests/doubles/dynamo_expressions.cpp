#include "tests/doubles/dynamo_expressions.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace baton {
namespace {

using Json = nlohmann::json;

// Words, with each of ( ) , = a word of its own.
std::vector<std::string> words_of(const std::string& expression) {
  std::string spaced;
  for (const char c : expression) {
    const bool own_word = c == '(' || c == ')' || c == ',' || c == '=';
    spaced += own_word ? std::string{' ', c, ' '} : std::string{c};
  }
  std::istringstream stream(spaced);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string attribute(const std::string& word, const Json& said) {
  return word.starts_with('#') ? said.at("ExpressionAttributeNames").at(word).get<std::string>() : word;
}

const Json& value(const std::string& word, const Json& said) { return said.at("ExpressionAttributeValues").at(word); }

bool exists(const Json& item, const std::string& name) { return item.is_object() && item.contains(name); }

}  // namespace

bool condition_holds(const std::string& expression, const Json& item, const Json& said) {
  const std::vector<std::string> words = words_of(expression);
  std::size_t at = 0;
  while (at < words.size()) {
    bool holds = false;
    if (words[at] == "attribute_exists" || words[at] == "attribute_not_exists") {
      holds = exists(item, attribute(words.at(at + 2), said)) == (words[at] == "attribute_exists");
      at += 4;
    } else if (words.at(at + 1) == "=") {
      const std::string name = attribute(words[at], said);
      holds = exists(item, name) && item.at(name) == value(words.at(at + 2), said);
      at += 3;
    } else {
      throw std::invalid_argument(expression);
    }
    if (!holds) return false;
    if (at < words.size() && words[at++] != "AND") throw std::invalid_argument(expression);
  }
  return true;
}

void apply_update(const std::string& expression, Json& item, const Json& said) {
  const std::vector<std::string> words = words_of(expression);
  std::string clause;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at] == "SET" || words[at] == "REMOVE") {
      clause = words[at];
    } else if (words[at] == ",") {
      continue;
    } else if (clause == "REMOVE") {
      item.erase(attribute(words[at], said));
    } else if (clause == "SET" && words.at(at + 1) == "=") {
      item[attribute(words[at], said)] = value(words.at(at + 2), said);
      at += 2;
    } else {
      throw std::invalid_argument(expression);
    }
  }
}

}  // namespace baton
