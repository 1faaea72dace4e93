# How long a job has no owner while a Deployment rolls, scales or loses pods, for scripts/bench: the cases of
# tests/process/rolling, all of them on all stores, each BATON_BENCH_ROLLS times. A failed case, and a bound that was missed or
# not looked at, are named, and fail the bench once all is shown. BATON_BENCH_CASES: a filter of googletest's, for a few of them.

# rolling_bound STORE CASE CLASS: the milliseconds that the p99 of an idle job's gaps may take (issue 7; P6, of which
# 500 ms are the store's latency); nothing where no bound is told, or nobody is there.
rolling_bound() {
  case $1-$2-$3 in
    *-Recreate-*) ;;
    *-idle-lost) echo 2700 ;;
    PostgreSQL-*-idle-released) echo 1000 ;;
    *-idle-released) echo 1200 ;;
  esac
}

# by_job: of lines JOB,MILLISECONDS, p50, p99 and max of each job.
by_job() {
  sort -t, -k1,1 -k2,2n | awk -F, '
    function show() {
      if (!n) return
      i = int(n * 0.99) + 1; if (i > n) i = n
      printf "  %s %d/%d/%d", job, v[int((n + 1) / 2)], v[i], v[n]
    }
    $1 != job { show(); job = $1; n = 0 }
    { v[++n] = $2 }
    END { show() }'
}

# Which bounds were not looked at, for want of a gap. In a rolling update each job changes hands: there that is a miss, as it
# is where no idle job was lost at all. Otherwise those who were hit had no idle job. Adds to `missed`.
show_unjudged() {
  local store what class verdict
  for store in SQLite PostgreSQL DynamoDB; do
    for what in NoSurge Surge Eviction ScaleUp ScaleDown NodeLoss Stuck; do
      class=idle-released verdict="no gap: no idle job changed hands"
      case $what in NodeLoss | Stuck) class=idle-lost ;; esac
      [ ! -s "$folder/gaps.csv.$store.$what.$class" ] || continue
      case $what in NoSurge | Surge) verdict="no gap: its bound is not judged" missed=$((missed + 1)) ;; esac
      printf '  %-44s %s\n' "$store $what $class" "$verdict"
    done
  done
  [ -n "$(find "$folder" -name 'gaps.csv.*.idle-lost' -size +0)" ] || {
    echo "  no idle job was lost at all: its bound is not judged"
    missed=$((missed + 1))
  }
}

# Sets `missed` to the number of p99s beyond their bounds, or not judged where all cases were taken.
show_gaps() {
  local file store what class line bound verdict
  missed=0
  for file in "$folder"/gaps.csv.*; do
    [ -e "$file" ] || continue
    IFS=. read -r store what class <<<"${file##*/gaps.csv.}"
    line=$(cut -d, -f2 "$file" | percentiles)
    bound=$(rolling_bound "$store" "$what" "$class")
    verdict=
    if [ -n "$bound" ]; then
      verdict=", within $bound ms"
      # shellcheck disable=SC2086
      set -- $line # p50 N ms p99 N ms …
      [ "$5" -le "$bound" ] || { verdict=", misses $bound ms" missed=$((missed + 1)); }
    fi
    printf '  %-44s %s%s\n' "$store $what $class" "$line" "$verdict"
    printf '    p50/p99/max ms by job:%s\n' "$(by_job <"$file")"
  done
  [ -n "${BATON_BENCH_CASES:-}" ] || show_unjudged
}

show_rolling() {
  local rolls=${BATON_BENCH_ROLLS:-5} folder=$out/rolling tests=build/release/tests/process/process_rolling
  local failed=0 missed
  heading "Gaps in ownership, 4 jobs of which 2 load, 3 replicas of 2 tokens, refresh 200 ms, $rolls rolls each
lease 20 s where pods are told to end, 2 s where they are lost (NodeLoss, Stuck)
p99 bounds of idle jobs: released 1 s with PostgreSQL, 1.2 s with DynamoDB and SQLite; lost 2.2 s + 0.5 s for the store"
  cmake --build --preset release --parallel "${BATON_JOBS:-$(nproc)}" --target process_rolling >/dev/null
  rm -rf "$folder"
  mkdir -p "$folder"
  BATON_TEST_POSTGRES=$(scripts/postgres start "$folder/postgres")
  trap 'scripts/postgres remove "$out/rolling/postgres"; scripts/dynalite stop "$out/rolling/dynalite"' EXIT
  BATON_TEST_DYNAMODB=$(scripts/dynalite start "$folder/dynalite")
  export BATON_TEST_POSTGRES BATON_TEST_DYNAMODB
  BATON_SOAK=1 BATON_ROLLING_REPORT=$folder "$tests" --gtest_filter="${BATON_BENCH_CASES:-Deployment/*}" \
    --gtest_repeat="$rolls" >"$folder/log" 2>&1 || failed=1
  [ ! -e "$folder/gaps.csv" ] || awk -F, '{ print $4 "," $5 > (FILENAME "." $1 "." $2 "." $3) }' "$folder/gaps.csv"
  show_gaps
  echo "  who owned which job when: $folder/*.svg"
  [ "$missed" -eq 0 ] || echo "  misses: $missed" >&2
  if [ "$failed" -ne 0 ]; then
    # Each is named with its time where it failed, and once more at the end of its roll.
    sed -n 's/^\[  FAILED  \] .*\/\([A-Za-z]*\), where.*(\([0-9]* ms\))$/\1/p' "$folder/log" | sort | uniq -c |
      sed "s/^ *\([0-9]*\) \(.*\)/  failed: \2, \1 of $rolls rolls/" >&2
    echo "  failed; see $folder/log" >&2
  fi
  [ "$failed$missed" = 00 ] || exit 1
}
