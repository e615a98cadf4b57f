# The installed package serves a stranger's project and may be moved: installed, moved, found, linked, run.
#   consumer.sh BUILD SOURCE WORK [headers]      headers: also compile every installed header alone
# Expected: one volume of the phantom near its own truth, all planes there, and no path of the build in the package.
set -euo pipefail
build=$1 source=$2 work=$3 headers=${4:-}
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
rm -rf "$work"
mkdir -p "$work"

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix"
if grep -rlF -e "$source" -e "$build" -e "$work/first" "$work/prefix" --include='*.cmake' --include='*.h'; then
  fail "these installed files name a folder of the build"
fi

# The program takes weights and recipes from beside itself: a recipe changed there shows.
recipe=$work/prefix/share/dmcvr/configs/segmenter-small.json
python3 - "$recipe" <<'END'
import json, sys
recipe = json.load(open(sys.argv[1]))
recipe["training"]["steps"] = 4321
json.dump(recipe, open(sys.argv[1], "w"))
END
"$work/prefix/bin/dmcvr" train segmenter --data a.slices -o run --dry-run | grep -q '"steps": 4321' ||
  fail "the installed program does not read its own share/dmcvr"

cmake -S "$source/tests/package" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$work/prefix" --log-level=WARNING >/dev/null
cmake --build "$work/build" >"$work/build.txt" || fail "$(cat "$work/build.txt")"
"$work/build/consumer" "$work/prefix/share/dmcvr/weights" | tee "$work/result.txt"
awk '$1 == "planes" { dense = $2; acquired = $4 }
     $1 == "lv_ml"  { found = $2; truth = $4 }
     END { exit !(dense > acquired && acquired > 4 && found > 0.6 * truth && found < 1.4 * truth) }' "$work/result.txt" ||
  fail "this is no heart: $(cat "$work/result.txt")"

[ -z "$headers" ] || cmake --build "$work/build" --target headers
