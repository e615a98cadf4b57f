"""Writes a phantom as UK Biobank hands out heart MRI, with every quirk that those archives have.

    make_ukb.py PHANTOM FOLDER EID

FOLDER/EID_20209_2_0.zip  short axis, a series a slice, and beside it: the first slice acquired twice, of which the last
                          counts; an InlineVF series, drawn on; a picture of phase 7 missing; a report that is no picture;
                          manifest.cvs with "series discription" and dates with commas that nobody quoted
FOLDER/EID_20208_2_0.zip  the long-axis views, with manifest.csv
FOLDER/EID_20210_2_0.zip  another field, which is none of ours
The EID is in every place where a scanner or an archive can put it.
"""
import io
import sys
import zipfile

import nibabel
import numpy
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

phantom, folder, eid = sys.argv[1:]
MR = "1.2.840.10008.5.1.4.1.1.4"


class Archive:
    def __init__(self, field, manifest):
        self.zip = zipfile.ZipFile(f"{folder}/{eid}_{field}_2_0.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.manifest = manifest
        self.lines = ["filename,patientid,studyid,studydate,series discription,acquisitiontime"]
        self.count = 0

    def add(self, series, number, page, place, directions, spacing, trigger_ms, is_there=True):
        """One picture [columns, rows] of a series."""
        self.count += 1
        name = f"1.3.12.2.1107.{eid}.{self.count:05d}.dcm"
        self.lines.append(f"{name},{eid},{eid},Aug 30, 2015,{series},10:0{number % 10}:00")
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = MR, f"1.2.3.{number}.{self.count}"
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data = FileDataset(name, {}, file_meta=meta, preamble=b"\0" * 128)
        data.is_little_endian, data.is_implicit_VR = True, False
        data.SOPClassUID, data.SOPInstanceUID = MR, meta.MediaStorageSOPInstanceUID
        data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = "1.2.3", f"1.2.3.{number}", "1.2.3.9"
        data.PatientName, data.PatientID, data.StudyID, data.AccessionNumber = f"Secret^{eid}", eid, eid, eid
        data.Modality, data.SeriesDescription, data.ProtocolName = "MR", series, f"{series} {eid}"
        data.SeriesNumber, data.InstanceNumber, data.ImageType = number, self.count, ["ORIGINAL", "PRIMARY"]
        data.CardiacNumberOfImages = phases
        data.Rows, data.Columns, data.SamplesPerPixel = page.shape[1], page.shape[0], 1
        data.PhotometricInterpretation, data.PixelRepresentation = "MONOCHROME2", 1
        data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
        data.ImagePositionPatient, data.ImageOrientationPatient = list(place), directions
        data.PixelSpacing, data.SliceThickness = [float(spacing[1]), float(spacing[0])], 8.0
        data.TriggerTime = trigger_ms
        data.PixelData = page.T.astype("<i2").tobytes()
        content = io.BytesIO()
        data.save_as(content, write_like_original=False)
        if is_there:
            self.zip.writestr(name, content.getvalue())

    def close(self):
        self.zip.writestr("report.txt", f"of {eid}")
        self.zip.writestr(self.manifest, "\r\n".join(self.lines) + "\r\n")
        self.zip.close()


def film_of(name):
    source = nibabel.load(f"{phantom}/{name}.nii.gz")
    voxels = numpy.asarray(source.dataobj).round().astype(numpy.int16)
    lps = numpy.diag([-1.0, -1.0, 1.0, 1.0]) @ source.affine
    spacing = numpy.linalg.norm(lps[:3, :3], axis=0)
    directions = [float(x) for x in numpy.concatenate([lps[:3, 0] / spacing[0], lps[:3, 1] / spacing[1]])]
    return voxels, lps, spacing, directions, float(source.header.get_zooms()[3])


voxels, lps, spacing, directions, step_ms = film_of("sax")
slices, phases = voxels.shape[2:]
archive = Archive(20209, "manifest.cvs")
for k in reversed(range(slices)):
    place = [float(x) for x in (lps @ (0, 0, k, 1))[:3]]
    rounds = [(100 + k, 500), (200 + k, 0)] if k == 0 else [(200 + k, 0)]
    for number, more in rounds:
        for t in range(phases):
            is_there = not (k == 1 and t == 7)
            archive.add(f"CINE_segmented_SAX_b{k + 1}", number, voxels[:, :, k, t] + more, place, directions, spacing, t * step_ms, is_there)
    for t in (0, 1):
        archive.add("CINE_segmented_SAX_InlineVF", 900, voxels[:, :, k, t] + 900, place, directions, spacing, t * step_ms)
archive.close()

archive = Archive(20208, "manifest.csv")
for number, view in enumerate(("2ch", "3ch", "4ch"), start=1):
    voxels, lps, spacing, directions, step_ms = film_of(f"lax_{view}")
    place = [float(x) for x in (lps @ (0, 0, 0, 1))[:3]]
    for t in range(phases):
        archive.add(f"CINE_segmented_LAX_{view.replace('ch', 'Ch')}", number, voxels[:, :, 0, t], place, directions, spacing, t * step_ms)
archive.close()
with zipfile.ZipFile(f"{folder}/{eid}_20210_2_0.zip", "w") as other:
    other.writestr("manifest.csv", f"of {eid}")
