// Writes metrics in Prometheus' text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). A scrape of a thousand jobs has
// 30,000 series: they are written once, without values in between.
#pragma once

#include "server/observed.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton {

struct MetricLabel {
  std::string_view name;
  std::string_view value;  // of the snapshot, or of a literal: it outlives the call
};
using MetricLabels = std::vector<MetricLabel>;

class MetricFamilies {
 public:
  explicit MetricFamilies(std::size_t expected_bytes) { text_.reserve(expected_bytes); }

  void gauge(std::string_view name, std::string_view help, double value, const MetricLabels& labels = {});
  void counter(std::string_view name, std::string_view help, std::uint64_t value);

  // One for each of `items`, with its value and its labels.
  template <class Items, class Value, class Labels>
  void gauges(std::string_view name, std::string_view help, const Items& items, const Value& value,
              const Labels& labels) {
    begin(name, help, "gauge");
    for (const auto& item : items) add(name, "", labels(item), static_cast<double>(value(item)));
  }
  template <class Items, class Value, class Labels>
  void counters(std::string_view name, std::string_view help, const Items& items, const Value& value,
                const Labels& labels) {
    begin(name, help, "counter");
    for (const auto& item : items) add(name, "", labels(item), static_cast<double>(value(item)));
  }
  // As Micrometer shows a timer: NAME_count, NAME_sum, and a gauge NAME_max.
  template <class Items, class Value, class Labels>
  void timers(const std::string& name, const std::string& help, const Items& items, const Value& value,
              const Labels& labels) {
    begin(name, help, "summary");
    for (const auto& item : items) {
      const DurationSummary& durations = value(item);
      const MetricLabels own = labels(item);
      add(name, "_count", own, static_cast<double>(durations.count));
      add(name, "_sum", own, durations.sum);
    }
    gauges(
        name + "_max", help + " The longest of the last two minutes.", items,
        [&](const auto& item) { return value(item).max; }, labels);
  }

  std::string text() && { return std::move(text_); }

 private:
  void begin(std::string_view name, std::string_view help, std::string_view type);
  void add(std::string_view name, std::string_view suffix, const MetricLabels& labels, double value);

  std::string text_;
};

}  // namespace baton
