// Tests that take a sample of many trials, and all of them where BATON_SOAK is set.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace baton {

inline std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

inline bool is_soak() { return !setting("BATON_SOAK").empty(); }

// Hands each item to one of several threads, `at_once` of them where it is no soak: a trial mostly waits for the lease
// of the dead.
template <class Item>
void for_each_at_once(const std::vector<Item>& items, const std::function<void(const Item&)>& work,
                      std::size_t at_once = 3) {
  const std::size_t workers = is_soak() ? 4 * std::max(1U, std::thread::hardware_concurrency()) : at_once;
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(workers, items.size()); ++i) {
    threads.emplace_back([&] {
      for (std::size_t item = next++; item < items.size(); item = next++) work(items[item]);
    });
  }
}

}  // namespace baton
