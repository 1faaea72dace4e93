// Metrics as prometheus-cpp's values. Only for this room's own files.
#pragma once

#include "server/observed.h"

#include <prometheus/metric_family.h>
#include <string>
#include <utility>
#include <vector>

namespace baton {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

class MetricFamilies {
 public:
  void gauge(const char* name, const char* help, double value, MetricLabels labels = {});
  void counter(const char* name, const char* help, std::uint64_t value);

  // One for each of `items`, with its value and its labels.
  template <class Items, class Value, class Labels>
  void gauges(const char* name, const char* help, const Items& items, const Value& value, const Labels& labels) {
    each(prometheus::MetricType::Gauge, name, help, items, [&](const auto& item, prometheus::ClientMetric& metric) {
      metric.gauge.value = static_cast<double>(value(item));
      metric.label = labels(item);
    });
  }
  template <class Items, class Value, class Labels>
  void counters(const char* name, const char* help, const Items& items, const Value& value, const Labels& labels) {
    each(prometheus::MetricType::Counter, name, help, items, [&](const auto& item, prometheus::ClientMetric& metric) {
      metric.counter.value = static_cast<double>(value(item));
      metric.label = labels(item);
    });
  }
  // As Micrometer shows a timer: NAME_count, NAME_sum, and a gauge NAME_max.
  template <class Items, class Value, class Labels>
  void timers(const std::string& name, const char* help, const Items& items, const Value& value, const Labels& labels) {
    each(prometheus::MetricType::Summary, name, help, items, [&](const auto& item, prometheus::ClientMetric& metric) {
      const DurationSummary& durations = value(item);
      metric.summary.sample_count = durations.count;
      metric.summary.sample_sum = durations.sum;
      metric.label = labels(item);
    });
    const std::string longest = std::string(help) + " The longest of the last two minutes.";
    gauges((name + "_max").c_str(), longest.c_str(), items, [&](const auto& item) { return value(item).max; }, labels);
  }

  std::string text() const;

 private:
  template <class Items, class Fill>
  void each(prometheus::MetricType type, const std::string& name, const char* help, const Items& items,
            const Fill& fill) {
    prometheus::MetricFamily family{name, help, type, {}};
    family.metric.reserve(items.size());
    for (const auto& item : items) fill(item, family.metric.emplace_back());
    families_.push_back(std::move(family));
  }

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace baton
