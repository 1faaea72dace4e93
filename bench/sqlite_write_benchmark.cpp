// bench_sqlite_write FILE DATABASE [upsert]: rows/s of encode and of write for a lineitem CSV of bench_lineitem, in
// chunks of 50 000 rows; with `upsert` into a table that the writer makes, STRICT and with a primary key. Reading and
// splitting are outside of the measurement.
#include "baton/row_batch.h"
#include "sqlite/connection.h"
#include "sqlite/table_writer.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace baton;

constexpr std::size_t column_count = 16;
constexpr std::size_t batch_rows = 4096;
constexpr std::size_t chunk_rows = 50'000;

constexpr std::string_view create_lineitem =
    "CREATE TABLE lineitem(l_orderkey INTEGER, l_partkey INTEGER, l_suppkey INTEGER, l_linenumber INTEGER, "
    "l_quantity DECIMAL(15,2), l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), "
    "l_returnflag CHAR(1), l_linestatus CHAR(1), l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, "
    "l_shipinstruct CHAR(25), l_shipmode CHAR(10), l_comment VARCHAR(44))";

// Wall and CPU seconds of all threads since it was made.
class Stopwatch {
 public:
  double wall() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count(); }
  double cpu() const { return cpu_now() - cpu_started_; }

 private:
  static double cpu_now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }

  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  double cpu_started_ = cpu_now();
};

// Enough of CSV for the generator's files: quotes around a whole field, none inside.
void add_record(RowBatch& batch, std::string_view line, std::uint64_t record) {
  RowPlace place;
  place.record = record;
  place.line = record;
  place.raw_offset = static_cast<std::uint32_t>(batch.text.size());
  place.raw_size = static_cast<std::uint32_t>(line.size());
  for (std::size_t at = 0; at <= line.size();) {
    const bool quoted = at < line.size() && line[at] == '"';
    const std::size_t begin = quoted ? at + 1 : at;
    const std::size_t end = std::min(line.find(quoted ? '"' : ',', begin), line.size());
    batch.fields.push_back({place.raw_offset + static_cast<std::uint32_t>(begin),
                            static_cast<std::uint32_t>(end - begin), FieldKind::text});
    at = end + (quoted ? 2 : 1);
  }
  batch.text.insert(batch.text.end(), line.begin(), line.end());
  batch.rows.push_back(place);
}

std::vector<RowBatch> read_batches(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<RowBatch> batches;
  std::uint64_t record = 0;
  for (std::string line; std::getline(file, line);) {
    const bool ends_chunk = record % chunk_rows == 0;
    if (batches.empty() || batches.back().size() == batch_rows || ends_chunk) {
      batches.emplace_back();
      batches.back().columns = column_count;
    }
    add_record(batches.back(), line, ++record);
  }
  return batches;
}

Status write_all(SqliteConnection& connection, TableWriter& writer, const std::vector<RowBatch>& batches) {
  std::vector<Reject> rejects;
  double encode_seconds = 0, write_seconds = 0, commit_seconds = 0;
  std::uint64_t written = 0;
  const Stopwatch all;
  for (std::size_t next = 0; next < batches.size();) {
    BATON_CHECK(connection.begin());
    for (std::size_t rows = 0; rows < chunk_rows && next < batches.size(); ++next) {
      const Stopwatch encoding;
      const auto encoded = writer.encode(batches[next], rejects);
      encode_seconds += encoding.wall();
      const Stopwatch writing;
      BATON_TRY(const WriteTally tally, writer.write(*encoded));
      write_seconds += writing.wall();
      written += tally.written;
      rows += batches[next].size();
    }
    const Stopwatch committing;
    BATON_CHECK(connection.commit());
    commit_seconds += committing.wall();
  }
  const auto rate = [&](double seconds) { return static_cast<double>(written) / seconds; };
  fmt::print("rows {} rejects {}\n", written, rejects.size());
  fmt::print("encode {:6.2f} s {:10.0f} rows/s\n", encode_seconds, rate(encode_seconds));
  fmt::print("write  {:6.2f} s {:10.0f} rows/s\n", write_seconds, rate(write_seconds));
  fmt::print("commit {:6.2f} s\n", commit_seconds);
  fmt::print("all    {:6.2f} s {:10.0f} rows/s, {:.2f} CPU seconds\n", all.wall(), rate(all.wall()), all.cpu());
  return {};
}

TableSpec upsert_spec(const std::vector<std::string>& names) {
  const std::vector<std::string> types = {
      "bigint",  "integer", "integer", "integer", "numeric(15,2)", "numeric(15,2)", "numeric(15,2)", "numeric(15,2)",
      "char(1)", "char(1)", "date",    "date",    "date",          "char(25)",      "char(10)",      "varchar(44)"};
  TableSpec spec;
  spec.name = "lineitem_by_key";
  spec.mode = WriteMode::upsert;
  spec.key = {"l_orderkey", "l_linenumber"};
  spec.create = true;
  for (std::size_t i = 0; i < names.size(); ++i) spec.columns.emplace_back(names[i], types[i]);
  return spec;
}

Status run(const std::string& file, const std::string& database, bool upsert) {
  const auto batches = read_batches(file);
  if (batches.empty()) return fail(ErrorKind::invalid, file + ": no rows");
  BATON_TRY(const auto connection, SqliteConnection::open(database, SqliteAccess::create));
  BATON_CHECK(tune_for_writing(*connection));
  BATON_CHECK(connection->execute(std::string(create_lineitem)));
  TableSpec spec;
  spec.connection = "bench";
  spec.name = "lineitem";
  auto writer = make_sqlite_table_writer(*connection, spec, "bench/lineitem");
  BATON_TRY(const auto columns, writer->columns());
  if (upsert) writer = make_sqlite_table_writer(*connection, upsert_spec(columns), "bench/lineitem");
  BATON_CHECK(writer->bind(columns));
  BATON_CHECK(connection->begin());
  BATON_CHECK(writer->begin(1));
  BATON_CHECK(connection->commit());
  return write_all(*connection, *writer, batches);
}

}  // namespace

int main(int argc, char** argv) {
  const bool upsert = argc == 4 && std::string_view(argv[3]) == "upsert";
  if (argc != (upsert ? 4 : 3)) {
    fmt::print(stderr, "usage: bench_sqlite_write FILE DATABASE [upsert] (a new database)\n");
    return 2;
  }
  const auto done = run(argv[1], argv[2], upsert);
  if (!done) fmt::print(stderr, "{}\n", done.error().message);
  return done ? 0 : 1;
}
