# What looking costs, for scripts/bench: 1,000 jobs that one replica owns and 100,000 executions, in PostgreSQL and in
# SQLite. Needs replicas.sh and postgres.sh. BATON_BENCH_HISTORY=10 makes it 10 executions a job. Fails where a pass takes
# 1 s, a scrape 100 ms, or status 200 ms (p99).

monitoring_runs=${BATON_BENCH_HISTORY:-100}
monitoring_jobs=1000
monitoring_missed=0

# less_than MILLISECONDS WHAT, and the times, one a line: their p99.
less_than() {
  local p99
  p99=$(percentiles | sed -n 's/.*p99 *\([0-9]*\) ms.*, of [1-9].*/\1/p')
  [ -n "$p99" ] && [ "$p99" -lt "$1" ] && return
  echo "  missed: $2 takes ${p99:-an unknown number of} ms, expected less than $1 ms" >&2
  monitoring_missed=1
}

# The longest pass of that monitor in the last two minutes, in milliseconds.
longest_pass() { awk -v series="baton_monitor_pass_seconds_max{monitor=\"$1\"}" '$1 == series { printf "%.0f\n", 1000 * $2 }' "$folder/metrics"; }

# monitored_folder NAME URL: a configuration of that many jobs with a monitor of each kind. Sets `folder`.
monitored_folder() {
  replica_folder "$1" "$monitoring_jobs" 'server: { listen: "127.0.0.1:0" }
locks: { lease: 20s, heartbeat: 5s, refresh: 1s }
monitoring: { global: { observing: { every: 2s } } }' "{ fixed_rate: 365d, initial_delay: 365d }"
  sed -i "s|^repository: .*|repository: { url: \"$2\" }|; s/^  job-\([0-9]\{3\}\):/  job-0\1:/" "$folder/baton.yaml"
}

# milliseconds_of COMMAND…: sets `milliseconds`; its output goes to a file.
milliseconds_of() {
  local began
  began=$(date +%s%N)
  "$@" >"$folder/output" 2>&1
  milliseconds=$((($(date +%s%N) - began) / 1000000))
}

# Of a series that the replica shows.
shown_value() { awk -v series="$1" '$1 == series { print $2 }' "$folder/metrics"; }

# What a pass took: the mean of those since the history is there, and the longest.
show_passes() {
  local count sum passes=0 series='{monitor="observing"}'
  scrape "$folder/metrics"
  count=$(shown_value "baton_monitor_pass_seconds_count$series")
  sum=$(shown_value "baton_monitor_pass_seconds_sum$series")
  while [ "$passes" -lt 7 ]; do
    sleep 1
    scrape "$folder/metrics"
    passes=$(($(shown_value "baton_monitor_pass_seconds_count$series") - count))
  done
  awk -v sum="$(shown_value "baton_monitor_pass_seconds_sum$series")" -v before="$sum" -v passes="$passes" \
    -v most="$(shown_value "baton_monitor_pass_seconds_max$series")" 'BEGIN {
      printf "  a pass of a monitor that observes: mean %.0f ms of %d, the longest of two minutes %.0f ms\n",
        1000 * (sum - before) / passes, passes, 1000 * most }'
  less_than 1000 "a pass of a monitor that observes" < <(longest_pass observing)
}

# show_looks NAME URL: COMMAND… makes the history.
show_looks() {
  local name=$1 url=$2 port round
  shift 2
  monitored_folder "$name" "$url"
  build/release/baton migrate --config "$folder/baton.yaml" >/dev/null
  "$@"
  start_replica "$folder/log"
  wait_for "$monitoring_jobs" ': owner' "$folder/log"
  wait_for 1 '/metrics' "$folder/log"
  port=$(service_port "$folder/log")
  sleep 6 # a heartbeat later the replica has marked which executions are old
  for round in $(seq 7); do
    milliseconds_of build/release/baton status --config "$folder/baton.yaml"
    echo "$milliseconds" >>"$folder/status"
  done
  printf '  %s\n  baton status      %s\n' "$name" "$(percentiles <"$folder/status")"
  less_than 200 "baton status" <"$folder/status"
  for round in $(seq 20); do
    scrape "$folder/metrics"
    echo "$milliseconds" >>"$folder/times"
  done
  printf '  a scrape          %s; %s series\n' "$(percentiles <"$folder/times")" "$(grep -c '^[bs]' "$folder/metrics")"
  less_than 100 "a scrape" <"$folder/times"
  show_passes
  end_replica TERM "$pid"
}

sqlite_history() {
  sqlite3 "$folder/baton.db" ".parameter set :jobs $monitoring_jobs" ".parameter set :runs $monitoring_runs" \
    ".read bench/history_sqlite.sql"
}
postgres_history() { sql -v jobs="$monitoring_jobs" -v runs="$monitoring_runs" -f bench/history_postgres.sql >/dev/null; }

# show_probe URL TOKENS SAID: what a monitor takes that tries every lock, where its replica owns so many of the jobs.
show_probe() {
  local port series='{monitor="trying"}'
  monitored_folder "probing-$2" "$1"
  sed -i "s/observing: { every: 2s }/trying: { every: 2s, probe: acquire, lease: 1s }/
    s/^locks:.*/&\nreplica: { tokens: $2 }/" "$folder/baton.yaml"
  start_replica "$folder/log"
  wait_for "$2" ': owner' "$folder/log"
  port=$(service_port "$folder/log")
  until scrape "$folder/metrics" && [ "$(shown_value "baton_monitor_pass_seconds_count$series")" -ge 9 ]; do sleep 1; done
  awk -v sum="$(shown_value "baton_monitor_pass_seconds_sum$series")" \
    -v passes="$(shown_value "baton_monitor_pass_seconds_count$series")" -v said="$3" \
    -v most="$(shown_value "baton_monitor_pass_seconds_max$series")" 'BEGIN {
      printf "  a pass of a monitor that tries every lock (probe: acquire, lease 1 s), %s: mean %.0f ms of %d, the longest %.0f ms\n",
        said, 1000 * sum / passes, passes, 1000 * most }'
  less_than 1000 "a pass of a monitor that tries every lock, $3," < <(longest_pass trying)
  end_replica TERM "$pid"
}

show_monitoring() {
  mkdir -p "$replicas_out"
  heading "Looking at $monitoring_jobs jobs that one replica owns, and $((monitoring_jobs * monitoring_runs)) executions"
  show_looks SQLite "sqlite:baton.db" sqlite_history
  trap 'end_replicas; pg_end' EXIT
  pg_url=$(scripts/postgres start "$pg_cluster")
  show_looks PostgreSQL "$pg_url" postgres_history
  show_probe "$pg_url" "$monitoring_jobs" "beside their owner"
  show_probe "$pg_url" 1 "$((monitoring_jobs - 1)) of them free"
  pg_end
  [ "$monitoring_missed" = 0 ] || exit 1
  rm -rf "$replicas_out"
}
