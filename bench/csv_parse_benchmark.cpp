// Parses a CSV file without a header into batches and prints the best rate of several passes:
// bench_csv_parse FILE [DELIMITER] [PASSES].
#include "format/csv_reader.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

struct Pass {
  double seconds = 0;
  std::uint64_t rows = 0;
  std::uint64_t rejects = 0;
  std::uint64_t bytes = 0;
};

baton::Result<Pass> parse(const baton::CsvOptions& options, baton::CsvTuning tuning) {
  const auto start = std::chrono::steady_clock::now();
  const auto reader = baton::make_csv_reader(options, tuning);
  BATON_TRY(const auto columns, reader->open({}));
  baton::RowBatch batch;
  Pass pass;
  for (;;) {
    BATON_TRY(const bool more, reader->read(batch, {}));
    if (!more) break;
    pass.rows += batch.size();
    pass.rejects += batch.rejects.size();
  }
  BATON_CHECK(reader->finish());
  pass.bytes = reader->size_bytes();
  pass.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return pass;
}

bool measure(const char* name, const baton::CsvOptions& options, baton::CsvPath path, int passes) {
  Pass best;
  for (int i = 0; i < passes; ++i) {
    baton::CsvTuning tuning;
    tuning.path = path;
    const auto pass = parse(options, tuning);
    if (!pass) {
      fmt::print(stderr, "{}\n", pass.error().message);
      return false;
    }
    if (i == 0 || pass->seconds < best.seconds) best = *pass;
  }
  const double megabytes = static_cast<double>(best.bytes) / 1e6;
  fmt::print("{}: {} rows, {} rejects, {:.1f} MB in {:.3f} s, {:.0f} rows/s\n{:.0f} MB/s\n", name, best.rows,
             best.rejects, megabytes, best.seconds, static_cast<double>(best.rows) / best.seconds,
             megabytes / best.seconds);
  return true;
}

std::vector<std::string> columns_of_first_line(const baton::CsvOptions& options) {
  std::ifstream file(options.path);
  std::string line;
  std::getline(file, line);
  std::vector<std::string> columns;
  const auto delimiters = std::count(line.begin(), line.end(), options.delimiter);
  for (std::ptrdiff_t i = 0; i <= delimiters; ++i) columns.push_back(fmt::format("column_{}", i));
  return columns;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} FILE [DELIMITER] [PASSES]\n", argv[0]);
    return 2;
  }
  baton::CsvOptions options;
  options.path = argv[1];
  if (argc > 2) options.delimiter = argv[2][0];
  options.header = false;
  options.columns = columns_of_first_line(options);
  const int passes = argc > 3 ? std::max(1, std::atoi(argv[3])) : 5;
  const bool done = measure("portable path", options, baton::CsvPath::portable, passes) &&
                    measure("fastest path", options, baton::CsvPath::fastest, passes);
  return done ? 0 : 1;
}
