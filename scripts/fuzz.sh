#!/usr/bin/env bash
# Feeds damaged bytes to every reader of files: builds the fuzz targets, makes their first inputs, runs each.
#   scripts/fuzz.sh [SECONDS [TARGET...]]      60 seconds each, all targets
# Inputs that a target found interesting stay in build/fuzz/corpus, those that break it in build/fuzz/findings; 1 if any did.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true

cmake --preset fuzz --log-level=WARNING >/dev/null
cmake --build build/fuzz --target dmcvr_fuzz
cd build/fuzz
tests/fuzz/make_corpus seeds
[ $# -gt 0 ] || set -- $(ls seeds)

# Of LibTorch, what it allocates for good is no leak of ours.
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 OMP_NUM_THREADS=1
failed=()
for target in "$@"; do
  mkdir -p "corpus/$target" "findings/$target"
  echo "== $target, $seconds s"
  # More than 512 MiB at once for an input of 64 KiB is memory that a header promised.
  "tests/fuzz/${target}_fuzz" "corpus/$target" "seeds/$target" -max_total_time="$seconds" -max_len=65536 -timeout=20 \
    -rss_limit_mb=4096 -malloc_limit_mb=512 -artifact_prefix="findings/$target/" -print_final_stats=1 -verbosity=0 2>"$target.log" ||
    failed+=("$target")
  grep -E "stat::number_of_executed_units|^SUMMARY|ERROR: libFuzzer" "$target.log" || tail -n 5 "$target.log"
done
[ ${#failed[@]} -eq 0 ] || {
  echo "found something: ${failed[*]}; see build/fuzz/<target>.log and build/fuzz/findings" >&2
  exit 1
}
