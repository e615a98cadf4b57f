# --dicom writes a series and a segmentation that pydicom reads as nibabel reads the NIfTI files beside them.
# Expected: the same voxels at the same places and times, and no word of the patient unless --keep-id asks for it.
. "$(dirname "$0")/support.sh"
find_nibabel
"$PYTHON" -c 'import pydicom' 2>/dev/null || skip "python3-pydicom is not installed"

quick=(--slice-spacing 4.5 --steps 2 --no-meshes --phases all --dicom)
"$DMCVR" phantom -q -o phantom --seed 3 --phases 2 --pitch 9 --spacing 2 --set dense=false --set long_axis=false >/dev/null
"$PYTHON" "$SOURCE/tests/e2e/make_dicom.py" phantom/sax.nii.gz .

"$DMCVR" reconstruct implicit -q -o nobody "${quick[@]}" >stdout.txt 2>stderr.txt || fail "--dicom: $(tail -n 1 stderr.txt)"
"$PYTHON" "$SOURCE/tests/e2e/check_dicom.py" nobody
# 1.2.3 with a closing byte is the study of the input, 1.2.3.9 its frame of reference.
unsaid '1\.2\.3\.9|1\.2\.3[^0-9.]' stdout.txt stderr.txt nobody/dicom
unsaid Secret stdout.txt stderr.txt nobody

"$DMCVR" reconstruct implicit -q -o kept "${quick[@]}" --keep-id >stdout.txt 2>stderr.txt || fail "--keep-id: $(tail -n 1 stderr.txt)"
"$PYTHON" "$SOURCE/tests/e2e/check_dicom.py" kept 'Secret^Name' Secret-4711 1.2.3 1.2.3.9
unsaid Secret stdout.txt stderr.txt kept/*.json kept/*.nii.gz
refused 1 "--keep-id: phantom/sax.nii.gz is no DICOM" "$DMCVR" reconstruct phantom/sax.nii.gz -o out "${quick[@]}" --keep-id
[ ! -e out ] || fail "a refused command left something"

# The program finds its own series again: a short axis as dense as the volume.
"$DMCVR" info nobody/dicom --json >info.json || [ $? -eq 3 ] || fail "info: $(tail -n 1 info.json)"
"$PYTHON" - <<'END'
import json, nibabel
(series,) = json.load(open("info.json"))["cases"][0]["series"]
assert series["view"] == "sax" and series["is_read"], series
size = tuple(series[key] for key in ("columns", "rows", "slices", "phases"))
assert size == nibabel.load("nobody/volume.nii.gz").shape, size
END
