# DICOM films of every kind give the study that the NIfTI file is: written by pydicom, read by us, and on real films read
# by pydicom beside us. Expected: the phantom's own voxels and places, and no word of the patient anywhere.
. "$(dirname "$0")/support.sh"
find_nibabel
"$PYTHON" -c 'import pydicom' 2>/dev/null || skip "python3-pydicom is not installed"

pitch=9
quick=(--slice-spacing 4.5 --steps 2 --no-meshes --phases all)
"$DMCVR" phantom -q -o phantom --seed 3 --phases 2 --pitch "$pitch" --spacing 2 --set dense=false --set long_axis=false >/dev/null
"$PYTHON" "$SOURCE/tests/e2e/make_dicom.py" phantom/sax.nii.gz .

for input in big.zip implicit enhanced.dcm; do
  "$DMCVR" reconstruct "$input" -o "out_$input" "${quick[@]}" >stdout.txt 2>stderr.txt || fail "$input: $(tail -n 1 stderr.txt)"
  "$PYTHON" "$SOURCE/tests/e2e/check_output.py" phantom/sax.nii.gz "out_$input"
  unsaid Secret stdout.txt stderr.txt "out_$input"
done

# A damaged file is said and its phase taken from the nearest; a film that is no film is refused in one line.
"$DMCVR" info broken >info.txt 2>stderr.txt && fail "broken: no problem was found" || [ $? -eq 3 ] || fail "broken: $(cat info.txt)"
grep -q missing_phases info.txt || fail "broken: $(cat info.txt)"
"$DMCVR" info big.zip >info.txt || fail "big.zip: $(cat info.txt)"
mkdir single && cp "implicit/$(ls implicit | head -n 1)" single/
refused 1 "no stack of parallel slices" "$DMCVR" reconstruct single -o out

[ -n "${DMCVR_DATA:-}" ] || skip "DMCVR_DATA is not set, so that no real film was looked at"
"$DMCVR" reconstruct "$DMCVR_DATA/sunnybrook/SCD0000101" -q -o real --slice-spacing 10 --steps 2 --no-meshes --phases phase00,phase07 >/dev/null
"$PYTHON" - "$DMCVR_DATA/sunnybrook/SCD0000101" real 0 7 <<'END'
import glob, sys
import nibabel, numpy, pydicom
folder, output, phases = sys.argv[1], sys.argv[2], [int(t) for t in sys.argv[3:]]
volume = nibabel.load(f"{output}/volume.nii.gz")
voxels, to_voxel = volume.get_fdata(), numpy.linalg.inv(volume.affine)
by_place = {}
for name in glob.glob(f"{folder}/dicom/*"):
    data = pydicom.dcmread(name)
    by_place.setdefault(tuple(data.ImagePositionPatient), []).append((float(data.TriggerTime), data))
assert len(by_place) == volume.shape[2]
for place, pages in by_place.items():
    world = numpy.array([-place[0], -place[1], place[2], 1])
    i, j, k = (to_voxel @ world)[:3]
    assert abs(i) < 1e-2 and abs(j) < 1e-2 and abs(k - round(k)) < 1e-2, (i, j, k)
    pages.sort(key=lambda page: page[0])
    for t, phase in enumerate(phases):
        assert numpy.array_equal(voxels[:, :, round(k), t], pages[phase][1].pixel_array.T), (k, phase)
END
