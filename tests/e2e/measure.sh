# Labels become volumes, ejection fraction and mass: of folders and of label maps, one heart and many, and bad ones
# are refused in one line.
# Expected: the phantom's own truth.json within what its planes can tell (tests/report/label_maps_test.cpp has the
# bounds), and files that agree with one another.
. "$(dirname "$0")/support.sh"

"$DMCVR" phantom -q -o hearts/a --seed 5 --phases 10 --spacing 2 --set matrix=128 >/dev/null
"$DMCVR" phantom -q -o hearts/b --seed 6 --phases 2 --spacing 2 --set matrix=128 >/dev/null

# A phantom: both ways of counting, beside the truth; times of ten phases make a heart rate.
"$DMCVR" measure hearts/a --height 170 --weight 70 -o a.json -o a.csv >table.txt
grep -q 'discs     dense' table.txt || fail "no table: $(cat table.txt)"
python3 - <<'END'
import csv, json
measures, truth = json.load(open("a.json")), json.load(open("hearts/a/truth.json"))
phases = {phase["name"]: phase for phase in truth["phases"]}
expected = {"lv_edv_ml": phases["ed"]["lv_ml"], "lv_esv_ml": phases["es"]["lv_ml"], "rv_edv_ml": phases["ed"]["rv_ml"],
            "rv_esv_ml": phases["es"]["rv_ml"], "lv_mass_g": truth["lvm_g"]}
for way, share in (("discs", 0.15), ("dense", 0.03)):
    for key, value in expected.items():
        assert abs(measures[way][key] / value - 1) < share, (way, key, measures[way][key], value)
    ef = 100 * (1 - measures[way]["lv_esv_ml"] / measures[way]["lv_edv_ml"])
    assert abs(measures[way]["lv_ef_percent"] - ef) < 1e-2
beat_ms = 10 * phases["phase01"]["time_ms"]
assert abs(measures["heart_rate"]["per_min"] - 60000 / beat_ms) < 0.1, measures["heart_rate"]
assert abs(measures["body"]["bsa_m2"] - (170 * 70 / 3600) ** 0.5) < 1e-3
assert any("assumed" in note for note in measures["notes"])
assert len(measures["phases"]) == 10
rows = list(csv.DictReader(open("a.csv")))
assert len(rows) == 1 and rows[0]["case"] == "a"
for key, value in measures["discs"].items():
    cell = rows[0]["discs_" + key]
    assert cell == "" if value is None else float(cell) == value, key
END

# The wall in 16 segments and the volumes over the beat, of one heart with pictures, of several as tables.
"$DMCVR" measure hearts/a -q --details details >/dev/null
[ "$(ls details | paste -sd' ')" = "bullseye.png segments.csv volume_curve.csv volume_curve.png" ] || fail "details: $(ls details)"
python3 - <<'END'
import csv, json
measures, truth = json.load(open("a.json")), json.load(open("hearts/a/truth.json"))
rows = list(csv.DictReader(open("details/segments.csv")))
assert len(rows) == 32 and rows[1]["wall"] == "anteroseptal" and rows[31]["level"] == "apical"
for row in rows:
    for phase in ("ed", "es"):
        error = float(row[f"{phase}_mm"]) - truth[f"wall_{phase}_mm"][int(row["segment"]) - 1]
        assert abs(error) < (0.8 if row["planes"] == "dense" else 2.5), (row, error)
    assert measures["segments"][row["planes"]]["ed_mm"][int(row["segment"]) - 1] == float(row["ed_mm"])
rows = list(csv.DictReader(open("details/volume_curve.csv")))
assert [row["phase"] for row in rows] == [phase["name"] for phase in truth["phases"]]
for row, phase in zip(rows, truth["phases"]):
    assert abs(float(row["dense_lv_ml"]) / phase["lv_ml"] - 1) < 0.05 and float(row["time_ms"]) > -1, row
# Ten phases do not resolve a rate.
assert measures["discs"]["lv_peak_filling_rate_ml_per_s"] is None
END

# The peak rates of a film, beside the slopes of the phantom's own curve (contraction_at in heart_model.h).
"$DMCVR" phantom -q -o rates --seed 101 --phases 25 --spacing 2 --set matrix=128 --set long_axis=false >/dev/null
"$DMCVR" measure rates -q -o rates.json >/dev/null
python3 - <<'END'
import json, math
measures, truth = json.load(open("rates.json")), json.load(open("rates/truth.json"))
phases = truth["phases"]
beat_s = len(phases) * (phases[1]["time_ms"] - phases[0]["time_ms"]) / 1000
systole = [phase["name"] for phase in phases].index("es") / len(phases)
for side, bound in (("lv", 25), ("rv", 60)):  # ml/s; docs/reference/measures.md has 18 and 41 at most
    volumes = [phase[side + "_ml"] for phase in phases]
    stroke_ml = max(volumes) - min(volumes)
    for name, slope in (("ejection", math.pi / 2 / (systole * beat_s)), ("filling", (0.7 * 1.5 / 0.45 + 0.1) / ((1 - systole) * beat_s))):
        found = measures["dense"][f"{side}_peak_{name}_rate_ml_per_s"]
        assert abs(found - stroke_ml * slope) < bound and stroke_ml * slope > 4 * bound, (side, name, found, stroke_ml * slope)
END
"$DMCVR" measure hearts -q --details many >/dev/null
[ "$(ls many | paste -sd' ')" = "segments.csv volume_curve.csv" ] || fail "details of many: $(ls many)"
refused 1 "exists already" "$DMCVR" measure hearts/a --details details
refused 1 "lies in the folder of --details" "$DMCVR" measure hearts/a --details details -o details/a.csv --force
cp -r details result && echo '{}' >result/run.json
refused 1 "is an output of dmcvr reconstruct" "$DMCVR" measure hearts/a --details result --force
refused 1 "holds no segments.csv" "$DMCVR" measure hearts/a --details hearts/b --force

# Many hearts: a row each, in the order of their names; one that is broken is said and does not keep the others.
"$DMCVR" measure hearts -q -o all.csv >table.txt
[ "$(awk 'NR > 1 { print $1 }' table.txt | paste -sd' ')" = "a b" ] || fail "rows: $(cat table.txt)"
python3 -c '
import csv; rows = list(csv.DictReader(open("all.csv")))
assert [row["case"] for row in rows] == ["a", "b"], rows
assert rows[1]["heart_rate_per_min"] == "" and rows[1]["discs_lv_ef_percent"] != ""'
mkdir hearts/broken && cp hearts/b/truth.json hearts/broken && head -c 3000 hearts/b/sax.nii.gz >hearts/broken/sax.nii.gz
found=0
"$DMCVR" measure hearts -o some.csv >table.txt 2>stderr.txt || found=$?
[ "$found" -eq 1 ] || fail "a broken case gave exit code $found"
tail -n 1 stderr.txt | grep -q '^dmcvr: error: 1 of 3 cases' || fail "$(tail -n 1 stderr.txt)"
grep -q 'left out: hearts/broken' stderr.txt || fail "the broken case is not named"
cmp some.csv all.csv || fail "a broken case changed the others"
rm -r hearts/broken

# Label maps: a film, a file per phase, and another order; nothing but the way in differs.
find_nibabel
"$PYTHON" - <<'END'
import nibabel, numpy
image = nibabel.load("hearts/b/sax_labels.nii.gz")
voxels = numpy.asarray(image.dataobj).astype(numpy.uint8)
def save(name, voxels, descrip=b""):
    file = nibabel.Nifti1Image(voxels, image.affine)
    file.header["descrip"] = descrip
    nibabel.save(file, name)
acdc = numpy.array([0, 3, 2, 1], numpy.uint8)[voxels]
save("ed.nii.gz", acdc[..., 0])
save("es.nii.gz", acdc[..., 1])
save("nine.nii.gz", numpy.where(voxels == 2, 9, voxels).astype(numpy.uint8))
save("empty.nii.gz", numpy.zeros_like(voxels))
save("half.nii.gz", voxels * numpy.float32(0.5))
save("other.nii.gz", acdc[:-1, ..., 1])
END
"$DMCVR" measure hearts/b/sax_labels.nii.gz --name b -o film.json >/dev/null
"$DMCVR" measure ed.nii.gz es.nii.gz --labels-are acdc --height 184 --weight 95 -o files.json >/dev/null
python3 - <<'END'
import json
film, files = json.load(open("film.json")), json.load(open("files.json"))
assert film["case"] == "b" and files["ed"] == "ed" and film["ed"] == "phase00"
for key, value in film["discs"].items():
    assert "_m2" in key or files["discs"][key] == value, key
assert abs(files["body"]["bsa_m2"] - (184 * 95 / 3600) ** 0.5) < 1e-3 and film["body"]["bsa_m2"] is None
END
"$DMCVR" measure ed.nii.gz --labels-are acdc >table.txt
grep -q 'note: one phase: volumes, but no ejection fraction' table.txt || fail "one phase: $(cat table.txt)"

# What cannot be measured.
refused 1 "--labels-are acdc" "$DMCVR" measure ed.nii.gz es.nii.gz
refused 1 "label values 9" "$DMCVR" measure nine.nii.gz
refused 1 "no voxel has a label" "$DMCVR" measure empty.nii.gz
refused 1 "not whole numbers" "$DMCVR" measure half.nii.gz
refused 1 "another grid" "$DMCVR" measure ed.nii.gz other.nii.gz --labels-are acdc
refused 1 "label order 'ACDC'" "$DMCVR" measure ed.nii.gz --labels-are ACDC
refused 1 "no such file" "$DMCVR" measure missing.nii.gz
refused 1 "expected either folders" "$DMCVR" measure hearts/a ed.nii.gz
mkdir none
refused 1 "holds no labels" "$DMCVR" measure none
refused 1 "height_cm" "$DMCVR" measure hearts/a --height 1.84 --weight 95
refused 1 "are of one heart" "$DMCVR" measure hearts --height 184
refused 1 "ends in .json or .csv" "$DMCVR" measure hearts/a -o a.txt
refused 1 "exists already" "$DMCVR" measure hearts/a -o a.json
echo '{}' >mine.json
refused 1 "no measures of dmcvr" "$DMCVR" measure hearts/a -o mine.json --force
"$DMCVR" measure hearts/a -q -o a.json --force >/dev/null || fail "--force"
[ "$(ls -A | grep -c tmp)" -eq 0 ] || fail "temporary files are left"
