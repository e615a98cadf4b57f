# info says what is in a study and what is wrong with it, and its exit code is what reconstruct then does.
# Expected: what dmcvr phantom was asked for; damages are made here one by one, and read_study is what reconstruct reads with.
. "$(dirname "$0")/support.sh"

# ends CODE COMMAND…: exit code, and the output in stdout.txt.
ends() {
  local code=$1 found=0
  shift
  "$@" >stdout.txt 2>stderr.txt || found=$?
  [ "$found" -eq "$code" ] || fail "exit $found instead of $code: $* ($(cat stdout.txt stderr.txt))"
}

# says WORDS: in stdout.txt.
says() {
  grep -qF -- "$1" stdout.txt || fail "'$1' is missing: $(cat stdout.txt)"
}

mkdir set
"$DMCVR" phantom -q -o phantom1 --seed 3 --phases 2 --slices 6 --spacing 3 --set matrix=96 >/dev/null
cp phantom1/sax.nii.gz cine.nii.gz

# Nothing wrong.
ends 0 "$DMCVR" info cine.nii.gz
says "96x96"
says "no problems"
ends 0 "$DMCVR" info phantom1 --json
python3 - <<'END'
import json
info = json.load(open("stdout.txt"))
assert info["format"] == "dmcvr info 1" and info["summary"] == {"cases": 1, "clean": 1, "repaired": 0, "refused": 0}
case = info["cases"][0]
assert case["layout"] == "phantom" and case["verdict"] == "clean" and case["ed_frame"] == 0
assert sorted(series["view"] for series in case["series"]) == ["2ch", "3ch", "4ch", "sax"]
sax = next(series for series in case["series"] if series["view"] == "sax")
assert (sax["columns"], sax["rows"], sax["slices"], sax["phases"]) == (96, 96, 6, 2)
assert abs(sax["pixel_mm"][0] - 3) < 1e-5 and len(sax["times_ms"]) == 2 and sax["has_labels"]
END

# Repaired: a header as ACDC writes them, without a qform and with a sform of unit steps.
python3 - <<'END'
import gzip, struct
raw = bytearray(gzip.open("cine.nii.gz").read())
struct.pack_into("<h", raw, 252, 0)
for row, step in enumerate((-1, -1, 1)):
    struct.pack_into("<4f", raw, 280 + 16 * row, *(step if row == axis else 0 for axis in range(3)), 0)
gzip.open("set/acdc_like.nii.gz", "wb").write(raw)
END
ends 3 "$DMCVR" info set/acdc_like.nii.gz
says "repaired unit_scale_sform"
[ ! -s stderr.txt ] || fail "info talks on stderr: $(cat stderr.txt)"

# Refused: cut off. Headers alone do not see it.
python3 - <<'END'
import gzip
raw = gzip.open("cine.nii.gz").read()
gzip.open("set/cut_off.nii.gz", "wb").write(raw[:-5000])
END
ends 1 "$DMCVR" info set/cut_off.nii.gz
says "REFUSED  damaged_voxels"
tail -n 1 stderr.txt | grep -q '^dmcvr: error: reconstruct refuses 1 of 1 case$' || fail "$(cat stderr.txt)"
ends 0 "$DMCVR" info set/cut_off.nii.gz --headers-only

# A data set: a line per case, every kind of problem once, the counts.
cp cine.nii.gz set/good.nii.gz
ends 1 "$DMCVR" info set
says "3 cases: 1 clean, 1 repaired, 1 refused"
grep -qE '^good +NIfTI +clean' stdout.txt || fail "no line for good"
grep -qE '^cut_off +NIfTI +refused .* damaged_voxels$' stdout.txt || fail "no line for cut_off: $(cat stdout.txt)"
rm set/cut_off.nii.gz
ends 3 "$DMCVR" info set --headers-only

# Nothing there.
mkdir none
refused 1 "holds no study" "$DMCVR" info none
refused 1 "no such file" "$DMCVR" info missing.nii.gz

# The same verdict as reconstruct: refused in one line there as well.
python3 - <<'END'
import gzip
raw = gzip.open("cine.nii.gz").read()
gzip.open("cut_off.nii.gz", "wb").write(raw[:-5000])
END
refused 1 "the copy is incomplete" "$DMCVR" reconstruct cut_off.nii.gz -o out
