#include "server/metric_families.h"

#include <prometheus/text_serializer.h>
#include <array>
#include <sstream>
#include <utility>

namespace baton {

void MetricFamilies::gauge(const char* name, const char* help, double value, MetricLabels labels) {
  gauges(
      name, help, std::array{value}, [](double one) { return one; }, [&](double) { return labels; });
}

void MetricFamilies::counter(const char* name, const char* help, std::uint64_t value) {
  counters(
      name, help, std::array{value}, [](std::uint64_t one) { return one; }, [](auto) { return MetricLabels(); });
}

std::string MetricFamilies::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families_);
  return std::move(out).str();
}

}  // namespace baton
