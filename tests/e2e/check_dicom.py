"""Compares OUTPUT/dicom, as pydicom reads it, with the NIfTI files beside it, as nibabel reads them.

    check_dicom.py OUTPUT_FOLDER [PATIENT_NAME PATIENT_ID STUDY_UID FRAME_OF_REFERENCE_UID]
"""
import glob
import json
import sys

import nibabel
import numpy
import pydicom

folder, kept = sys.argv[1], sys.argv[2:]
volume, labels, provenance = (nibabel.load(f"{folder}/{name}.nii.gz") for name in ("volume", "labels", "provenance"))
run = json.load(open(f"{folder}/run.json"))


def phases_last(image):
    voxels = numpy.asarray(image.dataobj)
    return voxels if voxels.ndim == 4 else voxels[..., None]


voxels, structures, origins = (phases_last(image) for image in (volume, labels, provenance))
to_voxel = numpy.linalg.inv(volume.affine)
columns, rows, planes, phases = voxels.shape

# What the standard demands of both kinds of files (types 1 and 2), and of each.
COMMON = """SOPClassUID SOPInstanceUID StudyDate StudyTime AccessionNumber Modality Manufacturer ReferringPhysicianName
    PatientName PatientID PatientBirthDate PatientSex StudyInstanceUID SeriesInstanceUID StudyID SeriesNumber
    InstanceNumber FrameOfReferenceUID PositionReferenceIndicator ImageType SamplesPerPixel PhotometricInterpretation
    Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation PixelData""".split()
PICTURE = """ScanningSequence SequenceVariant ScanOptions MRAcquisitionType EchoTime EchoTrainLength SliceThickness
    PatientPosition PixelSpacing ImageOrientationPatient ImagePositionPatient""".split()
SEGMENTATION = """ContentDate ContentTime ReferencedSeriesSequence ManufacturerModelName DeviceSerialNumber
    SoftwareVersions DimensionOrganizationSequence DimensionIndexSequence NumberOfFrames LossyImageCompression
    SegmentationType SegmentSequence ContentLabel ContentDescription ContentCreatorName SharedFunctionalGroupsSequence
    PerFrameFunctionalGroupsSequence""".split()


def check_common(data, more):
    missing = [name for name in COMMON + more if name not in data]
    assert not missing, missing
    assert data.file_meta.MediaStorageSOPInstanceUID == data.SOPInstanceUID
    for uid in (data.SOPInstanceUID, data.SeriesInstanceUID, data.StudyInstanceUID, data.FrameOfReferenceUID):
        assert pydicom.uid.UID(uid).is_valid, uid
    dates = [element for element in data.iterall() if element.VR in ("DA", "DT", "TM") and element.value]
    assert {str(element.value) for element in dates} <= {"19000101", "000000"}, dates
    if kept:
        assert [data.PatientName, data.PatientID, data.StudyInstanceUID, data.FrameOfReferenceUID] == kept
        assert "PatientIdentityRemoved" not in data
    else:
        assert data.PatientName == "Anonymous" and data.PatientID == "case_" + run["inputs"][0]["sha256"][:10]
        assert data.PatientIdentityRemoved == "YES"
        assert data.StudyInstanceUID.startswith("2.25.") and data.FrameOfReferenceUID.startswith("2.25.")


def place_of(position, orientation, spacing):
    """The plane's affine of voxels (column, row) in RAS, as three columns."""
    flip = numpy.diag([-1.0, -1.0, 1.0])
    orientation = numpy.array(orientation, float)
    return (flip @ numpy.array(position, float), flip @ orientation[:3] * float(spacing[1]),
            flip @ orientation[3:] * float(spacing[0]))


# The pictures: every voxel of the volume once, at its place and time.
instances, seen, worst = {}, set(), 0.0
for name in sorted(glob.glob(f"{folder}/dicom/volume/*.dcm")):
    data = pydicom.dcmread(name)
    check_common(data, PICTURE)
    assert data.SOPClassUID == "1.2.840.10008.5.1.4.1.1.4" and list(data.ImageType[:2]) == ["DERIVED", "SECONDARY"]
    origin, along_columns, along_rows = place_of(data.ImagePositionPatient, data.ImageOrientationPatient, data.PixelSpacing)
    # NIfTI holds its affine in single precision.
    assert numpy.allclose(along_columns, volume.affine[:3, 0], atol=1e-5)
    assert numpy.allclose(along_rows, volume.affine[:3, 1], atol=1e-5)
    i, j, k = (to_voxel @ numpy.append(origin, 1))[:3]
    assert abs(i) < 1e-4 and abs(j) < 1e-4 and abs(k - round(k)) < 1e-4, (i, j, k)
    k, pitch = round(k), numpy.linalg.norm(volume.affine[:3, 2])
    assert abs(float(data.SpacingBetweenSlices) - pitch) < 1e-5 and abs(float(data.SliceThickness) - pitch) < 1e-5
    t = int(data.TemporalPositionIdentifier) - 1 if phases > 1 else 0
    if "time_ms" in run["phases"][t]:
        assert abs(float(data.TriggerTime) - run["phases"][t]["time_ms"]) < 1e-6
    assert (t, k) not in seen and data.InstanceNumber == t * planes + k + 1
    seen.add((t, k))
    values = data.pixel_array * float(data.RescaleSlope) + float(data.RescaleIntercept)
    truth = voxels[:, :, k, t].T.astype(float)
    acquired = origins[:, :, k, t].T == 1
    assert numpy.array_equal(values[acquired], truth[acquired]), (t, k)
    worst = max(worst, numpy.abs(values - truth).max() / float(data.RescaleSlope))
    assert ("voxels as measured" in data.DerivationDescription) == bool(acquired.all())
    instances[data.SOPInstanceUID] = (t, k, data)
assert len(instances) == planes * phases == len(seen)
assert worst <= 0.5 + 1e-3, worst
assert len({data.SeriesInstanceUID for _, _, data in instances.values()}) == 1

# The labels: every voxel of every structure in the frame that names its picture.
data = pydicom.dcmread(f"{folder}/dicom/labels.dcm")
check_common(data, SEGMENTATION)
assert data.SOPClassUID == "1.2.840.10008.5.1.4.1.1.66.4" and data.Modality == "SEG" and data.SegmentationType == "BINARY"
values = {entry["name"]: entry["value"] for entry in json.load(open(f"{folder}/labels.json"))["labels"]}
segments = {}
for segment in data.SegmentSequence:
    assert segment.SegmentAlgorithmType == "AUTOMATIC" and segment.SegmentAlgorithmName == "dmcvr " + run["version"]
    for code in (segment.SegmentedPropertyCategoryCodeSequence[0], segment.SegmentedPropertyTypeCodeSequence[0]):
        assert code.CodingSchemeDesignator == "SCT" and code.CodeValue.isdigit() and code.CodeMeaning
    segments[segment.SegmentNumber] = values[segment.SegmentLabel]
assert sorted(segments) == [1, 2, 3] and sorted(segments.values()) == [1, 2, 3]
series = data.ReferencedSeriesSequence[0]
assert {item.ReferencedSOPInstanceUID for item in series.ReferencedInstanceSequence} == set(instances)
assert {series.SeriesInstanceUID} == {picture.SeriesInstanceUID for _, _, picture in instances.values()}
shared = data.SharedFunctionalGroupsSequence[0]
pixels = data.pixel_array.reshape(int(data.NumberOfFrames), data.Rows, data.Columns)
assert len(data.PerFrameFunctionalGroupsSequence) == len(pixels)
found = numpy.zeros(structures.shape, numpy.uint8)
for frame, mask in zip(data.PerFrameFunctionalGroupsSequence, pixels):
    source = frame.DerivationImageSequence[0].SourceImageSequence[0]
    t, k, picture = instances[source.ReferencedSOPInstanceUID]
    assert source.ReferencedSOPClassUID == picture.SOPClassUID
    assert frame.PlanePositionSequence[0].ImagePositionPatient == picture.ImagePositionPatient
    assert shared.PlaneOrientationSequence[0].ImageOrientationPatient == picture.ImageOrientationPatient
    assert shared.PixelMeasuresSequence[0].PixelSpacing == picture.PixelSpacing
    number = frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber
    content = frame.FrameContentSequence[0]
    assert list(content.DimensionIndexValues) == [number, t + 1, k + 1] and content.TemporalPositionIndex == t + 1
    assert mask.any() and not found[:, :, k, t].T[mask == 1].any(), "empty or overlapping"
    found[:, :, k, t].T[mask == 1] = segments[number]
assert numpy.array_equal(found, structures)
assert len(data.DimensionIndexSequence) == 3
print(f"{len(instances)} pictures, {len(pixels)} masks")
