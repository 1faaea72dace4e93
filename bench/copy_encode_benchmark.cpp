// How fast lineitem's rows become COPY BINARY, without reading them and without a server:
// bench_lineitem ROWS FILE, then bench_copy_encode FILE [Google Benchmark's options].
#include "format/csv_reader.h"
#include "postgres/copy_binary.h"
#include "postgres/table_encode.h"
#include "postgres/value_codec.h"

#include <benchmark/benchmark.h>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using baton::pg_encoder;

constexpr std::uint32_t int4 = 23;
constexpr std::uint32_t numeric = 1700;
constexpr std::uint32_t bpchar = 1042;
constexpr std::uint32_t varchar = 1043;
constexpr std::uint32_t date = 1082;
constexpr std::int32_t decimal_15_2 = ((15 << 16) | 2) + 4;

baton::PgTablePlan lineitem() {
  baton::PgTablePlan plan;
  const auto add = [&](const char* name, std::uint32_t type, std::int32_t modifier) {
    baton::PgTargetColumn column;
    column.name = name;
    column.encoder = pg_encoder(type, modifier);
    plan.columns.push_back(std::move(column));
  };
  for (const char* name : {"l_orderkey", "l_partkey", "l_suppkey", "l_linenumber"}) add(name, int4, -1);
  for (const char* name : {"l_quantity", "l_extendedprice", "l_discount", "l_tax"}) add(name, numeric, decimal_15_2);
  for (const char* name : {"l_returnflag", "l_linestatus"}) add(name, bpchar, 4 + 1);
  for (const char* name : {"l_shipdate", "l_commitdate", "l_receiptdate"}) add(name, date, -1);
  add("l_shipinstruct", bpchar, 4 + 25);
  add("l_shipmode", bpchar, 4 + 10);
  add("l_comment", varchar, 4 + 44);
  return plan;
}

struct Input {
  std::vector<baton::RowBatch> batches;
  std::size_t rows = 0;
  std::size_t bytes = 0;
};

baton::Result<Input> read(const std::string& path) {
  constexpr std::size_t enough_batches = 25;  // a hundred thousand rows
  baton::CsvOptions options;
  options.path = path;
  options.header = false;
  for (const auto& column : lineitem().columns) options.columns.push_back(column.name);
  const auto reader = baton::make_csv_reader(options, {});
  BATON_TRY(const auto columns, reader->open({}));
  Input input;
  while (input.batches.size() < enough_batches) {
    baton::RowBatch batch;
    BATON_TRY(const bool more, reader->read(batch, {}));
    if (!more) break;
    input.rows += batch.size();
    input.bytes += batch.bytes;
    input.batches.push_back(std::move(batch));
  }
  return input;
}

void encode(benchmark::State& state, const Input& input) {
  const baton::PgTablePlan plan = lineitem();
  baton::PgEncodedRows encoded;
  std::vector<baton::Reject> rejects;
  for (auto _ : state) {
    for (const baton::RowBatch& batch : input.batches) {
      encode_pg_rows(plan, false, batch, encoded, rejects);
      benchmark::DoNotOptimize(encoded.bytes.view().data());
    }
  }
  if (!rejects.empty()) state.SkipWithError(rejects.front().reason.c_str());
  const auto passes = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(passes * static_cast<std::int64_t>(input.rows));
  state.SetBytesProcessed(passes * static_cast<std::int64_t>(input.bytes));
}

void encode_value_of(benchmark::State& state, const baton::PgEncoder& encoder, const std::string& text) {
  baton::CopyBuffer out;
  for (auto _ : state) {
    out.clear();
    for (int i = 0; i < 1000; ++i) {
      benchmark::DoNotOptimize(encode_value(encoder, baton::FieldKind::text, text, out));
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 1000);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::fputs("usage: bench_copy_encode FILE [options]; make FILE with bench_lineitem ROWS FILE\n", stderr);
    return 2;
  }
  const auto input = read(argv[1]);
  if (!input) {
    std::fprintf(stderr, "%s\n", input.error().message.c_str());
    return 1;
  }
  benchmark::RegisterBenchmark("lineitem", encode, *input)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("integer", encode_value_of, pg_encoder(int4, -1), "1234567");
  benchmark::RegisterBenchmark("numeric(15,2)", encode_value_of, pg_encoder(numeric, decimal_15_2), "17954.55");
  benchmark::RegisterBenchmark("date", encode_value_of, pg_encoder(date, -1), "1996-03-13");
  benchmark::RegisterBenchmark("varchar(44)", encode_value_of, pg_encoder(varchar, 4 + 44), "quickly ironic deposits");
  benchmark::RegisterBenchmark("timestamptz", encode_value_of, pg_encoder(1184, -1), "1996-03-13 12:34:56.789012+00");
  benchmark::RegisterBenchmark("uuid", encode_value_of, pg_encoder(2950, -1), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  benchmark::RegisterBenchmark("double precision", encode_value_of, pg_encoder(701, -1), "17954.55");
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
