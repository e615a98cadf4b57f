#!/usr/bin/env python3
"""Volumes of the left ventricle by `dmcvr reconstruct` beside those of an expert's contours (Sunnybrook Cardiac Data).

    dmcvr reconstruct SCD0000101/dicom -o heart --phases ed,es --slice-spacing 10 --steps 2 --no-meshes
    tools/compare_contours.py SCD0000101/contours/i-contours SCD0000101/dicom heart/measures.json

Contours are polygons of pixel coordinates, one file per picture (IM-0001-NNNN-icontour-manual.txt, NNNN its instance
number) that has one: in ED and ES of the slices that hold the cavity. A slice has its polygon's area times the way to its
neighbors, from the positions of the pictures: the summation of discs that `discs_` of the measures is.
"""
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import numpy
import pydicom


def area_of(polygon):
    """In pixels, by the shoelace formula."""
    x, y = polygon[:, 0], polygon[:, 1]
    return abs(numpy.dot(x, numpy.roll(y, -1)) - numpy.dot(y, numpy.roll(x, -1))) / 2


def pictures_of(folder):
    """Per instance number: position along the normal in mm, pixel area in mm2, trigger time in ms."""
    pictures = {}
    for path in Path(folder).iterdir():
        header = pydicom.dcmread(path, stop_before_pixels=True)
        across = numpy.array(header.ImageOrientationPatient, float)
        z_mm = numpy.dot(numpy.cross(across[:3], across[3:]), numpy.array(header.ImagePositionPatient, float))
        pictures[int(header.InstanceNumber)] = (z_mm, numpy.prod(numpy.array(header.PixelSpacing, float)), header.TriggerTime)
    return pictures


contours, dicom, measures = sys.argv[1:]
pictures = pictures_of(dicom)
slices = sorted({round(z_mm, 2) for z_mm, _, _ in pictures.values()})
pitch_mm = numpy.median(numpy.diff(slices))
phase_count = len(pictures) // len(slices)

# The phases that have contours: instance numbers run through the phases of a slice, then to the next slice.
ml, count = defaultdict(float), defaultdict(int)
for path in sorted(Path(contours).iterdir()):
    number = int(re.fullmatch(r"IM-\d+-(\d+)-icontour-manual\.txt", path.name).group(1))
    _, pixel_mm2, _ = pictures[number]
    phase = (number - 1) % phase_count
    ml[phase] += area_of(numpy.loadtxt(path)) * pixel_mm2 * pitch_mm / 1000
    count[phase] += 1
if len(ml) != 2:
    sys.exit(f"{contours}: contours of {len(ml)} phases, expected 2: ED and ES")
ed, es = sorted(ml, key=ml.get, reverse=True)
expert = {"lv_edv_ml": ml[ed], "lv_esv_ml": ml[es], "lv_ef_percent": 100 * (1 - ml[es] / ml[ed])}

ours = json.load(open(measures))["discs"]
print(f"expert: {count[ed]} slices in ED (phase {ed}), {count[es]} in ES (phase {es}), {pitch_mm:.4g} mm apart")
print(f"{'':<16}{'expert':>9}{'dmcvr':>9}{'difference':>12}")
for key, value in expert.items():
    print(f"{key:<16}{value:>9.1f}{ours[key]:>9.1f}{ours[key] - value:>+12.1f}")
