# Files under the names that the documentation uses, made of a phantom, since a stranger would have such: ACDC
# patients (acdc/training/patient001 and 002), a split of them, cine.nii.gz, labels.nii.gz of both
# its phases, ed.nii.gz and es.nii.gz with ACDC's values, and heart.nii.gz, a dense map with MM-WHS's.
#   prepare.py PHANTOM FOLDER
import gzip
import json
import struct
import sys
from pathlib import Path

phantom, folder = map(Path, sys.argv[1:])


def phases(path):
    """One NIfTI file of three dimensions per phase of a film of ours (352 bytes, then voxels)."""
    data = gzip.open(path).read()
    size = struct.unpack_from("<8h", data, 40)
    count = size[4]
    header = bytearray(data[:352])
    struct.pack_into("<8h", header, 40, 3, *size[1:4], 1, 1, 1, 1)
    length = (len(data) - 352) // count
    return [bytes(header) + data[352 + n * length : 352 + (n + 1) * length] for n in range(count)]


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(data)


MMWHS = bytes.maketrans(b"\x01\x02\x03", b"\x03\x01\x05")  # 1 LVM, 3 LVC, 5 RVC
SWAP = bytes.maketrans(b"\x01\x03", b"\x03\x01")  # ACDC: 1 RVC, 2 LVM, 3 LVC
images, labels = phases(phantom / "sax.nii.gz"), phases(phantom / "sax_labels.nii.gz")
acdc_labels = [label[:352] + label[352:].translate(SWAP) for label in labels]
for name in ("patient001", "patient002"):
    patient = folder / "acdc" / "training" / name
    for frame, (image, label) in enumerate(zip(images, acdc_labels), start=1):
        write(patient / f"{name}_frame{frame:02d}.nii.gz", image)
        write(patient / f"{name}_frame{frame:02d}_gt.nii.gz", label)
    (patient / "Info.cfg").write_text(f"ED: 1\nES: {len(images)}\nGroup: NOR\nHeight: 170\nNbFrame: {len(images)}\nWeight: 70\n")
(folder / "weights").mkdir(exist_ok=True)
split = {"train": ["patient001"], "validation": ["patient002"]}
(folder / "weights" / "split.json").write_text(json.dumps(split))
dense = phases(phantom / "dense_labels.nii.gz")[0]
write(folder / "heart.nii.gz", dense[:148] + bytes(80) + dense[228:352] + dense[352:].translate(MMWHS))
write(folder / "ed.nii.gz", acdc_labels[0])
write(folder / "es.nii.gz", acdc_labels[-1])
(folder / "labels.nii.gz").write_bytes((phantom / "sax_labels.nii.gz").read_bytes())
(folder / "cine.nii.gz").write_bytes((phantom / "sax.nii.gz").read_bytes())
