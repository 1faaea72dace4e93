#include "receipts_step.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

namespace fs = std::filesystem;

// Money is counted in cents, so that sums are exact, and written without an exponent.
std::string amount(long long cents) {
  char written[32];
  const long long size = std::llabs(cents);
  std::snprintf(written, sizeof written, "%s%lld.%02lld", cents < 0 ? "-" : "", size / 100, size % 100);
  return written;
}

baton::Result<baton::StepEnd> add_up(const fs::path& folder, const fs::path& total, baton::NativeContext& context) {
  long long cents = 0;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (context.stop.stop_requested()) return baton::StepEnd::stopped;  // the next execution begins again
    if (file.path().extension() != ".csv") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line); ++context.counts.read)
      cents += std::llround(100 * std::stod(line.substr(line.rfind(',') + 1)));
    context.progressed();
  }
  std::ofstream(total) << amount(cents) << '\n';
  context.counts.write = 1;
  return baton::StepEnd::completed;
}

}  // namespace

baton::Result<baton::NativeWork> make_receipts_step(const baton::Options& options) {
  BATON_CHECK(options.only({"folder", "total"}));
  BATON_TRY(const std::string folder, options.text("folder"));
  BATON_TRY(const std::string total, options.text("total"));
  return [folder, total](baton::NativeContext& context) { return add_up(folder, total, context); };
}
