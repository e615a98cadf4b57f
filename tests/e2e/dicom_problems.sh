# A DICOM film that is damaged in one way: info names just that, reconstruct says it and keeps it in run.json.
# Expected: the name of each folder of damage_dicom.py is the problem; what is put right keeps all slices at their places.
. "$(dirname "$0")/support.sh"
find_nibabel
"$PYTHON" -c 'import pydicom' 2>/dev/null || skip "python3-pydicom is not installed"

"$DMCVR" phantom -q -o phantom --seed 3 --phases 4 --slices 8 --pitch 9 --spacing 3 --set matrix=96 --set dense=false --set long_axis=false >/dev/null
"$PYTHON" "$SOURCE/tests/e2e/make_dicom.py" phantom/sax.nii.gz .

"$DMCVR" info implicit --json >sound.json || fail "the film without damage: $(cat sound.json)"
"$PYTHON" "$SOURCE/tests/e2e/damage_dicom.py" implicit damaged

for folder in damaged/*; do
  problem=$(basename "$folder") found=0
  "$DMCVR" info "$folder" --json >info.json 2>stderr.txt || found=$?
  "$PYTHON" - "$problem" "$found" <<'END' || fail "$problem: $(cat info.json)"
import json, sys
problem, code = sys.argv[1], int(sys.argv[2])
case = json.load(open("info.json"))["cases"][0]
codes = {p["code"] for p in case["problems"]} | {p["code"] for s in case["series"] for p in s["problems"]}
expected = {problem}
if problem == "incomplete_slice":
    expected.add("missing_slices")  # the gap that it leaves
assert codes == expected, codes
assert code == (1 if problem == "refused" else 3), code
if problem != "refused":
    sax = next(s for s in case["series"] if s["view"] == "sax")
    lost = {"missing_slices": 1, "incomplete_slice": 1, "slices_left_out": 1, "damaged_files": 1}.get(problem, 0)
    assert (sax["slices"], sax["phases"]) == (8 - lost, 4), sax
END
done
grep -q 'short-axis pictures of 2 examinations' <("$DMCVR" info damaged/refused 2>/dev/null) || fail "two examinations are not told"

# Volumes are those of the film without damage where all slices are there, and outputs know what was put right.
quick=(-q --slice-spacing 9 --steps 2 --no-meshes --phases phase00)
for problem in none mixed_grids damaged_files; do
  folder=damaged/$problem
  [ "$problem" != none ] || folder=implicit
  "$DMCVR" reconstruct "$folder" -o "out_$problem" "${quick[@]}" >/dev/null 2>stderr.txt || fail "$problem: $(cat stderr.txt)"
done
"$PYTHON" - <<'END'
import json
import nibabel, numpy
codes = {name: [p["code"] for p in json.load(open(f"out_{name}/run.json"))["problems"]] for name in ("none", "mixed_grids", "damaged_files")}
assert codes == {"none": [], "mixed_grids": ["mixed_grids"], "damaged_files": ["damaged_files"]}, codes
whole, mixed = (nibabel.load(f"out_{name}/volume.nii.gz") for name in ("none", "mixed_grids"))
assert whole.shape == mixed.shape and numpy.allclose(whole.affine, mixed.affine, atol=1e-3)
a, b = whole.get_fdata(), mixed.get_fdata()
assert numpy.array_equal(a[..., 1:-1], b[..., 1:-1])
ends = [numpy.abs(a[..., k] - b[..., k]).max() for k in (0, -1)]
assert min(ends) == 0 and max(ends) > 0  # one end slice lost its margin,
k = 0 if ends[0] > 0 else -1
assert numpy.allclose(a[:-4, :-8, k], b[:-4, :-8, k], atol=1e-2) or numpy.allclose(a[4:, 8:, k], b[4:, 8:, k], atol=1e-2)  # and nothing else
END
