#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How good a pair of networks is on the ACDC patients of one subset of the split.

  tools/score_weights.py build/release/dmcvr acdc/training --subset validation          # acquired slices
  tools/score_weights.py build/release/dmcvr acdc/training --subset validation --hide   # slices between

Acquired slices: 3D Dice of the labels against the experts', per volume (one phase of one patient), and the PSNR of the
round trip encode -> decode over the heart patch, in dB, values between the percentiles 0.5 and 99.5 mapped to 0 to 1.

--hide: slices 1, 3, 5, ... strictly between kept ones are hidden, so that gaps double, and reconstructed. 3D Dice over
the hidden slices of a volume; PSNR over them inside the box of the experts' labels grown by 10 pixels, both images
clipped to [0, p98] of the acquired volume and divided by p98. `nearest` is the slice below with its labels, `linear`
the mean of the two neighbors. Means over the volumes are printed.

Needs python3-nibabel. Validation chooses; test is run once per released weights.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import nibabel
import numpy as np

STRUCTURES = (("LVC", 1, 3), ("LVM", 2, 2), ("RVC", 3, 1))  # name, value of dmcvr, value of ACDC


def dice(labels, truth):
    scores = []
    for _, ours, theirs in STRUCTURES:
        a, b = labels == ours, truth == theirs
        scores.append(2 * (a & b).sum() / max(1, a.sum() + b.sum()))
    return scores


def voxels(path):
    return np.asarray(nibabel.load(path).dataobj)


def frames(patient):
    """Phase name -> path of its picture, without the ending."""
    info = dict(line.strip().split(": ") for line in open(patient / "Info.cfg") if ": " in line)
    return {phase.lower(): patient / f"{patient.name}_frame{int(info[phase]):02d}" for phase in ("ED", "ES")}


def reconstruct(arguments, source, output, *options):
    command = [arguments.dmcvr, "reconstruct", source, "-o", output, "-q", *options]
    if arguments.weights:
        command += ["--weights", arguments.weights]
    command += arguments.option or []
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{source}: {done.stderr.strip()}")


def score_acquired(arguments, patient, folder):
    output = folder / patient.name
    reconstruct(arguments, patient, output, "--slice-spacing", 20, "--set", "measure_round_trip=true")
    run = json.load(open(output / "run.json"))
    labels = voxels(output / "labels.nii.gz")[:, :, run["acquired"]["planes"]]
    rows = []
    for index, phase in enumerate(run["phases"]):
        truth = voxels(f"{frames(patient)[phase['name']]}_gt.nii.gz")
        rows.append(("dmcvr", dice(labels[..., index], truth) + [run["round_trip_psnr_db"]]))
    return rows


def score_hidden(arguments, patient, folder):
    rows = []
    for phase, frame in frames(patient).items():
        image = nibabel.load(f"{frame}.nii.gz")
        truth = voxels(f"{frame}_gt.nii.gz")
        picture = np.asarray(image.dataobj).astype(np.float32)
        count = picture.shape[2] - (picture.shape[2] + 1) % 2  # so that the last slice is kept
        picture, truth = picture[:, :, :count], truth[:, :, :count]
        dx, dy, dz = (float(zoom) for zoom in image.header.get_zooms()[:3])
        kept = nibabel.Nifti1Image(picture[:, :, ::2], np.diag([-dx, -dy, 2 * dz, 1]))
        source, output = folder / f"{patient.name}_{phase}.nii.gz", folder / f"{patient.name}_{phase}"
        nibabel.save(kept, source)
        reconstruct(arguments, source, output, "--slice-spacing", dz)
        volume, labels = voxels(output / "volume.nii.gz"), voxels(output / "labels.nii.gz")

        p98 = np.percentile(picture, 98)
        box = np.argwhere(truth > 0)
        low, high = np.maximum(box.min(0) - 10, 0), box.max(0) + 11
        inside = (slice(low[0], high[0]), slice(low[1], high[1]))

        def psnr(guess):
            error = (np.clip(guess, 0, p98) - np.clip(picture[:, :, 1::2], 0, p98))[inside] / p98
            return -10 * np.log10(np.mean(error**2))

        below, above = volume[:, :, 0:-1:2], volume[:, :, 2::2]
        hidden = truth[:, :, 1::2]
        rows.append(("nearest", dice(labels[:, :, 0:-1:2], hidden) + [psnr(below)]))
        rows.append(("linear", [np.nan] * 3 + [psnr((below + above) / 2)]))
        rows.append(("dmcvr", dice(labels[:, :, 1::2], hidden) + [psnr(volume[:, :, 1::2])]))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dmcvr", help="the program")
    parser.add_argument("acdc", type=Path, help="folder of patient folders")
    parser.add_argument("--split", type=Path, default=Path(__file__).parents[1] / "weights" / "split.json")
    parser.add_argument("--subset", default="validation")
    parser.add_argument("--hide", action="store_true", help="hide every second slice and score those")
    parser.add_argument("--weights", help="folder of weights; default: the bundled ones")
    parser.add_argument("option", nargs="*", help="more options of dmcvr reconstruct, after --")
    arguments = parser.parse_args()

    scores = {}
    score = score_hidden if arguments.hide else score_acquired
    with tempfile.TemporaryDirectory() as folder:
        for name in json.load(open(arguments.split))[arguments.subset]:
            rows = score(arguments, arguments.acdc / name, Path(folder))
            for method, row in rows:
                scores.setdefault(method, []).append(row)
            print(name, *(f"{method} {np.round(row, 3).tolist()}" for method, row in rows), file=sys.stderr, flush=True)
    heading = "".join(f"{name:>8}" for name, _, _ in STRUCTURES)
    print(f"{arguments.subset}\n{'method':<10}{'volumes':>8}{heading}{'PSNR/dB':>10}")
    for method, rows in scores.items():
        means = np.mean(rows, axis=0)
        print(f"{method:<10}{len(rows):>8}" + "".join(f"{mean:>8.3f}" for mean in means[:3]) + f"{means[3]:>10.2f}")


if __name__ == "__main__":
    main()
