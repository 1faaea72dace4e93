# For scripts/bench, on one dynalite: how fast a process that starts acquires 1,000 free locks, Baton many at once, AWS's
# Java lock client one after another, which is its only way; its second thousand, too: a JVM warms up. How fast Baton renews
# and releases 200. And what replicas at rest ask of the table, beside what `baton plan` says that they will.

locks_peer=build/release/tests/interop/baton_lock_peer
lock_clients=build/release/lock-clients

# lock_program SIDE: its command line, in `program`.
lock_program() {
  program=("$locks_peer")
  [ "$1" = baton ] || program=(java -cp "$lock_clients/$1/classes:$lock_clients/$1/lib/*" baton.interop.LockPeer)
}

# acquire_thousands SIDE: the seconds of the first thousand and of the second.
acquire_thousands() {
  local table program
  table=$(echo '{"command":"make_table"}' | "$locks_peer" | jq -r .table)
  lock_program "$1"
  {
    jq -nc --arg table "$table" --arg endpoint "$BATON_TEST_DYNAMODB" '{command: "open", endpoint: $endpoint,
      table: $table, partition_key: "key", owner: "bench", lease: 600000, heartbeat: 120000, refresh: 1000}'
    jq -nc '("first-", "second-") | {command: "acquire_all", count: 1000, prefix: .}'
  } | "${program[@]}" | jq -nr '[inputs | select(.nanoseconds) |
    if .held == 1000 then .nanoseconds / 1e9 else error("only \(.held) locks were acquired") end] | @tsv'
}

acquire_beside_java() {
  heading "1,000 free locks acquired on one dynalite, $runs runs each, alternating"
  cmake --build --preset release --parallel "${BATON_JOBS:-$(nproc)}" --target baton_lock_peer >/dev/null
  tests/interop/build-peer lock-client "$PWD/$lock_clients" locks1 locks2
  local run side first second
  local -A firsts seconds
  for run in $(seq "$runs"); do
    for side in locks1 locks2 baton; do
      read -r first second < <(acquire_thousands "$side")
      firsts[$side]+=" $first"
      seconds[$side]+=" $second"
    done
  done
  local -A names=([locks1]="Java lock client 1.1" [locks2]="Java lock client 1.4" [baton]="Baton")
  for side in locks1 locks2 baton; do
    # shellcheck disable=SC2086
    first=$(median ${firsts[$side]}) second=$(median ${seconds[$side]})
    printf '  %-21s first thousand: median %6.3f s   second: %6.3f s\n' "${names[$side]}" "$first" "$second"
  done
  # shellcheck disable=SC2086
  for side in locks1 locks2; do
    printf '  Baton is %s times as fast as the %s at start-up, %s times once that is warm\n' \
      "$(divide "$(median ${firsts[$side]})" "$(median ${firsts[baton]})" %.1f)" "${names[$side]}" \
      "$(divide "$(median ${seconds[$side]})" "$(median ${seconds[baton]})" %.1f)"
  done
}

# await_rest JOBS: until all are owned, and none has changed its owner for two heartbeats.
await_rest() {
  local owned=0 before tries
  for tries in $(seq 18); do
    before=$owned
    sleep 10
    owned=$(cat "$folder"/log-* | grep -c ': owner' || true)
    [ "$owned" -lt "$1" ] || [ "$owned" != "$before" ] || return 0
  done
  echo "after $tries looks jobs still change their owners: $owned times" >&2
  exit 1
}

# requests_at_rest JOBS REPLICAS TOKENS: replicas that own all the jobs, and nothing is due: requests a minute as dynalite
# counts them, and as `baton plan` has said.
requests_at_rest() {
  local jobs=$1 replicas=$2 tokens=$3 seconds=${BATON_BENCH_REST_SECONDS:-60} one before began
  replica_folder "locks-$tokens" "$jobs" "replica: { tokens: $tokens }
locks: { store: dynamodb, dynamodb: { table: rest-$tokens, region: eu-bench-1, endpoint: \"$BATON_TEST_DYNAMODB\", accesskey: bench, secretkey: bench } }" \
    "{ fixed_rate: 1h, initial_delay: 1h }"
  build/release/baton migrate --config "$folder/baton.yaml" >"$folder/log" 2>&1
  build/release/baton plan --replicas "$replicas" --json --config "$folder/baton.yaml" >"$folder/plan.json"
  for one in $(seq "$replicas"); do start_replica "$folder/log-$one"; done
  await_rest "$jobs"
  before=$(scripts/dynalite requests "$out/dynalite")
  began=$(date +%s%3N)
  sleep "$seconds"
  scripts/dynalite requests "$out/dynalite" >"$folder/after.json"
  jq -r --argjson before "$before" --argjson ms "$(($(date +%s%3N) - began))" --argjson tokens "$tokens" --slurpfile plan "$folder/plan.json" '
    def a_minute(name): ((.[name] // 0) - ($before[name] // 0)) * 60000 / $ms;
    ($plan[0][] | select(.kind == "locks")) as $said
    | a_minute("UpdateItem") as $renewals | a_minute("Scan") as $listings
    | ([(keys - ["UpdateItem", "Scan"])[] as $name | a_minute($name)] | add // 0) as $others
    | [$tokens, $renewals, $said.renewals_per_minute, $listings, $said.listings_per_minute, $others,
       100 * (($renewals + $listings + $others) / ($said.renewals_per_minute + $said.listings_per_minute) - 1)] | @tsv' \
    "$folder/after.json" |
    awk '{ printf "  %8d %10.1f %10.1f %10.1f %10.1f %8.1f %+12.1f %%\n", $1, $2, $3, $4, $5, $6, $7
      if ($7 < -5 || $7 > 5) { print "  plan and replicas disagree"; exit 1 } }'
  end_replicas
}

# Of 200 leases that one replica holds: each heartbeat, and at its shutdown.
show_held_leases() {
  local table answers
  table=$(echo '{"command":"make_table"}' | "$locks_peer" | jq -r .table)
  heading "200 held leases on the same dynalite, 20 heartbeats and a shutdown"
  answers=$({
    jq -nc --arg table "$table" --arg endpoint "$BATON_TEST_DYNAMODB" '{command: "open", endpoint: $endpoint,
      table: $table, partition_key: "key", owner: "bench", lease: 600000, heartbeat: 120000, refresh: 1000}'
    jq -nc '{command: "acquire_all", count: 200, prefix: "job-"}, (range(20) | {command: "renew_all"})'
    echo '{"command": "release_all"}'
  } | "$locks_peer")
  jq -rs '[.[] | select(.renewed == 200) | .nanoseconds / 1e6] | if length == 20 then sort else error("a renewal failed") end |
    "  renewed together:  median \(.[10] | round) ms, max \(.[19] | round) ms"' <<<"$answers"
  jq -rs '.[] | select(.released == 200) | "  released together: \(.nanoseconds / 1e6 | round) ms"' <<<"$answers"
}

show_requests_of_locks() {
  heading "DynamoDB requests a minute: 500 jobs at rest on 5 replicas, default timings, counted by dynalite and as plan says"
  printf '  %8s %21s %21s %8s %14s\n' 'tokens' 'renewals, plan' 'listings, plan' 'others' 'counted − plan'
  requests_at_rest 500 5 100
  requests_at_rest 500 5 105
  rm -rf "$replicas_out"
}

show_locks() (
  trap 'end_replicas; scripts/dynalite stop "$out/dynalite"' EXIT
  BATON_TEST_DYNAMODB=$(scripts/dynalite start "$out/dynalite")
  export BATON_TEST_DYNAMODB
  acquire_beside_java
  show_held_leases
  show_requests_of_locks
)
