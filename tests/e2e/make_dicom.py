"""Writes a phantom's short axis as DICOM files of several kinds, in an order that says nothing.

    make_dicom.py SAX.nii.gz FOLDER

FOLDER/big.zip       single frames, explicit big endian, in a zip, beside files that are no films
FOLDER/implicit/     single frames, implicit little endian
FOLDER/enhanced.dcm  one enhanced multi-frame file
FOLDER/broken/       as implicit/, with one file cut in half
"""
import os
import random
import sys
import zipfile

import nibabel
import numpy
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

source = nibabel.load(sys.argv[1])
folder = sys.argv[2]
voxels = numpy.asarray(source.dataobj).round().astype(numpy.int16)
columns, rows, slices, phases = voxels.shape
lps_from_voxel = numpy.diag([-1.0, -1.0, 1.0, 1.0]) @ source.affine
spacing = numpy.linalg.norm(lps_from_voxel[:3, :3], axis=0)
directions = lps_from_voxel[:3, :3] / spacing
step_ms = float(source.header.get_zooms()[3])


def place(k):
    return [float(x) for x in (lps_from_voxel @ (0, 0, k, 1))[:3]]


def orientation():
    return [float(x) for x in numpy.concatenate([directions[:, 0], directions[:, 1]])]


def blank(name, syntax, sop_class):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = "1.2.3.4.1"
    meta.TransferSyntaxUID = syntax
    data = FileDataset(name, {}, file_meta=meta, preamble=b"\0" * 128)
    data.is_little_endian = syntax != ExplicitVRBigEndian
    data.is_implicit_VR = syntax == ImplicitVRLittleEndian
    data.SOPClassUID, data.SOPInstanceUID = sop_class, "1.2.3.4.1"
    data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = "1.2.3", "1.2.3.1", "1.2.3.9"
    data.Modality, data.SeriesDescription, data.PatientName, data.PatientID = "MR", "cine", "Secret^Name", "Secret-4711"
    data.SeriesNumber, data.ImageType = 1, ["ORIGINAL", "PRIMARY"]
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = rows, columns, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
    return data


def write_frames(target, syntax):
    os.makedirs(target)
    numbers = list(range(slices * phases))
    random.Random(1).shuffle(numbers)
    for number in numbers:
        k, t = divmod(number, phases)
        name = f"{target}/IM{(number * 7919) % 100003:06d}"
        data = blank(name, syntax, "1.2.840.10008.5.1.4.1.1.4")
        data.InstanceNumber = number + 1
        data.ImagePositionPatient, data.ImageOrientationPatient = place(k), orientation()
        data.PixelSpacing, data.SliceThickness = [float(spacing[1]), float(spacing[0])], 9.0
        data.TriggerTime = t * step_ms
        order = ">i2" if syntax == ExplicitVRBigEndian else "<i2"
        data.PixelData = voxels[:, :, k, t].T.astype(order).tobytes()
        data.save_as(name, write_like_original=False)


def item(**values):
    data = Dataset()
    for key, value in values.items():
        setattr(data, key, value)
    return data


def write_enhanced(name):
    data = blank(name, ExplicitVRLittleEndian, "1.2.840.10008.5.1.4.1.1.4.1")
    data.NumberOfFrames, data.InstanceNumber = slices * phases, 1
    shared = item(
        PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=orientation())]),
        PixelMeasuresSequence=Sequence([item(PixelSpacing=[float(spacing[1]), float(spacing[0])], SliceThickness=9.0)]),
        PixelValueTransformationSequence=Sequence([item(RescaleIntercept=-5.0, RescaleSlope=0.5, RescaleType="US")]))
    data.SharedFunctionalGroupsSequence = Sequence([shared])
    frames, pixels = [], []
    for t in range(phases):
        for k in reversed(range(slices)):
            frames.append(item(
                PlanePositionSequence=Sequence([item(ImagePositionPatient=place(k))]),
                CardiacSynchronizationSequence=Sequence([item(NominalCardiacTriggerDelayTime=t * step_ms)])))
            pixels.append((voxels[:, :, k, t].T + 5) * 2)  # what slope and intercept take back
    data.PerFrameFunctionalGroupsSequence = Sequence(frames)
    data.PixelData = numpy.stack(pixels).astype("<i2").tobytes()
    data.save_as(name, write_like_original=False)


write_frames(f"{folder}/big", ExplicitVRBigEndian)
with zipfile.ZipFile(f"{folder}/big.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("study/readme.txt", "nothing")
    for name in sorted(os.listdir(f"{folder}/big")):
        archive.write(f"{folder}/big/{name}", f"study/{name}")
write_frames(f"{folder}/implicit", ImplicitVRLittleEndian)
write_frames(f"{folder}/broken", ImplicitVRLittleEndian)
first = f"{folder}/broken/{sorted(os.listdir(f'{folder}/broken'))[0]}"
os.truncate(first, os.path.getsize(first) // 2)
write_enhanced(f"{folder}/enhanced.dcm")
