"""Damaged copies of a NIfTI file.

    bad_files.py GOOD.nii.gz FOLDER
"""
import gzip
import struct
import sys

import nibabel
import numpy

good, folder = sys.argv[1:]
image = nibabel.load(good)
voxels = numpy.asarray(image.dataobj, dtype=numpy.float32)
while voxels.ndim > 3:
    voxels = voxels[..., 0]
packed = open(good, "rb").read()
raw = bytearray(gzip.decompress(packed))


def put(name, data):
    open(f"{folder}/{name}", "wb").write(data)


def changed(offset, form, *values):
    """The good file with other values in its header."""
    data = bytearray(raw)
    struct.pack_into(form, data, offset, *values)
    return data


def save(name, array):
    nibabel.save(nibabel.Nifti1Image(array.astype(numpy.float32), image.affine), f"{folder}/{name}")


put("truncated.nii.gz", packed[: len(packed) // 2])
# dim[1..3] at byte 42: 30000 cubed would need terabytes.
put("promises.nii.gz", gzip.compress(bytes(changed(42, "<3h", 30000, 30000, 30000))))
put("promises.nii", bytes(changed(42, "<3h", 30000, 30000, 30000)))
# pixdim[1..3] at byte 80.
put("spacing_nan.nii.gz", gzip.compress(bytes(changed(80, "<f", float("nan")))))
put("spacing_zero.nii.gz", gzip.compress(bytes(changed(88, "<f", 0.0))))
holed = voxels.copy()
holed[3, 4, 1] = numpy.nan
save("voxels_nan.nii.gz", holed)
save("single_slice.nii.gz", voxels[:, :, :1])
save("flat.nii.gz", voxels[:, :, 0])
save("zeros.nii.gz", 0 * voxels)
put("text.nii.gz", gzip.compress(b"This is a letter, and not a picture of a heart. " * 20))
put("empty.nii.gz", b"")
