"""Copies a folder of single-frame DICOM files and damages each copy in one way.

    damage_dicom.py FILMS FOLDER

FILMS is what make_dicom.py calls implicit/. Each folder below FOLDER is called by the problem that `dmcvr info` has to find in it.
"""
import copy
import os
import sys

import numpy
import pydicom

films, target = sys.argv[1], sys.argv[2]
pages = [pydicom.dcmread(f"{films}/{name}") for name in sorted(os.listdir(films))]
directions = [float(x) for x in pages[0].ImageOrientationPatient]
normal = numpy.cross(directions[:3], directions[3:])


def height(page):
    return float(numpy.dot(page.ImagePositionPatient, normal))


def shifted(page, step_mm):
    page.ImagePositionPatient = [float(x) for x in numpy.add(page.ImagePositionPatient, step_mm)]


heights = sorted({round(height(page), 3) for page in pages})
times = sorted({float(page.TriggerTime) for page in pages})
slices, phases = len(heights), len(times)
assert slices >= 6 and phases >= 4


def slice_of(page):
    return heights.index(min(heights, key=lambda z: abs(z - height(page))))


def phase_of(page):
    return times.index(float(page.TriggerTime))


def write(problem, change):
    """change(page, slice, phase) damages a page, and may return pages that take its place."""
    folder = f"{target}/{problem}"
    os.makedirs(folder)
    number = 0
    for page in pages:
        k, t = slice_of(page), phase_of(page)
        page = copy.deepcopy(page)
        taken = change(page, k, t)
        for one in [page] if taken is None else taken:
            one.InstanceNumber = number + 1
            one.save_as(f"{folder}/IM{number:04d}", write_like_original=False)
            number += 1
    return folder


def thicker(page, k, t):
    page.SliceThickness = 5


def aside(page, k, t):
    if k in (1, 3):
        shifted(page, 1.5 * normal)


def cropped(page, k, t):
    if k != slices - 1:
        return
    pixels = page.pixel_array[:-8, :-4]
    page.Rows, page.Columns = pixels.shape
    page.PixelData = pixels.tobytes()


def again(page, k, t):
    if k != 2:
        return None
    later = copy.deepcopy(page)
    later.SeriesInstanceUID, later.SeriesNumber = "1.2.3.77", 7
    return [page, later]


def askew(page, k, t):
    if k != 0:
        return
    turn = numpy.radians(4)
    across = numpy.array(directions[:3])
    turned = numpy.cos(turn) * across + numpy.sin(turn) * normal
    page.ImageOrientationPatient = [*(float(x) for x in turned), *directions[3:]]


def elsewhere(page, k, t):
    """A film across the stack, in another frame of reference."""
    if k != 3:
        return None
    view = copy.deepcopy(page)
    view.ImageOrientationPatient = [*directions[:3], *(float(x) for x in normal)]
    corner = numpy.array(page.ImagePositionPatient, dtype=float)
    corner += (page.Rows / 2) * float(page.PixelSpacing[0]) * (numpy.array(directions[3:]) - normal)
    view.ImagePositionPatient = [float(x) for x in corner]  # the middles of view and slice meet
    view.SeriesInstanceUID, view.FrameOfReferenceUID, view.SeriesDescription = "1.2.3.5", "1.2.3.55", "4ch"
    return [page, view]


def late(page, k, t):
    """A film across the stack, of another part of the beat."""
    taken = elsewhere(page, k, t)
    if taken:
        taken[1].FrameOfReferenceUID = page.FrameOfReferenceUID
        taken[1].TriggerTime = float(page.TriggerTime) + 5000
    return taken


def localizer(page, k, t):
    if k != 3 or t != 0:
        return None
    one = copy.deepcopy(page)
    one.ImageOrientationPatient = [*directions[:3], *(float(x) for x in normal)]
    one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = "1.2.9", "1.2.9.1", "1.2.9.2"
    return [page, one]


def two_examinations(page, k, t):
    if k >= slices // 2:
        page.StudyInstanceUID, page.SeriesInstanceUID = "1.2.9", "1.2.9.1"


write("thickness_is_not_pitch", thicker)
write("uneven_slices", aside)
write("missing_slices", lambda page, k, t: [] if k == 3 else None)
write("repeated_slice", again)
write("missing_phases", lambda page, k, t: [] if (k, t) == (2, 1) else None)
write("incomplete_slice", lambda page, k, t: [] if k == 2 and t > 0 else None)
write("mixed_grids", cropped)
write("slices_left_out", askew)
write("different_frames", elsewhere)
write("view_left_out", late)
write("several_examinations", localizer)
write("refused", two_examinations)
folder = write("damaged_files", lambda page, k, t: None)
for name in sorted(os.listdir(folder)):
    if slice_of(pydicom.dcmread(f"{folder}/{name}", stop_before_pixels=True)) == slices - 1:
        os.truncate(f"{folder}/{name}", 700)
