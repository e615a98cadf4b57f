# A run as TensorBoard shows it, and as it travels in small files to another machine.
# Expected: the values of log.jsonl, and the formats as read_events.py and python's own modules read them.
. "$(dirname "$0")/support.sh"

"$DMCVR" phantom -q -o phantom --seed 3 --phases 1 --slices 5 --spacing 3 >/dev/null
"$DMCVR" prepare -q phantom -o train.slices >/dev/null
cp train.slices validation.slices
segmenter=("$DMCVR" train segmenter -q --data train.slices --validation validation.slices --threads 1
  --config "$SOURCE/configs/segmenter-tiny.json" --steps 9 --set training.validate_every=4 --set training.log_every=1)

# Stopped after some steps and gone on with: two event files that read as one run.
"${segmenter[@]}" -o runs/segmenter --set training.pictures=3 --time-limit 0.001s >/dev/null
"${segmenter[@]}" -o runs/segmenter --set training.pictures=3 --resume >/dev/null
[ "$(ls runs/segmenter/events.out.tfevents.*.dmcvr | wc -l)" -eq 2 ] || fail "a call without an event file of its own"
python3 "$SOURCE/tests/e2e/read_events.py" runs/segmenter >events.jsonl
python3 - <<'END_OF_CHECK'
import json
events = [json.loads(line) for line in open("events.jsonl")]
values = {(e["tag"], e["step"]): e["value"] for e in events if "value" in e}
log = [json.loads(line) for line in open("runs/segmenter/log.jsonl")]
for line in log:
    if "loss" in line:
        for name in ("loss", "gradient_norm", "learning_rate", "images_per_second",
                     "waiting_for_data"):
            found = values["train/" + name, line["step"]]
            assert abs(found - line[name]) <= 1e-6 * abs(line[name]), (name, found, line)
    if "score" in line:
        assert abs(values["validation/score", line["step"]] - line["score"]) < 1e-6
        assert abs(values["validation/field/LVC", line["step"]] - line["validation"]["field"]["LVC"]) < 1e-6
assert {e["step"] for e in events if e["tag"] == "train/loss"} == set(range(1, 10)), events
pictures = [e for e in events if "width" in e]
assert {e["tag"] for e in pictures} == {"strips/00", "strips/01", "strips/02"}
assert {e["step"] for e in pictures} == {4, 8, 9}, pictures
assert {(e["width"], e["height"]) for e in pictures} == {(3 * 64 + 4, 64)}
END_OF_CHECK

# Fine-tuning begins with weights of its own kind, and with steps of its own.
"${segmenter[@]}" -o runs/tuned --initial-weights runs/segmenter/weights.safetensors >/dev/null
python3 - <<'END_OF_CHECK'
import hashlib, json
task = json.load(open("runs/tuned/options.json"))["task"]
assert task["initial_weights"] == hashlib.sha256(open("runs/segmenter/weights.safetensors", "rb").read()).hexdigest()
END_OF_CHECK
refused 1 "holds a segmenter" "$DMCVR" train diffae --data train.slices -o runs/wrong --config "$SOURCE/configs/diffae-tiny.json" --initial-weights runs/segmenter/weights.safetensors

# The generator's strips: picture, round trip, interpolation.
generator=("$DMCVR" train generator -q --data train.slices --validation validation.slices --threads 1
  --config "$SOURCE/configs/generator-tiny.json" --segmenter runs/segmenter/weights.safetensors
  --set training.validate_every=2)
"${generator[@]}" -o runs/generator --steps 2 >/dev/null
python3 "$SOURCE/tests/e2e/read_events.py" runs/generator | grep -q '"tag": "strips/02", "step": 2' || fail "no strips of the generator"
"${generator[@]}" -o runs/silent --steps 2 --set training.pictures=0 >/dev/null
python3 "$SOURCE/tests/e2e/read_events.py" runs/silent | grep -q strips && fail "strips that nobody wanted"

# An export in small parts, which make up the files; another machine goes on from it.
"${generator[@]}" -o runs/first --steps 2 --export exports/generator --export-part-size 0.25 >/dev/null
python3 - <<'END_OF_CHECK'
import hashlib, json, os
folder = "exports/generator"
manifest = json.load(open(f"{folder}/manifest.json"))
assert manifest["kind"] == "generator" and manifest["step"] == 2, manifest
names = {"manifest.json"}
for name, entry in manifest["files"].items():
    whole = b""
    for part in entry["parts"]:
        data = open(f"{folder}/{part['name']}", "rb").read()
        assert len(data) == part["bytes"] <= 256 * 1024 and hashlib.sha256(data).hexdigest() == part["sha256"]
        names.add(part["name"])
        whole += data
    assert hashlib.sha256(whole).hexdigest() == entry["sha256"]
    if name == "weights.safetensors":
        assert whole == open("runs/first/weights.safetensors", "rb").read()
assert set(os.listdir(folder)) == names and len(names) > 4
END_OF_CHECK
cat exports/generator/weights.safetensors.* | cmp - runs/first/weights.safetensors || fail "the parts do not make up the weights"
"${generator[@]}" -o runs/second --steps 4 --from exports/generator --export exports/generator >/dev/null || fail "--from"
grep -q '{"begun_from_export":2}' runs/second/log.jsonl || fail "the run did not begin at the exported step"
[ "$(grep -c '"step":4' exports/generator/manifest.json)" -eq 0 ] && grep -q '"step": 4' exports/generator/manifest.json ||
  fail "the export was not renewed"

# The same command again, whether a run is there or not.
"${generator[@]}" -o runs/second --steps 6 --from exports/generator --resume >/dev/null || fail "--resume --from where a run is"
grep -q '{"resumed":4}' runs/second/log.jsonl || fail "--resume --from left the run in the folder"
"${generator[@]}" -o runs/third --steps 6 --from exports/generator --resume >/dev/null || fail "--resume --from where none is"
refused 1 "--resume goes on" "${generator[@]}" -o runs/third --from exports/generator

# Strict: what is missing or damaged is named, and a run that was there stays.
cp -r exports/generator broken
rm broken/checkpoint.safetensors.000
refused 1 "checkpoint.safetensors.000" "${generator[@]}" -o runs/third --from broken --force
[ -e runs/third/last.safetensors ] || fail "a bad export cost the run that was there"
"${generator[@]}" -o runs/kept --steps 2 >/dev/null || fail "a run to keep"
refused 1 "would be replaced by the run" "${generator[@]}" -o runs/kept --force --initial-weights runs/kept/weights.safetensors
refused 1 "nowhere.safetensors" "${generator[@]}" -o runs/kept --force --initial-weights nowhere.safetensors
for file in last best weights; do [ -e "runs/kept/$file.safetensors" ] || fail "--force that failed cost $file"; done
refused 1 "holds no manifest.json" "${generator[@]}" -o runs/fourth --from runs/first
refused 1 "training.optimizer.weight_decay" "${generator[@]}" -o runs/fourth --from exports/generator --set training.optimizer.weight_decay=0.5
mkdir mine && echo keep >mine/thesis.txt
refused 1 "no export" "${generator[@]}" -o runs/fifth --export mine
[ "$(cat mine/thesis.txt)" = keep ] || fail "a folder of somebody else was touched"
