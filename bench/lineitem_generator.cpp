// bench_lineitem ROWS FILE: a CSV like TPC-H's lineitem, 16 columns, no header. The same ROWS give the same bytes.
#include <fmt/format.h>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;

constexpr std::array instructions = {"DELIVER IN PERSON"sv, "COLLECT COD"sv, "NONE"sv, "TAKE BACK RETURN"sv};
constexpr std::array ship_modes = {"REG AIR"sv, "AIR"sv, "RAIL"sv, "SHIP"sv, "TRUCK"sv, "MAIL"sv, "FOB"sv};
constexpr std::array words = {"furiously"sv,   "quickly"sv, "carefully"sv, "blithely"sv, "slyly"sv,     "special"sv,
                              "pending"sv,     "final"sv,   "ironic"sv,    "regular"sv,  "express"sv,   "bold"sv,
                              "even"sv,        "silent"sv,  "deposits"sv,  "packages"sv, "requests"sv,  "accounts"sv,
                              "theodolites"sv, "foxes"sv,   "ideas"sv,     "pinto"sv,    "beans"sv,     "platelets"sv,
                              "sleep"sv,       "nag"sv,     "haggle"sv,    "wake"sv,     "cajole"sv,    "above"sv,
                              "after"sv,       "among"sv,   "against"sv,   "the"sv,      "according"sv, "to"sv};

// SplitMix64.
class Numbers {
 public:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  // From `low` to `high`, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }

 private:
  std::uint64_t state_ = 19'920'301;
};

// Howard Hinnant's days-to-civil algorithm; `day` counts from 1970-01-01.
std::string date(std::int64_t day) {
  const std::int64_t shifted = day + 719'468;
  const std::int64_t era = shifted / 146'097;
  const std::int64_t of_era = shifted % 146'097;
  const std::int64_t year_of_era = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * of_year + 2) / 153;
  const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02}", year, month, of_year - (153 * shifted_month + 2) / 5 + 1);
}

std::string comment(Numbers& numbers) {
  const auto target = static_cast<std::size_t>(numbers.between(10, 43));
  std::string text;
  while (text.size() < target) {
    if (!text.empty()) text += numbers.between(0, 30) == 0 ? ", " : " ";
    text += words[numbers.next() % words.size()];
  }
  if (text.size() > target) text.resize(target);
  if (text.find(',') != std::string::npos) return '"' + text + '"';
  return text;
}

std::string money(std::int64_t cents) { return fmt::format("{}.{:02}", cents / 100, cents % 100); }

struct Order {
  std::int64_t key = 0;
  std::int64_t day = 0;
  std::int64_t lines = 0;
};

std::string line(Numbers& numbers, const Order& order, std::int64_t number) {
  const std::int64_t part = numbers.between(1, 400'000);
  const std::int64_t quantity = numbers.between(1, 50);
  const std::int64_t retail_cents = 90'000 + part / 10 % 20'001 + 100 * (part % 1'000);
  const std::int64_t shipped = order.day + numbers.between(1, 121);
  const std::int64_t received = shipped + numbers.between(1, 30);
  constexpr std::int64_t current_day = 9'298;  // 1995-06-17, as in TPC-H
  const char* returned = received > current_day ? "N" : numbers.between(0, 1) == 0 ? "R" : "A";
  std::string text =
      fmt::format("{},{},{},{},{},{},0.{:02},0.{:02},{},{},", order.key, part, numbers.between(1, 20'000), number,
                  money(quantity * 100), money(quantity * retail_cents), numbers.between(0, 10), numbers.between(0, 8),
                  returned, shipped > current_day ? "O" : "F");
  text += fmt::format("{},{},{},{},{},{}\n", date(shipped), date(order.day + numbers.between(30, 90)), date(received),
                      instructions[numbers.next() % instructions.size()],
                      ship_modes[numbers.next() % ship_modes.size()], comment(numbers));
  return text;
}

bool generate(std::int64_t rows, std::FILE* file) {
  Numbers numbers;
  Order order;
  std::int64_t number = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (number == order.lines) {
      // TPC-H uses 8 of every 32 order keys; orders date from 1992-01-01 to 1998-08-02.
      order = {order.key % 32 == 7 ? order.key + 25 : order.key + 1, numbers.between(8'035, 10'440),
               numbers.between(1, 7)};
      number = 0;
    }
    const std::string text = line(numbers, order, ++number);
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size()) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t rows = 0;
  if (argc == 3) {
    const std::string_view text = argv[1];
    if (std::from_chars(text.data(), text.data() + text.size(), rows).ptr != text.data() + text.size()) rows = 0;
  }
  if (rows <= 0) {
    fmt::print(stderr, "usage: bench_lineitem ROWS FILE\n");
    return 2;
  }
  std::FILE* file = std::fopen(argv[2], "wb");
  if (file == nullptr) {
    fmt::print(stderr, "{}: cannot be opened for writing\n", argv[2]);
    return 1;
  }
  const bool written = generate(rows, file);
  if (std::fclose(file) != 0 || !written) {
    fmt::print(stderr, "{}: cannot be written\n", argv[2]);
    return 1;
  }
  return 0;
}
