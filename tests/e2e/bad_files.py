"""Damaged copies of a NIfTI file, under names that tell nothing.

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


put("a2.nii.gz", packed[: len(packed) // 2])
# dim[1..3] at byte 42: 30000 cubed would need terabytes.
put("a3.nii.gz", gzip.compress(bytes(changed(42, "<3h", 30000, 30000, 30000))))
put("a4.nii", bytes(changed(42, "<3h", 30000, 30000, 30000)))
# pixdim[1..3] at byte 80.
put("a5.nii.gz", gzip.compress(bytes(changed(80, "<f", float("nan")))))
put("a6.nii.gz", gzip.compress(bytes(changed(88, "<f", 0.0))))
holed = voxels.copy()
holed[3, 4, 1] = numpy.nan
save("a7.nii.gz", holed)
save("a8.nii.gz", voxels[:, :, :1])
save("a9.nii.gz", voxels[:, :, 0])
save("a10.nii.gz", 0 * voxels)
put("a11.nii.gz", gzip.compress(b"This is a letter, and not a picture of a heart. " * 20))
put("a12.nii.gz", b"")
# Meters instead of millimeters: xyzt_units at byte 123.
put("a13.nii.gz", gzip.compress(bytes(changed(123, "<B", 1))))
# A hundred slices of which three are there, in a file that could unpack to more.
put("a14.nii.gz", gzip.compress(bytes(changed(42, "<3h", 64, 64, 1000))))
