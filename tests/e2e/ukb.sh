# Archives of UK Biobank, made of a phantom with pydicom: a data set of a good and a damaged one goes through info,
# reconstruct, evaluate and prepare. Expected: the phantom's own voxels; quirks are repaired and said; a case is called by
# its content, so that a second run finds it; and no word of either participant in anything that is said or written.
. "$(dirname "$0")/support.sh"
find_nibabel
"$PYTHON" -c 'import pydicom' 2>/dev/null || skip "python3-pydicom is not installed"

good=5718293 bad=5718347
"$DMCVR" phantom -q -o phantom --seed 3 --phases 50 --slices 6 --pitch 14 --spacing 4 --set matrix=64 --set dense=false >/dev/null
mkdir -p set/$good set/$bad
"$PYTHON" "$SOURCE/tests/e2e/make_ukb.py" phantom set/$good $good
head -c 20000 set/$good/${good}_20209_2_0.zip >set/$bad/${bad}_20209_2_0.zip
zip=set/$good/${good}_20209_2_0.zip
case=case_$(sha256sum $zip | head -c 10)
broken=case_$(sha256sum set/$bad/${bad}_20209_2_0.zip | head -c 10)
: >said.txt

# run CODE COMMAND…: the exit code is that one; all that is said is kept for the search at the end.
run() {
  local code=$1 found=0
  shift
  "$@" >stdout.txt 2>stderr.txt || found=$?
  cat stdout.txt stderr.txt >>said.txt
  [ "$found" -eq "$code" ] || fail "exit $found instead of $code: $* ($(tail -n 3 stderr.txt))"
}

# What is in it.
run 3 "$DMCVR" info $zip
for word in "$case: UK Biobank" CINE_segmented_SAX_b CINE_segmented_LAX_2Ch repeated_slice missing_phases; do
  grep -q "$word" stdout.txt || fail "info does not say $word: $(cat stdout.txt)"
done
! grep -q InlineVF stdout.txt || fail "InlineVF was not skipped"
run 1 "$DMCVR" info set --json
python3 - "$case" "$broken" <<'END'
import json, sys
cases = {case["name"]: case for case in json.load(open("stdout.txt"))["cases"]}
assert sorted(cases) == sorted(sys.argv[1:]), sorted(cases)
series = cases[sys.argv[1]]["series"]
assert sorted(one["view"] for one in series) == ["2ch", "3ch", "4ch", "sax"], series
sax = next(one for one in series if one["view"] == "sax")
assert (sax["slices"], sax["phases"]) == (6, 50), sax
assert cases[sys.argv[2]]["verdict"] == "refused"
END

# A whole data set: the good case is done, the damaged one named, and the next run has nothing left to do.
center=$(center_of phantom/sax.nii.gz)
echo "{\"locate\": {\"center_mm\": [$center]}}" >center.json
many() { "$DMCVR" reconstruct set -o hearts --config center.json --steps 2 --slice-spacing 7 --no-meshes --phases phase00 "$@"; }
run 1 many
grep -q "left out: $broken: .*\*_20209_2_0.zip" stderr.txt || fail "the damaged case is not named: $(cat stderr.txt)"
"$PYTHON" "$SOURCE/tests/e2e/check_output.py" phantom/sax.nii.gz hearts/$case
run 1 many
grep -q "1 case was done by an earlier run" stderr.txt || fail "the finished case was not found again: $(cat stderr.txt)"

# Scores, twice, and training slices.
score() { "$DMCVR" evaluate set -o scores --methods nearest --phases phase00 --set "reconstruct.locate.center_mm=[$center]"; }
run 1 score
run 1 score
grep -q "1 case was done by an earlier run" stderr.txt || fail "the scored case was not found again: $(cat stderr.txt)"
run 1 "$DMCVR" prepare set -o films.slices --frames 25

# What fails.
run 1 "$DMCVR" reconstruct set/$bad/${bad}_20209_2_0.zip -o out
run 1 "$DMCVR" reconstruct set/$good/${good}_20208_2_0.zip -o out
run 1 "$DMCVR" info set/5718409/5718409_20209_2_0.zip
run 1 "$DMCVR" evaluate $zip -o other --layout acdc
run 2 "$DMCVR" info --layot ukb $zip
grep -q "layout acdc" said.txt || fail "the wrong layout is not named"

unsaid "$good|$bad|5718409|Secret" said.txt
unsaid "$good|$bad|Secret" hearts scores films.slices
! find hearts scores | grep -E "$good|$bad" || fail "a file is called by a participant's id"

run 3 "$DMCVR" info $zip --keep-id
grep -q "${good}_20209_2_0: UK Biobank" stdout.txt || fail "--keep-id does not keep the id"
