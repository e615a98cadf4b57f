# SPDX-License-Identifier: Apache-2.0
"""What nibabel makes of NIfTI files, beside our own reader.

  nibabel_oracle.py write FOLDER   writes files of many kinds into FOLDER, and describes them
  nibabel_oracle.py read FOLDER    describes the NIfTI files of FOLDER

A description of X is X.json (shape, affine) and X.raw (values as float64, first index fastest).
"""
import json
import sys
from pathlib import Path

import nibabel
import numpy


def describe(path):
    image = nibabel.load(path)
    values = numpy.asarray(image.dataobj, dtype=numpy.float64)
    values.ravel(order="F").tofile(f"{path}.raw")
    affine = image.affine.tolist()
    qform = image.header.get_qform().tolist()
    Path(f"{path}.json").write_text(json.dumps({"shape": values.shape, "affine": affine, "qform": qform}))


def write(folder):
    random = numpy.random.default_rng(1)
    turn, _ = numpy.linalg.qr(random.standard_normal((3, 3)))
    kinds = "u1 i1 i2 u2 i4 u4 i8 u8 f4 f8".split()
    for index, kind in enumerate(kinds):
        for version, make in ((1, nibabel.Nifti1Image), (2, nibabel.Nifti2Image)):
            for order in "<>":
                # Handedness, phases and forms change with the kind.
                affine = numpy.eye(4)
                affine[:3, :3] = turn @ numpy.diag([1.25, 1.5, 8.0 if index % 2 else -8.0])
                affine[:3, 3] = [10, -20, 30]
                shape = (5, 4, 3, 2) if index % 3 else (5, 4, 3)
                values = random.integers(0, 100, shape).astype(kind)
                header = make.header_class(endianness=order)
                header.set_data_dtype(numpy.dtype(kind).newbyteorder(order))
                image = make(values, None, header)
                image.set_qform(affine, 1)
                image.set_sform(None if index % 4 == 3 else affine, 0 if index % 4 == 3 else 2)
                if kind in ("i2", "u1"):
                    image.header.set_slope_inter(0.5, -3)
                name = f"{kind}_v{version}_{'little' if order == '<' else 'big'}"
                ending = ".nii.gz" if index % 2 else ".nii"
                nibabel.save(image, folder / (name + ending))


def main():
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "write":
        write(folder)
    for path in sorted(folder.glob("*.nii*")):
        if path.name.endswith((".nii", ".nii.gz")):
            describe(path)


main()
