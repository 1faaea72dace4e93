# Loads into PostgreSQL beside psql and pgloader, for scripts/bench: on a server of its own with fsync on, the sides
# alternating in one run, the table emptied and CHECKPOINT before each. Needs $programs, $out, $rows, $csv, $few_rows and
# $few_csv. The server and what it was loaded with are gone at the end. BATON_BENCH_ROUNDS=1 BATON_BENCH_ROWS=500000
# shows in a minute whether it works.

pg_out=$out/postgres
pg_rounds=${BATON_BENCH_ROUNDS:-7}
pg_half=$((rows * 3 / 10)) # rows of an upsert, half of them new
pg_url=
pg_cluster=${TMPDIR:-/tmp}/baton-bench-postgres-$$

pg_end() {
  [ -n "$pg_url" ] && scripts/postgres remove "$pg_cluster" >/dev/null
  pg_url=
  rm -rf "$pg_out"
}

sql() { PGOPTIONS=-cclient_min_messages=warning psql "$pg_url" -X -q -At -v ON_ERROR_STOP=1 "$@"; }

pg_begin() {
  rm -rf "$pg_out"
  mkdir -p "$pg_out"
  trap 'pg_end; end_replicas' EXIT
  pg_url=$(scripts/postgres start "$pg_cluster" --set max_wal_size=4GB --set shared_buffers=512MB)
  sql -f bench/lineitem_postgres.sql
  generate "$rows" "$csv"
  generate "$few_rows" "$few_csv"
  sql -c "\\copy lineitem FROM '$csv' CSV"
  sql -c "CREATE TABLE lineitem_source (LIKE lineitem INCLUDING ALL)" -c "INSERT INTO lineitem_source SELECT * FROM lineitem" \
    -c "ALTER TABLE lineitem_source ADD PRIMARY KEY (l_orderkey, l_linenumber)" -c "VACUUM ANALYZE lineitem_source"
  local half=$((rows / 2))
  sql -c "\\copy (SELECT * FROM lineitem) TO '$pg_out/all.bin' BINARY"
  sql -c "\\copy (SELECT * FROM lineitem LIMIT $half) TO '$pg_out/part-1.bin' BINARY"
  sql -c "\\copy (SELECT * FROM lineitem OFFSET $half) TO '$pg_out/part-2.bin' BINARY"
}

# empty TABLE: and nothing that a side left to be written.
empty() { sql -c "TRUNCATE $1" -c CHECKPOINT; }

# Each run is an instance of its own in one job repository, which stands there as it does where jobs run daily.
pg_baton() {
  OUT=$PWD/$pg_out CSV=$PWD/$csv PG=$pg_url UPSERT=$PWD/$pg_out/upsert.csv \
    measured build/release/baton run --once "$1" --config bench/lineitem_postgres.yaml
}

two_connections() {
  sql -c "\\copy lineitem FROM '$pg_out/part-1.bin' BINARY" &
  local first=$!
  sql -c "\\copy lineitem FROM '$pg_out/part-2.bin' BINARY"
  wait "$first"
}

# What psql needs for tables without Baton: text out of one session and into another.
through_psql() {
  sql -c "COPY lineitem_source TO STDOUT" | sql -c "COPY lineitem FROM STDIN"
}

pg_loader() {
  cat >"$pg_out/lineitem.load" <<END
LOAD CSV FROM '$PWD/$few_csv' INTO ${pg_url}?tablename=lineitem
WITH fields terminated by ',', fields optionally enclosed by '"', workers = 2, concurrency = 1;
END
  pgloader --quiet "$pg_out/lineitem.load"
}

upsert_by_hand() {
  sql -c "BEGIN" -c "CREATE TEMPORARY TABLE staged (LIKE big) ON COMMIT DROP" \
    -c "\\copy staged FROM '$pg_out/upsert.csv' CSV" \
    -c "INSERT INTO big SELECT * FROM staged ON CONFLICT (id) DO UPDATE SET a = excluded.a, b = excluded.b, c = excluded.c" \
    -c "COMMIT"
}

# timed COMMAND…: seconds of a function or a command.
timed() {
  local began
  began=$(date +%s%N)
  "$@" >"$pg_out/log" 2>&1 || { cat "$pg_out/log" >&2; exit 1; }
  awk -v ns="$(($(date +%s%N) - began))" 'BEGIN { printf "%.3f", ns / 1e9 }'
}

# seconds_of SIDE: prints seconds, and KiB at the peak where it is Baton.
seconds_of() {
  case $1 in
    "baton, 1 writer") pg_baton lineitem ;;
    "baton, 2 writers") pg_baton lineitem_two ;;
    "baton, table to table") pg_baton copy ;;
    "baton, tables, 2 writers") pg_baton copy_two ;;
    "baton, upsert") pg_baton upsert ;;
    "binary file, 1 connection") timed sql -c "\\copy lineitem FROM '$pg_out/all.bin' BINARY" ;;
    "binary file, 2 connections") timed two_connections ;;
    "psql \\copy csv") timed sql -c "\\copy lineitem FROM '$csv' CSV" ;;
    "psql, text out and in") timed through_psql ;;
    "two statements by hand") timed upsert_by_hand ;;
    "pgloader") timed pg_loader ;;
  esac
}

# alternate TABLE RESET COUNT SIDE…: runs every side in each round; fills `medians` and `peak`.
declare -A medians peak
alternate() {
  local table=$1 reset=$2 count=$3 side round seconds kib found
  shift 3
  local -A taken
  for side in "$@"; do taken[$side]='' peak[$side]=0; done
  for round in $(seq "$pg_rounds"); do
    for side in "$@"; do
      $reset "$table"
      read -r seconds kib < <(seconds_of "$side"; echo)
      found=$(sql -c "SELECT count(*) FROM $table")
      [ "$found" = "$count" ] || { echo "$side: $table holds $found rows, expected $count" >&2; exit 1; }
      taken[$side]+=" $seconds"
      if [ "${kib:-0}" -gt "${peak[$side]}" ]; then peak[$side]=$kib; fi
      printf '  round %s  %-28s %7.2f s\n' "$round" "$side" "$seconds"
    done
  done
  for side in "$@"; do
    # shellcheck disable=SC2086
    medians[$side]=$(median ${taken[$side]})
  done
}

# rated SIDE BESIDE WANTED ROWS: how many times as fast as the other one.
rated() {
  printf '  %-25s %6.2f s %9.0f rows/s  %5.2f × %-26s wanted %s\n' "$1" "${medians[$1]}" "$(divide "$4" "${medians[$1]}" %.0f)" \
    "$(divide "${medians[$2]}" "${medians[$1]}")" "$2" "$3"
}

pg_upsert_table() {
  sql -c "DROP TABLE IF EXISTS big" -c "CREATE TABLE big AS TABLE big_before" -c "ALTER TABLE big ADD PRIMARY KEY (id)" \
    -c "ANALYZE big" -c CHECKPOINT
}

show_postgres() {
  heading "PostgreSQL $(postgres_version): $rows rows of 16 columns, median of $pg_rounds rounds, sides alternating"
  pg_begin
  local sides=("baton, 1 writer" "binary file, 1 connection" "baton, 2 writers" "binary file, 2 connections" "psql \\copy csv")
  empty lineitem && pg_baton lineitem >/dev/null # makes the repository
  alternate lineitem empty "$rows" "${sides[@]}"
  alternate lineitem empty "$rows" "baton, table to table" "baton, tables, 2 writers" "psql, text out and in"
  sql -c "CREATE TABLE big_before AS SELECT i AS id, i * 7 AS a, md5(i::text) AS b, now()::timestamp(0) AS c FROM generate_series(1, $((pg_half * 5))) i"
  sql -c "\\copy (SELECT i, i * 9, md5(i::text || 'x'), '2024-01-15 10:00:00' FROM generate_series($((pg_half * 5 - pg_half / 2 + 1)), $((pg_half * 5 + pg_half / 2))) i) TO '$pg_out/upsert.csv' CSV"
  alternate big pg_upsert_table "$((pg_half * 5 + pg_half / 2))" "baton, upsert" "two statements by hand"
  local has_pgloader=''
  if command -v pgloader >/dev/null; then
    has_pgloader=yes
    local pg_rounds=1 # it takes a minute for a million rows
    alternate lineitem empty "$few_rows" pgloader
  fi
  heading "Ratios"
  rated "baton, 1 writer" "binary file, 1 connection" "0.90" "$rows"
  rated "baton, 2 writers" "binary file, 2 connections" "0.90" "$rows"
  rated "baton, 1 writer" "psql \\copy csv" "about 1.4" "$rows"
  rated "baton, 2 writers" "psql \\copy csv" "about 2.0" "$rows"
  rated "baton, table to table" "psql, text out and in" "1.40" "$rows"
  rated "baton, tables, 2 writers" "psql, text out and in" "1.40" "$rows"
  rated "baton, upsert" "two statements by hand" "1.00" "$pg_half"
  if [ -n "$has_pgloader" ]; then
    local pgloader_rate baton_rate
    pgloader_rate=$(divide "$few_rows" "${medians[pgloader]}" %.0f)
    baton_rate=$(divide "$rows" "${medians["baton, 1 writer"]}" %.0f)
    printf '  %-24s %6.2f s %9s rows/s of %s rows, one run; baton with 1 writer is %s times as fast\n' pgloader \
      "${medians[pgloader]}" "$pgloader_rate" "$few_rows" "$(divide "$baton_rate" "$pgloader_rate" %.0f)"
  fi
  heading "Peak resident memory (wanted: under 100 MB)"
  local side
  for side in "baton, 1 writer" "baton, 2 writers" "baton, table to table" "baton, tables, 2 writers" \
    "baton, upsert"; do
    printf '  %-28s %6.1f MB\n' "$side" "$(divide "$((peak[$side] * 1024))" 1000000)"
  done
  pg_end
}

postgres_version() { psql --version | awk '{ print $3 }'; }
