#include "tests/process/rolling/ownership_drawing.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <set>

namespace baton {
namespace {

constexpr int left = 90, top = 40, row = 26, bar = 18, width = 760, legend = 24;
constexpr std::array<const char*, 10> colours{"#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#edc948",
                                              "#76b7b2", "#ff9da7", "#9c755f", "#bab0ac", "#86bcb6"};

double seconds(std::chrono::milliseconds length) { return std::chrono::duration<double>(length).count(); }

template <class Name>
int place(const std::set<std::string>& names, const Name& name) {
  return static_cast<int>(std::distance(names.begin(), names.find(name)));
}

}  // namespace

std::string ownership_svg(const std::string& title, const std::vector<Hold>& holds) {
  if (holds.empty()) return "";
  std::set<std::string> jobs;
  std::set<std::string> pods;
  const LogTime begin = holds.front().from;
  LogTime end = begin;
  for (const Hold& hold : holds) {
    jobs.insert(hold.job);
    pods.insert(hold.pod);
    end = std::max(end, hold.until.value_or(hold.from));
  }
  const double scale = width / std::max(0.001, seconds(end - begin));
  const auto x = [&](LogTime time) { return left + seconds(time - begin) * scale; };
  const int axis = top + row * static_cast<int>(jobs.size());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{}\" y=\"20\" font-weight=\"bold\">{}</text>\n",
      left + width + 20, axis + 2 * legend + 10, left, title);
  for (const std::string& job : jobs) {
    svg += fmt::format("<text x=\"8\" y=\"{}\">{}</text>\n", top + row * place(jobs, job) + 14, job);
  }
  for (const Hold& hold : holds) {
    const LogTime until = hold.until.value_or(end);
    const int y = top + row * place(jobs, hold.job);
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\"><title>{}: {}</title></rect>\n",
        x(hold.from), y, std::max(1.0, x(until) - x(hold.from)), bar,
        colours[static_cast<std::size_t>(place(pods, hold.pod)) % colours.size()], hold.job, hold.pod);
    if (hold.until && !hold.released) {
      svg += fmt::format("<path d=\"M{:.1f} {}v{}\" stroke=\"red\" stroke-width=\"2\"/>\n", x(until), y - 2, bar + 4);
    }
  }
  for (int second = 0; second <= static_cast<int>(seconds(end - begin)); ++second) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" fill=\"#666\">{}</text>\n", left + second * scale, axis + 14,
                       second % 2 == 0 ? fmt::format("{} s", second) : "");
  }
  for (const std::string& pod : pods) {
    const int at = left + 90 * place(pods, pod);
    svg += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{}\"/><text x=\"{}\" y=\"{}\">{}</text>\n", at,
        axis + legend, colours[static_cast<std::size_t>(place(pods, pod)) % colours.size()], at + 16,
        axis + legend + 11, pod);
  }
  return svg + "</svg>\n";
}

}  // namespace baton
