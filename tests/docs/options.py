"""Every option that a verb prints has its meaning in docs/reference/options.md, and the other way round.

  options.py SOURCE

A heading there names the verbs that its table is about: "## `train segmenter` and `train generator`".
"""
import json
import re
import sys
from pathlib import Path

reference = Path(sys.argv[1]) / "docs" / "reference"
documented = {}  # verb -> paths
verbs = []
for line in (reference / "options.md").read_text().splitlines():
    if line.startswith("## "):
        verbs = re.findall(r"`([a-z ]+)`", line)
    row = re.match(r"\| `([\w.]+\*?)` \|", line)
    if row:  # "reconstruct.*": all options of that verb, told of above
        verb, _, all_of_them = row[1].partition(".")
        paths = {f"{verb}.{path}" for path in documented.get(verb, ())} if all_of_them == "*" else {row[1]}
        for verb in verbs:
            documented.setdefault(verb, set()).update(paths)


def leaves(tree, path=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key


wrong, printed = [], {}
for page in sorted((reference / "cli").glob("*.md")):
    block = re.search(r"```json\n(.*?)```", page.read_text(), flags=re.S)
    if block:
        verb = page.stem.replace("-", " ", 1) if page.stem.startswith("train-") else page.stem
        printed[verb] = set(leaves(json.loads(block[1])))
        known = documented.get(verb, set())
        wrong += [f"options.md does not say what {path} of dmcvr {verb} means" for path in sorted(printed[verb] - known)]
        wrong += [f"options.md tells of {path}, which dmcvr {verb} lacks" for path in sorted(known - printed[verb])]
wrong += [f"options.md tells of `{verb}`, which has no page" for verb in sorted(set(documented) - set(printed))]
if not printed:
    wrong.append("no page with options was found")
sys.exit("\n".join(wrong) or 0)
