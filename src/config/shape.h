// The vocabulary in which the configuration is described once; the checks and the JSON Schema both walk it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace baton {

struct Member;

// What a value may be.
struct Shape {
  enum class Kind {
    text,
    integer,
    number,
    boolean,
    object,  // known keys
    map,     // names that the user chooses → inner[0]
    list,    // of inner[0]
    either,  // one of `inner`, told apart by being text, a list or a map
  };

  Kind kind = Kind::text;
  std::string expected;  // for messages: "expected …"

  // text
  std::vector<std::string> values;                // the only ones; empty: any
  std::vector<std::string> later_values;          // ones that a later version knows
  bool (*accepts)(const std::string&) = nullptr;  // of a text, or of the names of a map
  std::string pattern;        // the same as an ECMAScript regular expression, as far as it can say it
  bool secret = false;        // never shown in a message
  bool may_be_empty = false;  // '' is a value, not an absent one

  // integer, number
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::int64_t later_max = 0;  // up to here a later version knows it

  // object
  std::string owner;  // for messages: "a step", "`locks`"
  std::vector<Member> members;
  std::vector<std::vector<std::string>> exactly_one_of;

  // map, list
  std::string names;  // for messages: what the names of a map are
  std::vector<Shape> inner;
  bool at_least_one = false;
  bool unique = false;  // a list of different texts

  const Member* find(const std::string& key) const;
  std::vector<std::string> known_keys() const;  // without those of later versions
};

// A key of an object. The setters return the member, to be chained.
struct Member {
  Member(std::string its_key, Shape its_shape, std::string its_description)
      : key(std::move(its_key)), shape(std::move(its_shape)), description(std::move(its_description)) {}

  Member& required() { return is_required = true, *this; }
  Member& needs(std::string other) { return needed = std::move(other), *this; }
  Member& defaults(std::string text) { return default_value = std::move(text), *this; }

  std::string key;
  Shape shape;
  std::string description;
  std::string default_value;  // empty: none, or the description says it
  std::string needed;         // the key beside it that this one needs
  bool is_required = false;
  bool is_later = false;
};

Shape text(std::string expected);
Shape checked_text(std::string expected, bool (*accepts)(const std::string&), std::string pattern);
Shape choice(std::vector<std::string> values, std::vector<std::string> later_values = {});
Shape integer(std::int64_t min, std::int64_t max);
Shape number(std::int64_t min, std::int64_t max);
Shape boolean();
Shape object(std::string owner, std::vector<Member> members);
Shape map_of(Shape names, Shape inner);
Shape list_of(Shape inner);
Shape either(Shape first, Shape second);

// A key that only a later version knows.
Member later(std::string key);

// `a, b, c`
std::string joined(const std::vector<std::string>& texts);

}  // namespace baton
