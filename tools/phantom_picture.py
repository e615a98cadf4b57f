#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Patients and phantoms in one picture, for the eye: a base, a middle and an apex slice of each at ED.

  tools/phantom_picture.py build/release/dmcvr acdc/training beside.png          # patients above, phantoms below
  tools/phantom_picture.py build/release/dmcvr acdc/training guess.png --shuffle # mixed; the answer is printed

160 mm around the heart, percentiles 0.5 and 99.5 of each volume black and white. Pictures of patients stay out of the
repository. Needs python3-nibabel.
"""
import argparse
import json
import random
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

import numpy as np

from phantom_statistics import volumes_of_patient, volumes_of_phantom

SIDE, FIELD_MM = 160, 160


def tiles(picture, labels, spacing):
    """Three slices of the heart, side by side: [SIDE, 3 SIDE] in 0 to 1."""
    low, high = np.percentile(picture, (0.5, 99.5))
    slices = np.flatnonzero((labels > 0).any((0, 1)))
    center = np.argwhere(labels > 0).mean(0)[:2]
    offsets = (np.arange(SIDE) + 0.5) / SIDE * FIELD_MM - FIELD_MM / 2
    rows, columns = (np.clip(np.round(center[axis] + offsets / spacing[axis]), 0, picture.shape[axis] - 1).astype(int)
                     for axis in (1, 0))
    return np.concatenate([np.clip((picture[..., slices[int(share * (len(slices) - 1))]].T[np.ix_(rows, columns)] - low)
                                   / (high - low), 0, 1) for share in (0.2, 0.5, 0.8)], axis=1)


def write_png(path, values):
    """[H, W] in 0 to 1 as an 8-bit gray PNG."""
    lines = b"".join(b"\0" + row.tobytes() for row in (255 * values).round().astype(np.uint8))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in ((b"IHDR", struct.pack(">2I5B", values.shape[1], values.shape[0], 8, 0, 0, 0, 0)),
                           (b"IDAT", zlib.compress(lines)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dmcvr")
    parser.add_argument("acdc", type=Path)
    parser.add_argument("picture")
    parser.add_argument("--count", type=int, default=4, metavar="N", help="patients, and phantoms (default 4)")
    parser.add_argument("--first-seed", type=int, default=51, metavar="N", help="of the phantoms (default 51)")
    parser.add_argument("--shuffle", action="store_true", help="in no order; the answer is printed")
    arguments = parser.parse_args()
    split = json.loads((Path(__file__).parent.parent / "weights/split.json").read_text())["train"]

    shown = [("patient", tiles(*next(volumes_of_patient(arguments.acdc / name))))
             for name in split[::max(1, len(split) // arguments.count)][:arguments.count]]
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.count):
            folder = Path(scratch) / str(seed)
            subprocess.run([arguments.dmcvr, "phantom", "-q", "-o", folder, "--seed", str(seed), "--phases", "2", "--set",
                            "dense=false", "--set", "long_axis=false"], check=True, stdout=subprocess.DEVNULL)
            shown.append(("phantom", tiles(*next(volumes_of_phantom(folder)))))
    if arguments.shuffle:
        random.shuffle(shown)
        print("from left to right, line by line:", " ".join(kind for kind, _ in shown))
    pairs = [np.concatenate([strip for _, strip in shown[n:n + 2]], axis=1) for n in range(0, len(shown) - 1, 2)]
    write_png(arguments.picture, np.concatenate(pairs))


if __name__ == "__main__":
    main()
