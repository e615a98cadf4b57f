# Layouts of public sets, made of a phantom: a data set of each is an input of info, evaluate, prepare and reconstruct, and
# labels come out as they went in. Expected: nnU-Net's layout written by us is complete for nibabel and read back by us;
# Sunnybrook's contours teach no segmenter, since nobody drew the right ventricle; a wrong --layout is one error.
. "$(dirname "$0")/support.sh"
find_nibabel
"$PYTHON" -c 'import pydicom' 2>/dev/null || skip "python3-pydicom is not installed"

small="--spacing 4 --slices 6 --set matrix=64 --set dense=false --set long_axis=false"
# shellcheck disable=SC2086
"$DMCVR" phantom -q -o heart --seed 5 --phases 2 $small >/dev/null
"$DMCVR" prepare -q heart -o Dataset501_Hearts --format nnunet >stdout.txt
[ "$(cat stdout.txt)" = Dataset501_Hearts ] || fail "stdout: $(cat stdout.txt)"
"$PYTHON" - <<'END'
import json
import nibabel, numpy
content = json.load(open("Dataset501_Hearts/dataset.json"))
assert content["labels"] == {"background": 0, "LVC": 1, "LVM": 2, "RVC": 3} and content["numTraining"] == 2, content
assert content["channel_names"] == {"0": "cine MRI"} and content["file_ending"] == ".nii.gz", content
sax, labels = nibabel.load("heart/sax.nii.gz"), nibabel.load("heart/sax_labels.nii.gz")
for t, phase in enumerate(("ed", "es")):
    picture = nibabel.load(f"Dataset501_Hearts/imagesTr/heart_{phase}_0000.nii.gz")
    known = nibabel.load(f"Dataset501_Hearts/labelsTr/heart_{phase}.nii.gz")
    assert numpy.array_equal(picture.dataobj, sax.dataobj[..., t]) and numpy.allclose(picture.affine, sax.affine)
    assert numpy.array_equal(known.dataobj, labels.dataobj[..., t]) and known.shape == picture.shape
END

# Pairs, beside a film without labels.
mkdir pairs
cp heart/sax.nii.gz pairs/a.nii.gz && cp heart/sax_labels.nii.gz pairs/a_gt.nii.gz && cp heart/sax.nii.gz pairs/b.nii.gz

# Sunnybrook: a DICOM file for each picture, contours along the sides of pixels.
mkdir -p sunnybrook/SCD0000001/dicom sunnybrook/SCD0000001/contours
"$PYTHON" "$SOURCE/tests/e2e/make_dicom.py" heart/sax.nii.gz films
mv films/implicit/* sunnybrook/SCD0000001/dicom/
"$PYTHON" - <<'END'
import nibabel, numpy
labels = numpy.asarray(nibabel.load("heart/sax_labels.nii.gz").dataobj)
for k in range(labels.shape[2]):
    for t in range(labels.shape[3]):
        rows = numpy.argwhere(labels[:, :, k, t] == 1)
        if len(rows) == 0:
            continue
        (left, top), (right, bottom) = rows.min(0) - 0.5, rows.max(0) + 0.5
        with open(f"sunnybrook/SCD0000001/contours/IM-0001-{k * labels.shape[3] + t + 1:04d}-icontour-manual.txt", "w") as file:
            file.writelines(f"{x:.2f} {y:.2f}\n" for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)))
END

# M&Ms and M&Ms-2: films with labels in ED and ES, and ED and ES apart.
mkdir -p OpenDataset/Training/Labeled/A0S9V9 dataset/042
cp heart/sax.nii.gz OpenDataset/Training/Labeled/A0S9V9/A0S9V9_sa.nii.gz
cp heart/sax_labels.nii.gz OpenDataset/Training/Labeled/A0S9V9/A0S9V9_sa_gt.nii.gz
printf '%s\n' ",External code,VendorName,Vendor,Centre,ED,ES,Age,Pathology,Sex,Height,Weight" \
  "0,A0S9V9,Siemens,A,1,0,1,52,HCM,M,176.0,81.5" >"OpenDataset/211230_M&Ms_Dataset_information_diagnosis_opendataset.csv"
printf '%s\n' "SUBJECT_CODE,DISEASE,VENDOR,SCANNER,FIELD" "042,HCM,GE MEDICAL SYSTEMS,Signa,1.5" >dataset/dataset_information.csv
"$PYTHON" - <<'END'
import nibabel
for source, ending in (("sax", ""), ("sax_labels", "_gt")):
    film = nibabel.load(f"heart/{source}.nii.gz")
    for t, phase in enumerate(("ED", "ES")):
        film.slicer[..., t].to_filename(f"dataset/042/042_SA_{phase}{ending}.nii.gz")
END

for set in Dataset501_Hearts pairs sunnybrook OpenDataset dataset; do
  "$DMCVR" info "$set" >"$set.info" || [ $? -eq 3 ] || fail "info $set: $(cat "$set.info")"
  "$DMCVR" evaluate "$set" -q -o "scores_$set" --set pictures_only=true >/dev/null 2>stderr.txt || grep -q "no segmenter" stderr.txt || fail "evaluate $set: $(cat stderr.txt)"
  "$DMCVR" prepare "$set" -o "$set.slices" >/dev/null 2>"$set.txt" || fail "prepare $set: $(cat "$set.txt")"
done
grep -q nnU-Net Dataset501_Hearts.info && grep -q Sunnybrook sunnybrook.info && grep -q pairs pairs.info || fail "$(cat ./*.info)"
for set in OpenDataset dataset; do grep -q "12 slices" "$set.txt" || fail "prepare $set: $(cat "$set.txt")"; done
grep -q "did not draw" sunnybrook.txt || fail "prepare takes half-drawn labels for whole ones"
"$DMCVR" measure sunnybrook/SCD0000001 >measures.txt || fail "measure: $(cat measures.txt)"
grep -q "LV EF" measures.txt || fail "$(cat measures.txt)"
! grep -qE "RV E|LV mass" measures.txt || fail "what nobody drew was measured: $(cat measures.txt)"

echo "{\"locate\": {\"center_mm\": [$(center_of heart/sax.nii.gz)]}}" >center.json
"$DMCVR" reconstruct Dataset501_Hearts -q -o hearts --config center.json --steps 2 --slice-spacing 5 --no-meshes >/dev/null
[ -e hearts/heart_ed/run.json ] && [ -e hearts/heart_es/run.json ] || fail "the cases of nnU-Net were not reconstructed"

# The same in archives: what is in there is told alike, is found again by the next run, and leaves nothing behind.
export TMPDIR=$WORK/temporary
mkdir temporary
"$PYTHON" -c 'import shutil; shutil.make_archive("Dataset501", "zip", ".", "Dataset501_Hearts")'
tar czf heart.tar.gz heart
for name in heart heart.tar.gz; do
  "$DMCVR" info "$name" --json | sed 's/"name": "heart"//' >"$name.json" || [ $? -eq 3 ] || fail "info $name: $(cat "$name.json")"
done
cmp heart.json heart.tar.gz.json || fail "info tells other things of heart.tar.gz than of heart"
for run in 1 2; do
  "$DMCVR" reconstruct Dataset501.zip -o packed --config center.json --steps 2 --slice-spacing 5 --no-meshes >/dev/null 2>"packed$run.txt" ||
    fail "an archive of nnU-Net: $(cat "packed$run.txt")"
done
grep -q "2 cases were done by an earlier run" packed2.txt || fail "$(cat packed2.txt)"
for case in heart_ed heart_es; do
  cmp "hearts/$case/labels.nii.gz" "packed/$case/labels.nii.gz" || fail "$case comes out of the archive in another way"
done
"$DMCVR" prepare heart.tar.gz -q -o packed.slices >/dev/null
"$DMCVR" prepare heart -q -o unpacked.slices >/dev/null
cmp packed.slices unpacked.slices || fail "prepare packs other slices of heart.tar.gz than of heart"
"$DMCVR" info Dataset501.zip/Dataset501_Hearts/imagesTr/heart_ed_0000.nii.gz >place.txt || [ $? -eq 3 ] || fail "$(cat place.txt)"
grep -q "heart_ed: nnU-Net" place.txt || fail "$(cat place.txt)"
refused 1 "holds no NIfTI file there" "$DMCVR" reconstruct heart.tar.gz/heart/none.nii.gz -o x
# Interrupted while the archive is still looked into.
"$PYTHON" - "$DMCVR" <<'END'
import signal, subprocess, sys, tarfile, time
with tarfile.open("large.tar", "w") as archive:
    for n in range(400):
        archive.add("heart/sax.nii.gz", f"set/{n:03}.nii.gz")
for verb in (["info", "large.tar"], ["prepare", "large.tar", "-o", "large.slices"], ["reconstruct", "large.tar", "-o", "many"]):
    for seconds in (0.3, 0.6, 1.2):
        run = subprocess.Popen([sys.argv[1], *verb], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) != 0, verb
END
[ -z "$(ls temporary)" ] || fail "left in the temporary folder: $(ls temporary)"

# What is refused.
refused 1 "layout acdc" "$DMCVR" reconstruct pairs -o x --layout acdc
refused 1 "layout sunnybrook" "$DMCVR" prepare heart -o x.slices --layout sunnybrook
refused 1 "layout mnms" "$DMCVR" info heart --layout mnms
refused 1 "Dataset501_Hearts" "$DMCVR" prepare heart -o Hearts --format nnunet
refused 1 "--force" "$DMCVR" prepare heart -o Dataset501_Hearts --format nnunet
refused 1 "margin_mm" "$DMCVR" prepare heart -o Dataset502_Hearts --format nnunet --margin 50
"$DMCVR" prepare -q heart -o Dataset501_Hearts --format nnunet --force >/dev/null
mkdir Dataset503_Mine && echo text >Dataset503_Mine/thesis.txt
refused 1 "not made by dmcvr" "$DMCVR" prepare heart -o Dataset503_Mine --format nnunet --force
