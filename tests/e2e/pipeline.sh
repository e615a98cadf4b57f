# The whole way: a phantom, training slices, tiny networks, a dense heart, checked by another program.
# Expected: the geometry and voxels of the phantom's own cine, as nibabel reads them (check_output.py).
. "$(dirname "$0")/support.sh"

"$DMCVR" phantom -q -o phantom --seed 3 --phases 2 --slices 5 --spacing 2 >stdout.txt
[ "$(cat stdout.txt)" = phantom ] || fail "stdout of phantom is not its folder"
for name in sax.nii.gz sax_labels.nii.gz dense_image.nii.gz dense_labels.nii.gz truth.json; do
  [ -s "phantom/$name" ] || fail "phantom/$name is missing"
done
"$DMCVR" phantom -q -o again --seed 3 --phases 2 --slices 5 --spacing 2 >/dev/null
diff -r phantom again || fail "the same seed gave another phantom"

# What is asked for is there, and said in truth.json.
"$DMCVR" phantom -q -o dilated --seed 7 --phases 2 --pathology dilated --breath-hold 0 >/dev/null
for name in lax_2ch lax_3ch lax_4ch; do
  [ -s "dilated/$name.nii.gz" ] && [ -s "dilated/${name}_labels.nii.gz" ] || fail "dilated/$name is missing"
done
[ "$(grep -c '"pathology": "dilated"' dilated/truth.json)" -eq 2 ] || fail "truth.json does not say the pathology"
refused 2 "pathology" "$DMCVR" phantom -q -o out --pathology broken

"$DMCVR" prepare -q phantom -o train.slices >/dev/null
[ -s train.slices ] || fail "train.slices is missing"
refused 1 "exists already" "$DMCVR" prepare phantom -o train.slices
tiny_weights weights "$WORK/train.slices"

# Training is gone on with, begun anew, and never overwritten by accident.
train=("$DMCVR" train segmenter --data train.slices -o run-s --config "$SOURCE/configs/segmenter-tiny.json")
refused 1 "--resume goes on" "${train[@]}" --steps 3
"${train[@]}" -q --steps 3 --resume >/dev/null || fail "--resume"
refused 1 "holds no run" "$DMCVR" train segmenter --data train.slices -o nothing --resume

# Time limit and Ctrl-C end a run with a checkpoint, and say how to go on.
"${train[@]}" --force --steps 100000 --time-limit 2s >/dev/null 2>stderr.txt || fail "--time-limit"
grep -q -- '--resume goes on' stderr.txt || fail "--time-limit does not say how to go on"
"${train[@]}" --resume --steps 100000 >/dev/null 2>stderr.txt &
for _ in $(seq 300); do
  grep -q 'goes on at step' stderr.txt && break
  sleep 0.2
done
kill -INT $! && wait $! || fail "Ctrl-C did not end the run in peace: $(tail -n 1 stderr.txt)"
grep -q -- '--resume goes on' stderr.txt || fail "Ctrl-C does not say how to go on"

# A tiny network finds no heart; where it lies is said instead.
center=$(center_of phantom/sax.nii.gz)
reconstruct=("$DMCVR" reconstruct phantom/sax.nii.gz --weights weights --center="$center" --steps 3)
"${reconstruct[@]}" -o out --phases all --truth phantom >stdout.txt 2>stderr.txt || fail "$(cat stderr.txt)"
[ "$(tail -n 1 stdout.txt)" = out ] || fail "the last line on stdout is not the folder"
grep -q '^dmcvr+registration ' stdout.txt || fail "--truth printed no score"
for name in volume.nii.gz labels.nii.gz labels.json provenance.nii.gz preview.png run.json measures.json measures.csv segments.csv; do
  [ -s "out/$name" ] || fail "out/$name is missing"
done
[ "$(ls -A | grep -c tmp)" -eq 0 ] || fail "temporary files are left"

# Same input, options and seed: same bytes. run.json alone holds seconds.
"${reconstruct[@]}" -q -o twin --phases all >/dev/null
for name in volume.nii.gz labels.nii.gz labels.json provenance.nii.gz preview.png measures.json measures.csv segments.csv; do
  cmp "out/$name" "twin/$name" || fail "$name differs between two equal runs"
done

# Measuring the folder again gives what it holds, and its name.
"$DMCVR" measure twin -q -o twin.json >/dev/null
python3 - <<'END'
import json
before, after = json.load(open("twin/measures.json")), json.load(open("twin.json"))
assert after["discs"] == before["discs"] and after["dense"] == before["dense"] and after["case"] == "twin"
END

# An existing output stays unless it is ours and replacing it is asked for.
refused 1 "exists already" "${reconstruct[@]}" -o out
mkdir strange && echo keep >strange/file
refused 1 "was not made by dmcvr" "${reconstruct[@]}" -o strange --force
"${reconstruct[@]}" -q -o out --phases ed --force --slice-spacing 5 >/dev/null || fail "--force"
python3 -c 'import json; run = json.load(open("out/run.json")); assert len(run["phases"]) == 1, run["phases"]'

find_nibabel
"$PYTHON" "$SOURCE/tests/e2e/check_output.py" phantom/sax.nii.gz twin

# A left-handed film of whole numbers with slope and intercept, as another program writes it.
"$PYTHON" - <<'END'
import nibabel, numpy
image = nibabel.load("phantom/sax.nii.gz")
voxels = numpy.asarray(image.dataobj)[::-1]
affine = image.affine @ numpy.diag([-1.0, 1, 1, 1])
affine[:3, 3] = (image.affine @ (voxels.shape[0] - 1, 0, 0, 1))[:3]
film = nibabel.Nifti1Image(numpy.round(voxels / 0.5).astype(numpy.int16), affine)
film.header.set_slope_inter(0.5, -7)
film.header.set_xyzt_units("mm", "msec")
nibabel.save(film, "mirrored.nii.gz")
END
"$DMCVR" reconstruct mirrored.nii.gz -q -o mirrored --weights weights --center="$center" --steps 3 --phases phase01 >/dev/null
"$PYTHON" "$SOURCE/tests/e2e/check_output.py" mirrored.nii.gz mirrored
python3 -c 'import json; phases = json.load(open("mirrored/run.json"))["phases"]; assert [p["frame"] for p in phases] == [1], phases'
"$PYTHON" "$SOURCE/tests/e2e/check_output.py" phantom/sax.nii.gz out
