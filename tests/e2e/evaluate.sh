# Methods are scored case by case; a second run goes on, a broken case is named, nothing is mixed up.
# Expected: Dice of nearest-expert as numpy computes it from the phantom's labels, means as Python takes them; Dice of the dense truth in the planes of long-axis views
# as numpy samples it there.
. "$(dirname "$0")/support.sh"

mkdir cases
for seed in 3 4; do
  "$DMCVR" phantom -q -o "cases/phantom$seed" --seed "$seed" --phases 2 --slices 6 --spacing 3 --set matrix=96 >/dev/null
done
"$DMCVR" prepare -q cases -o train.slices >/dev/null
tiny_weights weights "$WORK/train.slices"
# A tiny network finds no heart; where it lies is said instead.
tiny=(--weights weights --steps 3 --set "reconstruct.locate.center_mm=[$(center_of cases/phantom3/sax.nii.gz)]")

# All protocols, a table on stdout with the folder last, files for every case.
"$DMCVR" evaluate cases -o scores --methods original,nearest,linear,shape,dmcvr "${tiny[@]}" >scores.txt 2>stderr.txt || fail "$(cat stderr.txt)"
head -n 1 scores.txt | grep -q '^held-out-slices, 4 volumes of 2 cases, truth: experts$' || fail "heading: $(head -n 1 scores.txt)"
[ "$(tail -n 1 scores.txt)" = scores ] || fail "the last line on stdout is not the folder"
# As is, pose-free, clinical errors, costs; and twice minus shape. The true pictures cost nothing.
[ "$(grep -c "^shape " scores.txt)" -eq 4 ] || fail "shape is not in all tables"
[ "$(grep -c "^original " scores.txt)" -eq 5 ] || fail "original is not in all tables"
for method in nearest linear dmcvr; do
  [ "$(grep -c "^$method " scores.txt)" -eq 6 ] || fail "$method is not in all tables"
done
grep -q '^minus shape ' scores.txt || fail "no differences from the baseline"
refused 1 "not among the methods" "$DMCVR" evaluate cases -o out --methods nearest-expert --baseline dmcvr
for file in run.json summary.json cases.csv costs.csv table.md table.tex cases/phantom3.json figures/phantom3.png cases/phantom4.json figures/phantom4.png; do
  [ -s "scores/$file" ] || fail "scores/$file is missing"
done
"$DMCVR" evaluate cases/phantom3 -q -o dense --protocol dense --methods nearest,linear,registration,shape+registration,dmcvr+registration,dmcvr --slice-spacing 5 "${tiny[@]}" >dense.txt
grep -q '^dense, 2 volumes of 1 case, truth: phantom$' dense.txt || fail "dense: $(head -n 1 dense.txt)"
"$DMCVR" evaluate cases/phantom3 -q -o regenerate --protocol regenerate --methods original,dmcvr,dmcvr-codes "${tiny[@]}" >regenerate.txt
grep -q '^regenerate, 2 volumes of 1 case, truth: experts$' regenerate.txt || fail "regenerate: $(head -n 1 regenerate.txt)"
"$DMCVR" evaluate cases -q -o views --protocol long-axis --methods original,shape,dmcvr --slice-spacing 5 "${tiny[@]}" >views.txt
grep -q '^long-axis, 12 pictures of 2 cases, truth: phantom$' views.txt || fail "long-axis: $(head -n 1 views.txt)"
for heading in 'inside the stack  *2ch  *3ch  *4ch  *all' '2ch  *LVC .* shift/mm' 'all views  *LVC .* shift/mm' 'minus shape  *2ch'; do
  grep -q "^$heading" views.txt || fail "long-axis prints no '$heading'"
done
# Six tables of scores, one of them by phase, and the costs or, of the truth, which costs nothing, the differences.
grep -q '^inside, by phase  *ed  *es$' views.txt || fail "long-axis prints no scores by phase"
[ "$(grep -c "^shape " views.txt)" -eq 7 ] && [ "$(grep -c "^original " views.txt)" -eq 7 ] || fail "long-axis: $(cat views.txt)"
for file in run.json summary.json views.csv costs.csv table.md table.tex cases/phantom3.json figures/phantom4.png; do
  [ -s "views/$file" ] || fail "views/$file is missing"
done
[ ! -e views/cases.csv ] || fail "long-axis left an empty cases.csv"
# Without a network; the labels of neighbors mixed; in parts.
for n in 1 2; do
  "$DMCVR" evaluate cases -q -o "soft$n" --shard "$n/2" --protocol long-axis --methods original,shape-expert --set long_axis.soft_labels=true >/dev/null
done
"$DMCVR" evaluate merge soft1 soft2 -o soft >soft.txt
grep -q '^long-axis, 12 pictures of 2 cases' soft.txt || fail "merged views: $(head -n 1 soft.txt)"
"$DMCVR" evaluate cases -q -o hard --protocol long-axis --methods original,shape-expert >hard.txt
"$DMCVR" evaluate cases/phantom3 -q -o halved --protocol long-axis --methods shape-expert --set long_axis.every_second_slice=true >/dev/null
[ "$(grep -c phantom3 halved/views.csv)" -eq 6 ] || fail "long-axis without every second slice: $(cat halved/views.csv)"
cmp -s soft/views.csv hard/views.csv && fail "soft labels are the hard ones"

# A second run takes what is there, and says the same.
"$DMCVR" evaluate cases -o scores --methods original,nearest,linear,shape,dmcvr "${tiny[@]}" >again.txt 2>stderr.txt
grep -q '2 cases were done by an earlier run' stderr.txt || fail "the second run did not go on: $(cat stderr.txt)"
cmp scores.txt again.txt || fail "the second run says something else"
cp scores/summary.json summary.json
# A case that is lost is made again, the other one is not touched.
rm scores/cases/phantom4.json
before=$(stat -c %Y.%i scores/cases/phantom3.json)
"$DMCVR" evaluate cases -o scores --methods original,nearest,linear,shape,dmcvr "${tiny[@]}" >again.txt 2>stderr.txt
grep -q '1 case was done by an earlier run' stderr.txt || fail "the third run did not go on: $(cat stderr.txt)"
cmp scores/summary.json summary.json || fail "the case made again has other scores"
[ "$(stat -c %Y.%i scores/cases/phantom3.json)" = "$before" ] || fail "a finished case was made again"
# Other options are named, and --force begins anew.
refused 1 "options.phases" "$DMCVR" evaluate cases -o scores --methods original,nearest,linear,shape,dmcvr "${tiny[@]}" --phases es
[ "$(stat -c %Y.%i scores/cases/phantom3.json)" = "$before" ] || fail "a refused run changed something"
"$DMCVR" evaluate cases -q -o scores --methods nearest-expert,shape-expert --force >bounds.txt
grep -q '^shape-expert ' bounds.txt || fail "--force"

# Another program: it gets questions and sees nothing else; its answers, here numpy's linear mix and no labels, are scored as ours are.
find_nibabel
"$DMCVR" evaluate questions cases -q -o questions >/dev/null
mkdir answers
"$PYTHON" - <<'END_OF_PROGRAM'
import json, nibabel, numpy
for asked in json.load(open("questions/questions.json"))["cases"]:
    given = nibabel.load("questions/" + asked["file"]).get_fdata()
    planes = numpy.zeros((*asked["shape"], given.shape[3]), numpy.float32)
    for n, plane in enumerate(asked["given"]):
        planes[:, :, plane] = given[:, :, n]
    for plane in asked["asked"]:
        planes[:, :, plane] = (planes[:, :, plane - 1] + planes[:, :, plane + 1]) / 2
    nibabel.save(nibabel.Nifti1Image(planes, numpy.array(asked["affine"])), f"answers/{asked['case']}.nii.gz")
END_OF_PROGRAM
"$DMCVR" evaluate cases -q -o others --methods linear,numpy=answers --baseline numpy --surfaces "${tiny[@]}" >others.txt
"$PYTHON" - <<'END_OF_CHECK'
import csv
rows = {(r["case"], r["phase"], r["method"]): r for r in csv.DictReader(open("others/cases.csv"))}
assert len(rows) == 8, len(rows)
for (case, phase, method), row in rows.items():
    if method == "numpy":
        ours = rows[case, phase, "linear"]
        assert abs(float(row["psnr_db"]) - float(ours["psnr_db"])) < 1e-3, (row, ours)
        assert row["LVC_dice"] == ours["LVC_dice"], (row, ours)
END_OF_CHECK
grep -q '^All labels .* PSNR/dB     SSIM$' regenerate.txt || fail "regenerate prints no table of the paper"
grep -q '^All labels, minus original  *dmcvr  *dmcvr-codes$' regenerate.txt || fail "regenerate prints no differences from original"
grep -q '^|error| minus original ' regenerate.txt || fail "regenerate prints no differences of clinical errors"
grep -q 'minus original, with 95 % intervals' regenerate/paper_table.md || fail "no intervals in the layout of the paper"
grep -q '^| numpy | ' others/paper_table.md || fail "no table in the layout of the paper"
[ -s others/figures/phantom3_surfaces.png ] || fail "--surfaces"
mkdir nothing
refused 1 "holds no answer" "$DMCVR" evaluate cases/phantom3 -q -o out5 --methods linear,numpy=nothing "${tiny[@]}"
refused 1 "is no folder" "$DMCVR" evaluate cases -o out --methods linear,numpy=nowhere
refused 1 "call yours something else" "$DMCVR" evaluate cases -o out --methods linear=answers
refused 1 "names no cases" "$DMCVR" evaluate questions -o out

# Shards, joined, are one run.
"$DMCVR" evaluate cases -q -o whole --methods nearest-expert,shape-expert >whole.txt
"$DMCVR" evaluate cases -q -o shard1 --shard 1/2 --methods nearest-expert,shape-expert >/dev/null
SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=2 SLURM_ARRAY_TASK_COUNT=2 \
  "$DMCVR" evaluate cases -q -o shard2 --shard slurm --methods nearest-expert,shape-expert >/dev/null
"$DMCVR" evaluate cases -q -o other2 --shard 2/2 --methods nearest-expert,shape-expert --baseline nearest-expert >/dev/null
[ "$(ls shard1/cases shard2/cases | grep -c json)" -eq 2 ] || fail "the shards do not have a case each"
"$DMCVR" evaluate merge shard2 shard1 -o joined >joined.txt
for file in summary.json cases.csv table.md table.tex run.json; do
  cmp "whole/$file" "joined/$file" || fail "$file of the joined shards is another"
done
python3 - <<'END_OF_CHECK'
import json
per_case = json.load(open("joined/summary.json"))["per_case"]
assert [c["case"] for c in per_case] == ["phantom3", "phantom4"], per_case
assert all(len(c["scores"]) == 4 and 0 < s["LVM"]["dice"] < 1 for c in per_case for s in c["scores"]), per_case
END_OF_CHECK
refused 1 "has differences from" "$DMCVR" evaluate merge shard1 other2 -o mixed
[ "$(head -n 8 joined.txt)" = "$(head -n 8 whole.txt)" ] || fail "merge prints another table"
"${DMCVR}" evaluate merge shard1 shard2 -o joined --force -q >/dev/null || fail "merge --force"
for option in "--dry-run" "--baseline linear" "--methods shape" "--set phases=[\"ed\"]"; do
  # shellcheck disable=SC2086
  refused 1 "which have ended" "$DMCVR" evaluate merge shard1 shard2 -o joined --force $option
done
[ -e joined/cases.csv ] || fail "a merge that was refused took the earlier one away"
refused 1 "both hold case" "$DMCVR" evaluate merge whole shard1 -o twice
refused 1 "does not exist" "$DMCVR" evaluate cases -o out --shard 3/2
refused 2 "output" "$DMCVR" evaluate cases
refused 2 "input" "$DMCVR" evaluate -o out

# One broken case is named and counted; the others are scored.
echo "no picture" >cases/broken.nii.gz
found=0
"$DMCVR" evaluate cases -o scores --methods nearest-expert,shape-expert >partial.txt 2>stderr.txt || found=$?
[ "$found" -eq 1 ] || fail "exit $found with a broken case"
grep -q 'warning: broken: .*left out' stderr.txt || fail "the broken case is not named"
tail -n 1 stderr.txt | grep -q 'error: 1 of 3 cases failed' || fail "the broken case is not counted"
cmp partial.txt bounds.txt || fail "a broken case changed the scores of the others"
python3 -c 'import json; failed = json.load(open("scores/summary.json"))["failed"]; assert [f["case"] for f in failed] == ["broken"], failed'
rm cases/broken.nii.gz

# What cannot be compared is said before the work.
mkdir empty
refused 1 "holds no study" "$DMCVR" evaluate empty -o out
refused 1 "dmcvr train diffae" "$DMCVR" evaluate cases -o out --methods diffae "${tiny[@]}"
refused 1 "expected a diffae" "$DMCVR" evaluate cases -o out --methods diffae --diffae weights/generator.safetensors "${tiny[@]}"
refused 1 "has no experts' labels" "$DMCVR" evaluate cases/phantom3/sax.nii.gz -o out1 --methods shape-expert -q --layout nifti
refused 1 "is no folder of dmcvr phantom" "$DMCVR" evaluate cases/phantom3/sax.nii.gz -o out2 --protocol dense --methods linear --set pictures_only=true -q
refused 1 "has no long-axis views" "$DMCVR" evaluate cases/phantom3/sax.nii.gz -o out4 --protocol long-axis --methods linear --set pictures_only=true -q
refused 1 "reach_mm" "$DMCVR" evaluate cases -o out --protocol long-axis --methods original --set long_axis.reach_mm=-1
refused 1 "protocol regenerate takes" "$DMCVR" evaluate cases -o out --protocol regenerate --methods shape
refused 1 "two cases are called" "$DMCVR" evaluate cases/phantom3 cases/../cases/phantom3 -o out3 --methods shape-expert
refused 1 "was not made by dmcvr" "$DMCVR" evaluate cases -o cases/phantom3 --methods shape-expert --force
refused 2 "--methods" "$DMCVR" evaluate cases -o out --methods nearestt
[ ! -e out ] || fail "a refused command left an output"

"$PYTHON" - <<'END'
import csv, json, nibabel, numpy
rows = {(r["case"], r["phase"], r["method"]): r for r in csv.DictReader(open("scores/cases.csv"))}
assert len(rows) == 8, len(rows)
for case in ("phantom3", "phantom4"):
    labels = numpy.asarray(nibabel.load(f"cases/{case}/sax_labels.nii.gz").dataobj)
    phases = [p["name"] for p in json.load(open(f"cases/{case}/truth.json"))["phases"]]
    for index, phase in enumerate(phases):
        below, hidden = labels[:, :, [0, 2], index], labels[:, :, [1, 3], index]
        for value, name in ((1, "LVC"), (2, "LVM"), (3, "RVC")):
            a, b = below == value, hidden == value
            dice = 2 * (a & b).sum() / (a.sum() + b.sum())
            found = float(rows[case, phase, "nearest-expert"][f"{name}_dice"])
            assert abs(found - dice) < 1e-5, (case, phase, name, found, dice)
rows_of_views = {(r["case"], r["phase"], r["view"], r["method"]): r for r in csv.DictReader(open("hard/views.csv"))}
assert len(rows_of_views) == 24, len(rows_of_views)
for case in ("phantom3", "phantom4"):
    phases = [p["name"] for p in json.load(open(f"cases/{case}/truth.json"))["phases"]]
    dense = nibabel.load(f"cases/{case}/dense_labels.nii.gz")
    voxels = numpy.asarray(dense.dataobj)
    for view in ("2ch", "3ch", "4ch"):
        known = nibabel.load(f"cases/{case}/lax_{view}_labels.nii.gz")
        true = numpy.asarray(known.dataobj)[:, :, 0]
        i, j = numpy.meshgrid(*map(numpy.arange, true.shape[:2]), indexing="ij")
        pixels = numpy.stack([i, j, 0 * i, 0 * i + 1], -1) @ (numpy.linalg.inv(dense.affine) @ known.affine).T
        nearest = numpy.floor(pixels[..., :3] + 0.5).astype(int)
        there = ((nearest >= 0) & (nearest < voxels.shape[:3])).all(-1)
        inside = there & (pixels[..., 2] >= -1e-6) & (pixels[..., 2] <= voxels.shape[2] - 1 + 1e-6)
        x, y, z = (numpy.where(there, nearest[..., axis], 0) for axis in range(3))
        for index, phase in enumerate(phases):
            said = numpy.where(there, voxels[x, y, z, index], 0)
            for value, name in ((1, "LVC"), (2, "LVM"), (3, "RVC")):
                found = rows_of_views[case, phase, view, "original"][f"{name}_dice"]
                a, b = inside & (said == value), inside & (true[..., index] == value)
                if not b.any():
                    assert found == "", (case, view, name, found)
                    continue
                # Pixels half way between two voxels may go either way, since the file holds float32.
                assert abs(float(found) - 2 * (a & b).sum() / (a.sum() + b.sum())) < 5e-3, (case, view, name, found)
summary = {m["method"]: m for m in json.load(open("scores/summary.json"))["methods"]}
for method in summary:
    values = [float(r["LVM_dice_pose_free"]) for key, r in rows.items() if key[2] == method]
    assert abs(summary[method]["structures"]["LVM"]["dice_pose_free"]["mean"] - numpy.mean(values)) < 1e-5
END

[ -n "${DMCVR_DATA:-}" ] || skip "DMCVR_DATA is not set, so that no real heart was looked at"
ln -s "$DMCVR_DATA/acdc" acdc && ln -s "$SOURCE/weights/split.json" split.json
"$DMCVR" evaluate acdc/training -q -o bounds --split split.json --subset validation --methods nearest-expert,shape-expert >bounds.txt 2>/dev/null
grep -q '^held-out-slices, 20 volumes of 10 cases of subset validation, truth: experts$' bounds.txt || fail "$(head -n 1 bounds.txt)"
