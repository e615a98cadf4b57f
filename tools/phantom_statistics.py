#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How near phantoms come to real hearts: the same quantities of both, and how far they lie apart.

  tools/phantom_statistics.py build/release/dmcvr acdc/training --phantoms 40
  tools/phantom_statistics.py build/release/dmcvr acdc/training --folder phantoms   # folders of phantoms made before

The ACDC patients are those of the training subset of weights/split.json. ED and ES of every case count. Intensities:
the percentiles 0.5 and 99.5 of a volume become 0 and 1. `near` is what surrounds the heart: its box grown by 20 mm in
the slices that show it, without the labels; `far` is the rest of the picture. Gradients are in-plane, within that box,
in 1/mm. Spectrum: mean power of the slices' central 96 x 96 pixels under a Hann window over the frequency: slope of
log10 power between 0.03 and 0.2 cycles/mm, and log10 of the power at 85 to 100 % of the Nyquist frequency against that
at 30 to 45 %. Shift: how far the center of the left ventricle lies from the middle of those of its two neighbors.

W1 is the Wasserstein distance of the two distributions, KS the greatest difference of their distribution functions. For
intensities, gradients and shifts the values of all cases are pooled, each case with the same weight.

Needs python3-nibabel.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import nibabel
import numpy as np

GROW_MM = 20
QUANTILES = (np.arange(200) + 0.5) / 200  # what a case gives to a pooled distribution


def volumes_of_patient(folder):
    """(picture, labels 1 LVC 2 LVM 3 RVC, spacing) of ED and ES."""
    info = dict(line.split(":", 1) for line in (folder / "Info.cfg").read_text().splitlines() if ":" in line)
    for phase in ("ED", "ES"):
        frame = folder / f"{folder.name}_frame{int(info[phase]):02d}.nii.gz"
        picture = nibabel.load(frame)
        labels = np.asarray(nibabel.load(str(frame).replace(".nii.gz", "_gt.nii.gz")).dataobj).round().astype(int)
        yield np.asarray(picture.dataobj, float), np.array([0, 3, 2, 1])[labels], picture.header.get_zooms()[:3]


def volumes_of_phantom(folder):
    names = [phase["name"] for phase in json.loads((folder / "truth.json").read_text())["phases"]]
    picture, labels = (nibabel.load(folder / name) for name in ("sax.nii.gz", "sax_labels.nii.gz"))
    for name in ("ed", "es"):
        t = names.index(name)
        yield (np.asarray(picture.dataobj[..., t], float), np.asarray(labels.dataobj[..., t]).astype(int),
               picture.header.get_zooms()[:3])


def wall_thickness_mm(labels, spacing):
    """From every pixel at the border of the cavity to the nearest one outside of the muscle, in mm."""
    thickness = []
    for k in range(labels.shape[2]):
        cavity, inside = labels[..., k] == 1, np.isin(labels[..., k], (1, 2))
        if cavity.sum() < 20:
            continue
        inner = cavity & ~(np.roll(cavity, 1, 0) & np.roll(cavity, -1, 0) & np.roll(cavity, 1, 1) & np.roll(cavity, -1, 1))
        outer = ~inside & (np.roll(inside, 1, 0) | np.roll(inside, -1, 0) | np.roll(inside, 1, 1) | np.roll(inside, -1, 1))
        a, b = (np.argwhere(mask) * spacing[:2] for mask in (inner, outer))
        thickness += list(np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1)).min(1) - spacing[0])
    return np.array(thickness)


def shifts_mm(labels, spacing):
    centers = [np.argwhere(np.isin(labels[..., k], (1, 2))).mean(0) * spacing[:2] if (labels[..., k] == 2).sum() > 60 else None
               for k in range(labels.shape[2])]
    return np.array([np.linalg.norm(centers[k] - (centers[k - 1] + centers[k + 1]) / 2) for k in range(1, len(centers) - 1)
                     if all(center is not None for center in centers[k - 1:k + 2])])


def spectrum(picture, spacing):
    """(slope, high share) of the slices' central parts."""
    side = min(96, picture.shape[0], picture.shape[1])
    corner = [(n - side) // 2 for n in picture.shape[:2]]
    window = np.hanning(side)
    part = picture[corner[0]:corner[0] + side, corner[1]:corner[1] + side]
    part = (part - part.mean((0, 1))) * (window[:, None] * window)[..., None]
    power = (np.abs(np.fft.fft2(part, axes=(0, 1))) ** 2).mean(2)
    f = np.abs(np.fft.fftfreq(side))
    cycles = np.hypot(f[:, None], f)  # per pixel
    per_mm = cycles / spacing[0]
    band = (per_mm > 0.03) & (per_mm < 0.2)
    slope = np.polyfit(np.log10(per_mm[band]), np.log10(power[band]), 1)[0]
    mean = lambda low, high: power[(cycles >= low / 2) & (cycles < high / 2)].mean()
    return slope, np.log10(mean(0.85, 1) / mean(0.3, 0.45))


def measure(volumes):
    """Per case: name -> number, or sample."""
    case, pooled = {}, {}
    volumes = list(volumes)
    for phase, (picture, labels, spacing) in zip(("ED", "ES"), volumes):
        low, high = np.percentile(picture, (0.5, 99.5))
        scaled = (picture - low) / (high - low)
        where = np.argwhere(labels > 0)
        grow = np.array([GROW_MM / spacing[0], GROW_MM / spacing[1], 0])
        first = np.maximum(0, where.min(0) - grow).astype(int)
        last = np.minimum(np.array(labels.shape) - 1, where.max(0) + grow).astype(int)
        box = np.zeros(labels.shape, bool)
        box[tuple(slice(a, b + 1) for a, b in zip(first, last))] = True
        samples = {"LVC": scaled[labels == 1], "LVM": scaled[labels == 2], "RVC": scaled[labels == 3],
                   "near": scaled[box & (labels == 0)], "far": scaled[~box]}
        for name, sample in samples.items():
            pooled.setdefault(name, []).append(np.quantile(sample, QUANTILES))
            case.setdefault(f"{name} sd in a volume", []).append(sample.std())
        case.setdefault("LVM : LVC", []).append(np.median(samples["LVM"]) / np.median(samples["LVC"]))
        gradient = np.hypot(np.gradient(scaled, spacing[0], axis=0), np.gradient(scaled, spacing[1], axis=1))[box]
        pooled.setdefault("gradient", []).append(np.quantile(gradient, QUANTILES))
        for q in (50, 90, 99):
            case.setdefault(f"gradient p{q} 1/mm", []).append(np.percentile(gradient, q))
        slope, top = spectrum(scaled, spacing)
        case.setdefault("spectrum slope", []).append(slope)
        case.setdefault("spectrum top", []).append(top)
        wall = wall_thickness_mm(labels, spacing)
        case[f"wall {phase} mm"] = np.median(wall)
        case[f"wall {phase} p90 : p10"] = np.percentile(wall, 90) / max(1, np.percentile(wall, 10))
        shift = shifts_mm(labels, spacing)
        if len(shift):
            pooled.setdefault("shift mm", []).append(np.quantile(shift, QUANTILES))
        for name, value in (("LV", 1), ("RV", 3)):
            case[f"{name} {phase} ml"] = (labels == value).sum() * np.prod(spacing) / 1000
    for name in ("LV", "RV"):
        case[f"{name} EF"] = 1 - case[f"{name} ES ml"] / case[f"{name} ED ml"]
    case = {name: float(np.mean(value)) for name, value in case.items()}
    return case, {name: np.concatenate(value) for name, value in pooled.items()}


def distances(a, b):
    """(W1, KS) of two samples."""
    points = np.sort(np.concatenate([a, b]))
    below = [np.searchsorted(np.sort(sample), points, side="right") / len(sample) for sample in (a, b)]
    apart = np.abs(below[0] - below[1])
    return (apart[:-1] * np.diff(points)).sum(), apart.max()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dmcvr")
    parser.add_argument("acdc", type=Path)
    parser.add_argument("--phantoms", type=int, default=40, metavar="N", help="of seeds 1 to N (default 40)")
    parser.add_argument("--folder", type=Path, help="holds phantoms made before")
    parser.add_argument("--patients", type=int, default=75, metavar="N", help="at most (default 75)")
    arguments = parser.parse_args()
    split = json.loads((Path(__file__).parent.parent / "weights/split.json").read_text())["train"]

    real = [measure(volumes_of_patient(arguments.acdc / name)) for name in split[:arguments.patients]]
    phantoms = []
    with tempfile.TemporaryDirectory() as scratch:
        folders = sorted(path.parent for path in arguments.folder.glob("*/truth.json")) if arguments.folder else []
        for seed in range(1, 0 if arguments.folder else arguments.phantoms + 1):
            folders.append(Path(scratch) / str(seed))
            subprocess.run([arguments.dmcvr, "phantom", "-q", "-o", folders[-1], "--seed", str(seed), "--phases", "2",
                            "--set", "dense=false", "--set", "long_axis=false"], check=True, stdout=subprocess.DEVNULL)
        phantoms = [measure(volumes_of_phantom(folder)) for folder in folders]
    if not phantoms or not real:
        sys.exit("no case to compare")

    print(f"{len(real)} patients, {len(phantoms)} phantoms: p5 / median / p95, and their distances\n")
    print(f"| {'quantity':<22} | {'ACDC':<22} | {'phantoms':<22} | W1    | KS   |\n|---|---|---|---|---|")
    total = []
    for part in (1, 0):
        for name in real[0][part]:
            a, b = (np.concatenate([np.atleast_1d(case[part][name]) for case in cases if name in case[part]])
                    for cases in (real, phantoms))
            row = [" / ".join(f"{value:.3g}" for value in np.percentile(sample, (5, 50, 95))) for sample in (a, b)]
            w1, ks = distances(a, b)
            total.append(ks)
            print(f"| {name:<22} | {row[0]:<22} | {row[1]:<22} | {w1:<5.3g} | {ks:.2f} |")
    print(f"\nmean KS {np.mean(total):.3f}")


if __name__ == "__main__":
    main()
