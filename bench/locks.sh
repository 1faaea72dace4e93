# For scripts/bench: how fast a process that starts acquires 1,000 free locks, on one dynalite: Baton many at once, AWS's
# Java lock client one after another, which is its only way. Its second thousand, too: a JVM warms up.

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

show_locks() (
  trap 'scripts/dynalite stop "$out/dynalite"' EXIT
  heading "1,000 free locks acquired on one dynalite, $runs runs each, alternating"
  cmake --build --preset release --parallel "${BATON_JOBS:-$(nproc)}" --target baton_lock_peer >/dev/null
  tests/interop/build-peer lock-client "$PWD/$lock_clients" locks1 locks2
  BATON_TEST_DYNAMODB=$(scripts/dynalite start "$out/dynalite")
  export BATON_TEST_DYNAMODB
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
)
