"""Checks an output folder of `dmcvr reconstruct` against its input with nibabel.

    check_output.py INPUT.nii.gz OUTPUT_FOLDER
"""
import json
import sys

import nibabel
import numpy


def phases_last(image):
    """Voxels as floats [i, j, k, t]."""
    voxels = numpy.asarray(image.dataobj, dtype=numpy.float32)
    return voxels if voxels.ndim == 4 else voxels[..., None]


def world_from_voxel(image):
    """nibabel's affine with the spacing of the header: ACDC's sform is diag(-1, -1, 1) whatever the spacing."""
    affine = image.affine.copy()
    affine[:3, :3] *= image.header.get_zooms()[:3] / numpy.linalg.norm(affine[:3, :3], axis=0)
    return affine


source = nibabel.load(sys.argv[1])
folder = sys.argv[2]
volume, labels, provenance = (nibabel.load(f"{folder}/{name}.nii.gz") for name in ("volume", "labels", "provenance"))
run = json.load(open(f"{folder}/run.json"))
planes = run["acquired"]["planes"]

# One grid for all three; in-plane that of the input; acquired slices at their places in the world.
for other in (labels, provenance):
    assert other.shape == volume.shape and numpy.array_equal(other.affine, volume.affine)
assert volume.header["qform_code"] == 1 and volume.header["sform_code"] == 1
assert numpy.allclose(volume.get_qform(), volume.get_sform(), atol=1e-3)
assert volume.shape[:2] == source.shape[:2] and len(planes) == source.shape[2]
for index, plane in enumerate(planes):
    for i, j in ((0, 0), (source.shape[0] - 1, 0), (0, source.shape[1] - 1)):
        there = world_from_voxel(source) @ (i, j, index, 1)
        here = volume.affine @ (i, j, plane, 1)
        assert numpy.abs(there - here).max() < 0.01, (index, there, here)

# Acquired voxels as they were, for each phase that was taken; phases are matched by their values.
before, after = phases_last(source), phases_last(volume)
for t in range(after.shape[3]):
    matches = [s for s in range(before.shape[3]) if numpy.array_equal(before[..., s], after[:, :, planes, t])]
    assert matches, f"phase {t}: acquired voxels changed"
origin = phases_last(provenance)
between = [k for k in range(volume.shape[2]) if k not in planes]
assert (origin[:, :, planes] == 1).all()
assert (origin[:, :, between] != 1).all()
assert (origin[:, :, between] == 2).any()
assert numpy.isfinite(after).all()

# Labels: whole numbers of the table, which the file names itself.
assert set(numpy.unique(phases_last(labels))) <= {0, 1, 2, 3}
assert bytes(labels.header["descrip"].item()).rstrip(b"\0") == b"1=LVC 2=LVM 3=RVC"
