# What replicas cost, for scripts/bench: start, memory, rest, lateness, hand-over and take-over. Every process that is
# started here is ended here.

replicas_out=$out/replicas
replica_pids=()

end_replicas() {
  local pid
  for pid in "${replica_pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  for pid in "${replica_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  replica_pids=()
}
trap end_replicas EXIT

# replica_folder NAME JOBS KEYS SCHEDULE: an empty folder with a configuration of so many jobs; %d in the schedule is
# 15000 for the first job and 10 more for each further one. Sets `folder`.
replica_folder() {
  folder=$replicas_out/$1
  rm -rf "$folder"
  mkdir -p "$folder"
  awk -v jobs="$2" -v keys="$3" -v schedule="$4" 'BEGIN {
    print "repository: { url: \"sqlite:baton.db\" }"
    if (keys != "") print keys
    print "jobs:"
    for (i = 0; i < jobs; i++) {
      one = schedule; sub(/%d/, 15000 + 10 * i, one)
      printf "  job-%03d: { schedule: %s, steps: [{ name: nothing, sql: { statement: \"SELECT 1\" } }] }\n", i, one
    }
  }' >"$folder/baton.yaml"
}

# start_replica LOG: of the configuration in `folder`; sets `pid`. The log is there, and empty, before it starts.
start_replica() {
  : >"$1"
  build/release/baton run --config "$folder/baton.yaml" >"$1" 2>&1 </dev/null &
  pid=$!
  replica_pids+=("$pid")
}

# end_replica SIGNAL PID
end_replica() {
  kill "-$1" "$2"
  wait "$2" 2>/dev/null || true
  local left=() one
  for one in "${replica_pids[@]}"; do [ "$one" = "$2" ] || left+=("$one"); done
  replica_pids=("${left[@]}")
}

# wait_for COUNT PATTERN LOG: until so many lines of the log match.
wait_for() {
  local tries
  for tries in $(seq 1500); do
    [ "$(grep -c "$2" "$3" || true)" -ge "$1" ] && return
    sleep 0.02
  done
  echo "waited in vain for $1 lines with '$2' in $3, after $tries looks:" >&2
  tail -n 5 "$3" >&2
  exit 1
}

# Of numbers, one a line.
percentiles() {
  sort -n | awk '{ v[NR] = $1 } END {
    i = int(NR * 0.99) + 1; if (i > NR) i = NR
    printf "p50 %6.0f ms  p99 %6.0f ms  max %6.0f ms, of %d\n", v[int((NR + 1) / 2)], v[i], v[NR], NR }'
}

newest_execution() { sqlite3 -readonly "$folder/baton.db" "SELECT coalesce(max(JOB_EXECUTION_ID), 0) FROM BATCH_JOB_EXECUTION" 2>/dev/null || echo 0; }

# Sets `first_start` to the milliseconds from just before the process is made to the START_TIME of its first execution.
measure_start() {
  local before began
  before=$(newest_execution)
  began=$(date +%s%3N)
  start_replica "$folder/log"
  wait_for "$1" COMPLETED "$folder/log"
  end_replica TERM "$pid"
  first_start=$(sqlite3 -readonly "$folder/baton.db" "SELECT round((julianday(min(START_TIME)) - 2440587.5) * 86400000
    - $began) FROM BATCH_JOB_EXECUTION WHERE JOB_EXECUTION_ID > $before")
}

show_start() {
  heading "Process start → first job started, 7 starts each, every job due at once"
  local jobs run fresh existing
  for jobs in 1 100; do
    fresh=() existing=()
    for run in $(seq 7); do
      replica_folder start "$jobs" "" "{ fixed_delay: 1s }"
      measure_start "$jobs"
      fresh+=("$first_start")
    done
    for run in $(seq 7); do
      sleep 1
      measure_start "$jobs"
      existing+=("$first_start")
    done
    printf '  %3s job%s  new folder: median %4.0f ms, max %4.0f ms   existing one: median %4.0f ms, max %4.0f ms\n' \
      "$jobs" "$([ "$jobs" = 1 ] && echo ' ' || echo s)" "$(median "${fresh[@]}")" "$(printf '%s\n' "${fresh[@]}" | sort -n | tail -n 1)" \
      "$(median "${existing[@]}")" "$(printf '%s\n' "${existing[@]}" | sort -n | tail -n 1)"
  done
}

processor_ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

show_rest() {
  heading "A replica that owns 100 jobs at rest, default timings"
  local seconds=20 before
  replica_folder rest 100 "" "{ fixed_rate: 1h, initial_delay: 1h }"
  start_replica "$folder/log"
  wait_for 100 ': owner' "$folder/log"
  sleep 2
  before=$(processor_ticks "$pid")
  sleep "$seconds"
  printf '  %.2f %% of a core over %s s\n' \
    "$(divide "$((100 * ($(processor_ticks "$pid") - before)))" "$(($(getconf CLK_TCK) * seconds))")" "$seconds"
  awk '/^VmRSS/ { rss = $2 } /^VmHWM/ { peak = $2 } /^Threads/ { threads = $2 }
    END { printf "  %.1f MiB resident, %.1f MiB at its peak, %d threads\n", rss / 1024, peak / 1024, threads }' "/proc/$pid/status"
  end_replica TERM "$pid"
}

show_requests() {
  heading "Lease-store requests a minute at rest, default timings (of two replicas one has 20 free tokens; the last column: in a store that renews one by one)"
  printf '  %8s %6s %10s %11s %10s %15s %20s\n' replicas jobs listings renewals others 'a job' 'a job, one by one'
  replica_folder requests-1 100 "" "{ fixed_rate: 1h, initial_delay: 1h }"
  "$programs/bench_lease_requests" "$folder/baton.yaml" 1 10 20 2>"$folder/log" >"$folder/table" &
  local first=$!
  replica_folder requests-2 100 "replica: { tokens: 60, balance: greedy }" "{ fixed_rate: 1h, initial_delay: 1h }"
  "$programs/bench_lease_requests" "$folder/baton.yaml" 2 10 20 2>"$folder/log" >"$folder/table" &
  wait "$first" "$!"
  cat "$replicas_out/requests-1/table" "$replicas_out/requests-2/table"
}

show_lateness() {
  heading "Start lateness, 1000 jobs with one native step that does nothing, fixed_rate 10 s, phases 10 ms apart"
  replica_folder lateness 1000 "" "{ fixed_rate: 10s, initial_delay: %dms }"
  "$programs/bench_start_lateness" "$folder/baton.yaml" 26 60 2>"$folder/log"
}

# The owner of all jobs ends by a signal, a second replica with free tokens stands by: until each job is owned again.
change_owners() {
  local signal=$1 round killed owner_pid log times
  replica_folder "change-$signal" 20 "replica: { balance: greedy }
locks: { lease: 2s, heartbeat: 500ms, refresh: 100ms }" "{ fixed_rate: 1h, initial_delay: 1h }"
  times=$folder/times
  log=$folder/log-0
  start_replica "$log"
  wait_for 20 ': owner' "$log"
  for round in $(seq 5); do
    owner_pid=$pid
    log=$folder/log-$round
    start_replica "$log"
    sleep 1
    killed=$(date +%s%3N)
    end_replica "$signal" "$owner_pid"
    wait_for 20 ': owner' "$log"
    grep ': owner' "$log" | cut -d ' ' -f 1 | date -f - +%s%3N | awk -v killed="$killed" '{ print $1 - killed }' >>"$times"
  done
  end_replica TERM "$pid"
  printf '  %s → owned  %s\n' "$signal" "$(percentiles <"$times")"
}

show_changes() {
  heading "A job's next owner, 20 jobs, lease 2 s, heartbeat 500 ms, refresh 100 ms (bounds: 100 ms, 2.1 s, plus the stores)"
  change_owners TERM
  change_owners KILL
}

# Sets `milliseconds`: one request of /metrics to its last byte, written to $1.
scrape() {
  local began
  began=$(date +%s%N)
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET /metrics HTTP/1.1\r\nHost: bench\r\n\r\n' >&3
  cat <&3 >"$1"
  exec 3<&-
  milliseconds=$((($(date +%s%N) - began) / 1000000))
}

# Of the replica with this log.
service_port() { sed -n 's|.*http://127.0.0.1:\([0-9]*\)/metrics.*|\1|p' "$1"; }

show_scrapes() {
  local round port
  heading "A scrape with 1,000 jobs that one replica owns, 20 scrapes"
  replica_folder scrape 1000 'server: { listen: "127.0.0.1:0" }
locks: { lease: 20s, heartbeat: 5s, refresh: 1s }' "manual"
  start_replica "$folder/log"
  wait_for 1000 ': owner' "$folder/log"
  port=$(service_port "$folder/log")
  for round in $(seq 20); do
    scrape "$folder/metrics"
    echo "$milliseconds" >>"$folder/times"
  done
  printf '  %s; %s series, %.1f MB\n' "$(percentiles <"$folder/times")" "$(grep -c '^[bs]' "$folder/metrics")" \
    "$(divide "$(stat -c %s "$folder/metrics")" 1000000 %.1f)"
  end_replica TERM "$pid"
}

show_replicas() {
  mkdir -p "$replicas_out"
  show_start
  show_rest
  show_requests
  show_changes
  show_lateness
  show_scrapes
  rm -rf "$replicas_out"
}
