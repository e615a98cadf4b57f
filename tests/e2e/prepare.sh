# Films, label maps and sets of several kinds become slices, and are drawn from by their shares.
# Expected: counts of slices and frames as the index of the file names them, read by python's own modules.
. "$(dirname "$0")/support.sh"

# index FILE EXPRESSION: of the index of packed slices, as `index`.
index() {
  python3 - "$1" "$2" <<'END_OF_INDEX'
import json, struct, sys
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"DMCVRSLC", data[:8]
length = struct.unpack_from("<Q", data, 12)[0]
index = json.loads(data[20:20 + length])
print(eval(sys.argv[2]))
END_OF_INDEX
}
expect() {
  local found
  found=$(index "$1" "$2")
  [ "$found" = "$3" ] || fail "$1: $2 is $found, expected $3"
}

"$DMCVR" phantom -q -o phantom --seed 3 --phases 6 --slices 5 --spacing 3 --set matrix=96 >/dev/null
cp phantom/sax.nii.gz cine.nii.gz

# A film without labels: all its frames, or every so many.
"$DMCVR" prepare -q cine.nii.gz -o cine.slices >/dev/null
expect cine.slices 'len(index["slices"])' 30
"$DMCVR" prepare -q cine.nii.gz -o some.slices --frames 3 >/dev/null
expect some.slices 'len(index["slices"])' 10
refused 1 "expected labeled, all, or a number" "$DMCVR" prepare cine.nii.gz -o out.slices --frames every

# Label maps: as many paintings as asked for, all different, the same again by the same seed.
"$DMCVR" prepare -q --label-map phantom/dense_labels.nii.gz -o out.slices 2>stderr.txt && fail "a film of labels was painted"
grep -q 'holds 6 phases' stderr.txt || fail "$(cat stderr.txt)"
"$DMCVR" phantom -q -o heart --seed 5 --phases 1 --slices 5 --spacing 2 --set matrix=96 >/dev/null
"$DMCVR" prepare -q --label-map heart/dense_labels.nii.gz --paintings 2 -o maps.slices >/dev/null
expect maps.slices 'len({s["case"] for s in index["slices"]})' 2
"$DMCVR" prepare -q --label-map heart/dense_labels.nii.gz --paintings 2 -o again.slices >/dev/null
cmp maps.slices again.slices || fail "the same seed paints another heart"
"$DMCVR" prepare -q phantom --label-map heart/dense_labels.nii.gz --paintings 1 -o both.slices >/dev/null
expect both.slices 'len({s["case"] for s in index["slices"]})' 2
refused 1 "label order 'mmwsh'" "$DMCVR" prepare --label-map heart/dense_labels.nii.gz --labels-are mmwsh -o out.slices
refused 1 "no such file" "$DMCVR" prepare --label-map nowhere.nii.gz -o out.slices
refused 2 "input" "$DMCVR" prepare -o out.slices

# The same map as a phantom: its truth is scored, and volumes are those of the labels at the drawn size.
"$DMCVR" phantom -q -o painted --label-map heart/dense_labels.nii.gz --pitch 10 --spacing 3 --set matrix=96 >/dev/null 2>&1
"$DMCVR" evaluate painted -q -o scores --protocol dense --methods linear --set pictures_only=true >scores.txt
grep -q '^dense, 1 volume of 1 case, truth: phantom$' scores.txt || fail "painted: $(head -n 1 scores.txt)"
python3 - <<'END_OF_CHECK'
import json
formulas, painted = (json.load(open(f"{name}/truth.json")) for name in ("heart", "painted"))
assert painted["source"] == "painted map" and "pathology" not in painted, painted
assert 0.5 < painted["phases"][0]["lv_ml"] / formulas["phases"][0]["lv_ml"] < 2, painted
END_OF_CHECK
refused 1 "does not say what its values mean" "$DMCVR" phantom -o other --label-map cine.nii.gz
refused 2 "labels-are" "$DMCVR" phantom -o other --labels-are mmwhs

# What cannot be read is left out, and the exit code says so.
mkdir mixed && cp -r phantom mixed/whole && cp -r phantom mixed/damaged && truncate -s 2000 mixed/damaged/sax.nii.gz
code=0 && "$DMCVR" prepare -q mixed -o mixed.slices >stdout.txt 2>stderr.txt || code=$?
[ "$code" -eq 1 ] || fail "a case was left out and the exit code is $code"
tail -n 1 stderr.txt | grep -qF "mixed.slices: made without 1 case" || fail "$(tail -n 1 stderr.txt)"
[ -s mixed.slices ] || fail "the other case is not there"

# A margin leaves the heart.
"$DMCVR" prepare -q phantom -o phantom.slices >/dev/null
"$DMCVR" prepare -q phantom -o small.slices --margin 10 >/dev/null
[ "$(stat -c %s small.slices)" -lt "$(stat -c %s phantom.slices)" ] || fail "--margin saves nothing"

# Sets take turns by their shares; what cannot be is said before the work.
segmenter=("$DMCVR" train segmenter -q --config "$SOURCE/configs/segmenter-tiny.json" --steps 2)
"${segmenter[@]}" --data phantom.slices=3 --data maps.slices=1 -o runs/segmenter >/dev/null
python3 -c 'import json; assert json.load(open("runs/segmenter/options.json"))["task"]["data"]["shares"] == [3, 1]'
refused 1 "give all of them one" "${segmenter[@]}" --data phantom.slices=3 --data maps.slices -o runs/other
refused 1 "is no share" "${segmenter[@]}" --data phantom.slices=x --data maps.slices=1 -o runs/other
refused 1 "has a share and no labeled" "${segmenter[@]}" --data phantom.slices=3 --data cine.slices=1 -o runs/other
[ ! -e out.slices ] || fail "a refused command left an output"

[ -n "${DMCVR_DATA:-}" ] || skip "DMCVR_DATA is not set, so that no real heart was looked at"
patient=$DMCVR_DATA/acdc/training/patient001
"$DMCVR" prepare -q "$patient" -o acdc.slices >/dev/null 2>&1
expect acdc.slices 'len(index["slices"])' 20

# What travels to a machine that trains.
"$DMCVR" prepare -q "$DMCVR_DATA/acdc/training" -o train.slices --split "$SOURCE/weights/split.json" --subset train --margin 64 >/dev/null 2>stderr.txt ||
  fail "the training subset: $(tail -n 1 stderr.txt)"
[ "$(stat -c %s train.slices)" -le $((22 * 1024 * 1024)) ] || fail "the training subset takes $(stat -c %s train.slices) bytes, 22 MiB at most are expected"
