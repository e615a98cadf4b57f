# Labels become surfaces: of folders and of label maps, in every format; bad labels are refused in one line.
# Expected: volumes of the voxels as nibabel counts them, points inside the box of the labels, closed spheres.
. "$(dirname "$0")/support.sh"

"$DMCVR" phantom -q -o heart --seed 5 --phases 2 --spacing 2 --set matrix=128 >/dev/null
cp heart/dense_labels.nii.gz labels.nii.gz

"$DMCVR" mesh heart -o surfaces >table.txt || fail "a phantom"
[ "$(tail -n 1 table.txt)" = surfaces ] || fail "the last line on stdout is not the folder"
for name in {ed,es}_{lv_endocardium,lv_epicardium,rv_endocardium}.vtp heart.pvd surfaces.json; do
  [ -s "surfaces/$name" ] || fail "surfaces/$name is missing"
done
refused 1 "exists already" "$DMCVR" mesh heart -o surfaces
"$DMCVR" mesh labels.nii.gz -q -o surfaces --force --formats stl,obj --structures lv_epicardium >/dev/null || fail "--formats"
[ "$(ls surfaces | paste -sd' ')" = "phase00_lv_epicardium.obj phase00_lv_epicardium.stl phase01_lv_epicardium.obj phase01_lv_epicardium.stl surfaces.json" ] ||
  fail "files: $(ls surfaces)"
"$DMCVR" mesh labels.nii.gz -q -o twin --formats stl,obj --structures lv_epicardium >/dev/null
diff -r surfaces twin || fail "the same labels gave other surfaces"

find_nibabel

# GLB by the letter of glTF 2.0: the volume that the table says, on the axes of viewers.
# Among them the myocardium, a shell of the volume of its voxels.
"$DMCVR" mesh labels.nii.gz -q -o scene --formats glb \
  --structures lv_endocardium,lv_epicardium,rv_endocardium,lv_myocardium >table.txt || fail "--formats glb"
"$PYTHON" "$SOURCE/tests/e2e/check_glb.py" scene/phase00_*.glb >glb.txt || fail "GLB"
"$PYTHON" - <<'END'
import json, nibabel, numpy
surfaces = {s["structure"]: s for s in json.load(open("scene/surfaces.json"))["surfaces"] if s["phase"] == "phase00"}
lines = [line.split() for line in open("glb.txt")]
assert len(lines) == len(surfaces) == 4, lines
for name, _, triangles, volume in lines:
    assert int(triangles) == surfaces[name]["triangles"]
    assert abs(float(volume) / surfaces[name]["volume_ml"] - 1) < 1e-3, (name, volume)
    if name == "lv_myocardium":
        image = nibabel.load("labels.nii.gz")
        voxels = (numpy.asarray(image.dataobj)[..., 0] == 2).sum() * abs(numpy.linalg.det(image.affine[:3, :3])) / 1000
        assert abs(float(volume) / voxels - 1) < 0.01, (volume, voxels)
END

# The OBJ by another program's eyes.
"$PYTHON" - <<'END'
import nibabel, numpy
image = nibabel.load("labels.nii.gz")
voxels = numpy.asarray(image.dataobj)[..., 0]
inside = (voxels == 1) | (voxels == 2)
lines = open("surfaces/phase00_lv_epicardium.obj").read().splitlines()
assert lines[0] == "# SPACE=RAS", lines[0]
points = numpy.array([line.split()[1:] for line in lines if line.startswith("v ")], float)
faces = numpy.array([[part.split("//")[0] for part in line.split()[1:]] for line in lines if line.startswith("f ")], int) - 1
a, b, c = (points[faces[:, i]] for i in range(3))
volume = numpy.einsum("ij,ij->i", a, numpy.cross(b, c)).sum() / 6
voxel = abs(numpy.linalg.det(image.affine[:3, :3]))
counted = inside.sum() * voxel
assert abs(volume / counted - 1) < 0.01, (volume, counted)
edges = numpy.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
unique, counts = numpy.unique(edges, axis=0, return_counts=True)
assert (counts == 2).all() and len(points) - len(unique) + len(faces) == 2
world = nibabel.affines.apply_affine(image.affine, numpy.argwhere(inside))
reach = numpy.abs(image.affine[:3, :3]).sum(1)  # a voxel in every direction
assert (points.min(0) > world.min(0) - reach).all() and (points.max(0) < world.max(0) + reach).all()
assert (points.min(0) < world.min(0) + reach).all() and (points.max(0) > world.max(0) - reach).all()
def save(name, change):
    values = voxels.copy()
    change(values)
    nibabel.save(nibabel.Nifti1Image(values, image.affine), name)
save("strange.nii.gz", lambda v: v.__setitem__((5, 5, 5), 9))
save("no_rv.nii.gz", lambda v: v.__setitem__(v == 3, 0))
save("empty.nii.gz", lambda v: v.fill(0))
END

refused 1 "9" "$DMCVR" mesh strange.nii.gz -o out
refused 1 "no such" "$DMCVR" mesh missing.nii.gz -o out
refused 2 "formats" "$DMCVR" mesh labels.nii.gz -o out --formats vtk
[ ! -e out ] || fail "a refused command left something"
"$DMCVR" mesh no_rv.nii.gz -o out >table.txt 2>stderr.txt || fail "without an RV: $(cat stderr.txt)"
grep -q 'rv_endocardium: no voxel' stderr.txt || fail "an empty structure is not said"
[ ! -e out/phase00_rv_endocardium.vtp ] || fail "an empty structure has a file"
refused 1 "empty" "$DMCVR" mesh empty.nii.gz -o nothing
