# What the documentation tells a stranger to type works as it is written.
#   commands.sh DMCVR SOURCE help       every example in the help of every verb
#   commands.sh DMCVR SOURCE PAGE.md…   every ```sh block of the pages, page by page in a fresh folder; ```bash is shown only
# The program lies in an installation of its own, with the bundled segmenter and with a generator and recipes so small
# that all of it takes a minute; prepare.py makes files of the names that are used, make_dicom.py the films.
set -euo pipefail
dmcvr=$(realpath "$1")
source=$(realpath "$2")
shift 2
export OMP_WAIT_POLICY=passive
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# An installation of small networks, and a folder as a stranger has it.
bin=$work/prefix/bin share=$work/prefix/share/dmcvr
mkdir -p "$bin" "$share/weights" "$work/fresh/build/release"
cp "$dmcvr" "$bin/dmcvr"
cp -r "$source/configs" "$share/configs"
cp "$source/weights/segmenter.safetensors" "$share/weights"
python3 - "$share/configs" <<'END'
import json, sys
for name in ("segmenter", "generator", "diffae"):
    recipe = json.load(open(f"{sys.argv[1]}/{'segmenter' if name == 'segmenter' else 'generator'}-tiny.json"))
    recipe["training"].update(steps=2, validate_every=2)
    recipe["input_rule"]["patch_size"] = 128
    if name != "segmenter":
        recipe["network"].update(image_size=128, morphology_channels=256 if name == "generator" else 0)
        recipe["validation_patches"] = 2
        recipe["data"]["batch_size"] = 2
    else:  # its l_mor is as wide as the bundled one's, so that a generator may learn with either
        recipe["network"].update(base_channels=16)
    json.dump(recipe, open(f"{sys.argv[1]}/{name}-small.json", "w"))
END
export PATH=$bin:$PATH
cd "$work"
dmcvr phantom -q -o phantom --seed 3 --phases 2 --slices 5 --spacing 3 --set matrix=72 >/dev/null
python3 "$source/tests/docs/prepare.py" phantom fresh
dmcvr prepare -q phantom -o fresh/train.slices >/dev/null
dmcvr prepare -q phantom -o fresh/validation.slices >/dev/null
dmcvr train generator -q --data fresh/train.slices -o run >/dev/null
cp run/weights.safetensors "$share/weights/generator.safetensors"
mkdir fresh/demo
for name in phantom1 phantom2 demo/phantom; do cp -r phantom "fresh/$name"; done
cp -r "$source/configs" fresh/configs
python=python3
/usr/bin/python3 -c 'import nibabel, pydicom' 2>/dev/null && python=/usr/bin/python3  # Debian's own packages
"$python" "$source/tests/e2e/make_dicom.py" phantom/sax.nii.gz dicom && cp dicom/big.zip fresh/dicom.zip
mkdir fresh/answers
for name in phantom1 phantom2; do cp phantom/sax.nii.gz "fresh/answers/$name.nii.gz"; done
ln -s "$bin/dmcvr" fresh/build/release/dmcvr

# run WHERE COMMAND: prints what went wrong, and with which words.
run() {
  bash -euo pipefail -c "$2" >"$work/said.txt" 2>&1 </dev/null || {
    cat "$work/said.txt" >&2
    fail "$1: $2"
  }
}

# ---- the help of every verb, in pipeline order, in one folder: later verbs find what earlier ones made ----

sub_verbs() {
  dmcvr "$@" --help | awk '/^Subcommands:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }'
}

# Lines below "Examples:" that begin with the program, those that go on joined.
examples() {
  dmcvr "$@" --help | sed -e :a -e '/\\$/N; s/ *\\\n */ /; ta' | awk '/^Examples?:/ { on = 1 } on && /^  dmcvr / { print substr($0, 3) }'
}

run_examples() {
  local count=0 example output
  while read -r example; do
    # An example stands for itself: what another one left under its output name is taken away.
    output=$(grep -oE -- '(-o|--output) [^ ]+' <<<"$example" | cut -d' ' -f2) || true
    [[ -z $output || $example == *--resume* ]] || rm -rf "${output:?}"
    run "dmcvr $* --help" "$example"
    count=$((count + 1))
  done < <(examples "$@")
  [ "$count" -gt 0 ] || fail "dmcvr $*: no examples in its help"
  echo "dmcvr $*: $count examples"
}

if [ "$1" = help ]; then
  cp -r fresh help
  cd help
  for verb in $(sub_verbs); do
    run_examples "$verb"
    for kind in $(sub_verbs "$verb"); do run_examples "$verb" "$kind"; done
  done
  exit 0
fi

# ---- the ```sh blocks of pages ----

for page in "$@"; do
  rm -rf "$work/page"
  cp -r "$work/fresh" "$work/page"
  cd "$work/page"
  # A page that makes training slices begins without them.
  ! grep -q 'dmcvr prepare' "$source/$page" || rm train.slices validation.slices
  ! grep -q 'mkdir answers' "$source/$page" || rm -r answers
  count=$(grep -c '^ *```sh$' "$source/$page") || fail "$page has no block marked sh"
  for ((n = 1; n <= count; ++n)); do
    block=$(awk -v wanted="$n" '/^ *```sh$/ { on = ++seen == wanted; next } /^ *```/ { on = 0 } on' "$source/$page")
    run "$page, block $n" "$block"
  done
  echo "$page: $count blocks"
done
