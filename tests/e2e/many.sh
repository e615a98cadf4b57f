# A folder of studies: each becomes a folder, a broken one does not keep the others, and a second run does what is missing.
# Expected: one folder per good case with the same labels as alone; cases.csv has the rows of measures.csv.
. "$(dirname "$0")/support.sh"

mkdir set
for seed in 1 2; do
  "$DMCVR" phantom -q -o "set/phantom$seed" --seed "$seed" --phases 2 --slices 4 --spacing 4 --set matrix=64 >/dev/null
done
"$DMCVR" prepare -q set -o set.slices >/dev/null
tiny_weights weights set.slices
mkdir set/broken && cp set/phantom1/truth.json set/broken && head -c 3000 set/phantom1/sax.nii.gz >set/broken/sax.nii.gz
# Networks that have hardly learned find no heart: its middle is told, which --config may do for all cases alike.
echo "{\"locate\": {\"center_mm\": [$(center_of set/phantom1/sax.nii.gz)]}}" >center.json
quick="--weights weights --config center.json --no-meshes --steps 2 --slice-spacing 4"
many() {
  # shellcheck disable=SC2086
  "$DMCVR" reconstruct set -o hearts $quick "$@"
}
found=0
many >stdout.txt 2>stderr.txt || found=$?
[ "$found" -eq 1 ] || fail "exit $found: $(cat stderr.txt)"
tail -n 1 stderr.txt | grep -q '^dmcvr: error: 1 of 3 cases' || fail "$(cat stderr.txt)"
grep -q 'left out: broken' stderr.txt || fail "the broken case is not named"
[ "$(cat stdout.txt)" = hearts/cases.csv ] || fail "stdout: $(cat stdout.txt)"
[ ! -e hearts/broken ] || fail "a broken case left a folder"
python3 - <<'END'
import csv
rows = list(csv.DictReader(open("hearts/cases.csv")))
assert [row["case"] for row in rows] == ["broken", "phantom1", "phantom2"], rows
assert rows[0]["error"] and not rows[0]["discs_lv_edv_ml"]
for row in rows[1:]:
    alone = next(csv.DictReader(open(f"hearts/{row['case']}/measures.csv")))
    assert all(row[key] == value for key, value in alone.items()) and float(row["seconds"]) > 0 and not row["error"]
END

# Only what is missing is done.
before=$(stat -c %Y.%i hearts/phantom1/run.json)
rm -r set/broken hearts/phantom2
many >stdout.txt 2>stderr.txt || fail "second run: $(cat stderr.txt)"
[ "$(stat -c %Y.%i hearts/phantom1/run.json)" = "$before" ] || fail "a finished case was done again"
[ -e hearts/phantom2/run.json ] || fail "a missing case was not done"

# A case that was done by itself counts if it was done alike.
rm -r hearts/phantom2
# shellcheck disable=SC2086
"$DMCVR" reconstruct set/phantom2 -o hearts/phantom2 -q $quick >/dev/null
many >stdout.txt 2>stderr.txt || fail "a case by itself: $(cat stderr.txt)"
grep -q '2 cases were done by an earlier run' stderr.txt || fail "a case by itself: $(cat stderr.txt)"
# shellcheck disable=SC2086
"$DMCVR" reconstruct set/phantom2 -o hearts/phantom2 -q --force $quick --seed 7 >/dev/null
many >stdout.txt 2>stderr.txt && fail "a case that was done otherwise was taken"
grep -q 'by itself, otherwise: options.seed' stderr.txt || fail "$(cat stderr.txt)"
rm -r hearts/phantom2
many -q >/dev/null || fail "the case again"

# Other options are refused, or all is done anew.
refused 1 "--force" many --seed 7
many --seed 7 --force -q >/dev/null || fail "--force"
[ "$(stat -c %Y.%i hearts/phantom1/run.json)" != "$before" ] || fail "--force did nothing"

# Parts that run side by side: together each case once.
for part in 1/2 2/2; do
  # shellcheck disable=SC2086
  "$DMCVR" reconstruct set -o parts --shard "$part" -q $quick >/dev/null
done
[ -e parts/phantom1/run.json ] && [ -e parts/phantom2/run.json ] || fail "shards"
[ "$(ls parts/cases-*-of-2.csv | wc -l)" -eq 2 ] || fail "tables of shards"

# What is of one heart, and folders that are not ours.
refused 1 "one heart" many --center 0,0,0
refused 1 "one heart" many --height 180 --weight 80
mkdir mine && echo text >mine/thesis.txt
refused 1 "mine" "$DMCVR" reconstruct set -o mine --weights weights
refused 1 "folder of studies" "$DMCVR" reconstruct set/phantom1 -o x --shard 1/2 --weights weights
