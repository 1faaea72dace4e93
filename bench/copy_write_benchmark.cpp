// How fast encoded rows of lineitem go through the COPY writer into a server, against one COPY of the same bytes:
// bench_copy_write URL FILE [ROUNDS]. The sides take turns; the table is emptied before each.
#include "format/csv_reader.h"
#include "postgres/copy_binary.h"
#include "postgres/table_encode.h"
#include "postgres/table_writer.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr std::size_t chunk_rows = 50'000;

using Batches = std::vector<std::unique_ptr<baton::EncodedBatch>>;

struct Rates {
  std::vector<double> written;
  std::vector<double> copied;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

baton::Status empty_table(baton::PgConnection& connection) {
  BATON_TRY(const auto emptied, connection.script("TRUNCATE lineitem"));
  BATON_TRY(const auto written, connection.script("CHECKPOINT"));
  return {};
}

baton::Result<std::vector<baton::RowBatch>> read(const std::string& path, const std::vector<std::string>& columns) {
  baton::CsvOptions options;
  options.path = path;
  options.header = false;
  options.columns = columns;
  const auto reader = baton::make_csv_reader(options, {});
  BATON_TRY(const auto opened, reader->open({}));
  std::vector<baton::RowBatch> batches;
  while (true) {
    baton::RowBatch batch;
    BATON_TRY(const bool more, reader->read(batch, {}));
    if (!more) return batches;
    batches.push_back(std::move(batch));
  }
}

// In chunks, each a transaction, as a load writes them.
baton::Result<double> write(baton::PgSession& session, baton::TableWriter& writer, const std::vector<Batches>& chunks) {
  BATON_TRY(baton::PgConnection * connection, session.connection());
  const auto start = std::chrono::steady_clock::now();
  for (const Batches& chunk : chunks) {
    BATON_TRY(const auto begun, connection->script("BEGIN"));
    BATON_TRY(const auto tally, writer.write_all(chunk));
    BATON_TRY(const auto done, connection->script("COMMIT"));
  }
  return seconds_since(start);
}

baton::Result<double> copy(baton::PgConnection& connection, const std::vector<Batches>& chunks) {
  const auto start = std::chrono::steady_clock::now();
  BATON_CHECK(connection.copy_in("COPY lineitem FROM STDIN (FORMAT binary)"));
  BATON_CHECK(connection.copy_data(baton::copy_binary_header()));
  for (const Batches& chunk : chunks) {
    for (const auto& batch : chunk) {
      const auto& rows = static_cast<const baton::PgEncodedBatch&>(*batch).content();
      BATON_CHECK(connection.copy_data(rows.view(0, rows.rows())));
    }
  }
  BATON_CHECK(connection.copy_data(baton::copy_binary_trailer()));
  const auto ended = connection.copy_end();
  if (!ended) return baton::fail(ended.error());
  return seconds_since(start);
}

baton::Status measure(const std::string& url, const std::string& path, int rounds) {
  baton::PgAddress address;
  address.url = baton::Redacted<std::string>(url);
  address.shown = "server";
  BATON_TRY(const auto settings, baton::pg_settings(address, "bench_copy_write"));
  baton::PgSession session(settings, "");
  BATON_TRY(baton::PgConnection * connection, session.connection());
  baton::TableSpec spec;
  spec.name = "lineitem";
  const auto writer = baton::make_pg_table_writer(session, spec, "bench");
  BATON_TRY(const auto columns, writer->columns());
  BATON_CHECK(writer->bind(columns));
  BATON_TRY(const auto input, read(path, columns));
  std::vector<Batches> encoded;
  std::vector<baton::Reject> rejects;
  std::size_t rows = 0;
  std::size_t in_chunk = chunk_rows;
  for (const auto& batch : input) {
    if (in_chunk >= chunk_rows) {
      encoded.emplace_back();
      in_chunk = 0;
    }
    encoded.back().push_back(writer->encode(batch, rejects));
    in_chunk += encoded.back().back()->rows();
    rows += encoded.back().back()->rows();
  }
  Rates rates;
  for (int round = 0; round < rounds; ++round) {
    BATON_CHECK(empty_table(*connection));
    BATON_TRY(const double copied, copy(*connection, encoded));
    BATON_CHECK(empty_table(*connection));
    BATON_TRY(const double written, write(session, *writer, encoded));
    rates.copied.push_back(static_cast<double>(rows) / copied);
    rates.written.push_back(static_cast<double>(rows) / written);
    fmt::print("round {}: one COPY {:.0f} rows/s, chunks {:.0f} rows/s\n", round + 1, rates.copied.back(),
               rates.written.back());
  }
  fmt::print("median: one COPY {:.0f} rows/s, chunks {:.0f} rows/s, {:.1f} %\n", median(rates.copied),
             median(rates.written), 100 * median(rates.written) / median(rates.copied));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_copy_write URL FILE [ROUNDS]\n");
    return 2;
  }
  const auto measured = measure(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 7);
  if (!measured) fmt::print(stderr, "{}\n", measured.error().message);
  return measured ? 0 : 1;
}
