# Every kind of bad input gets one clear line, exit code 1, and leaves nothing behind.
# Expected words: what a reader needs to know, stated for each case; the files are made by bad_files.py.
. "$(dirname "$0")/support.sh"
find_nibabel

"$DMCVR" phantom -q -o phantom --seed 4 --phases 1 --slices 3 --spacing 3 >/dev/null
"$DMCVR" prepare -q phantom -o train.slices >/dev/null
tiny_weights weights "$WORK/train.slices"
"$PYTHON" "$SOURCE/tests/e2e/bad_files.py" phantom/sax.nii.gz .

# bad FILE WORDS: reconstruct refuses the file, names it, and gives the reason.
bad() {
  refused 1 "$2" "$DMCVR" reconstruct "$1" -o out --weights weights
  tail -n 1 stderr.txt | grep -qF "$(basename "$1")" || fail "$1 is not named: $(tail -n 1 stderr.txt)"
  [ ! -e out ] || fail "$1 left an output"
}
bad a1.nii.gz "no such file"
bad a2.nii.gz "the copy is incomplete"
bad a3.nii.gz "at most"
bad a4.nii "at most"
bad a5.nii.gz "a spacing of nan"
bad a6.nii.gz "a spacing of 0"
bad a7.nii.gz "not finite"
bad a8.nii.gz "a single slice"
bad a9.nii.gz "a single slice"
bad a10.nii.gz "every voxel is 0"
bad a11.nii.gz "is not a NIfTI file"
bad a12.nii.gz "the file is empty"
bad a13.nii.gz "check spacing and unit"
bad a14.nii.gz "header promises 64x64"
if [ "$(id -u)" -ne 0 ]; then
  cp phantom/sax.nii.gz unreadable.nii.gz && chmod 000 unreadable.nii.gz
  bad unreadable.nii.gz "ermission"
fi

# No heart: more of it is asked for than the stack holds.
refused 1 "no heart" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights weights \
  --set locate.min_heart_ml=90000 --set locate.max_heart_ml=100000
# Weights of the wrong kind, damaged, or absent.
mkdir swapped && cp weights/segmenter.safetensors swapped/generator.safetensors
cp weights/generator.safetensors swapped/segmenter.safetensors
refused 1 "holds a generator" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights swapped
mkdir damaged && cp weights/generator.safetensors damaged/ && head -c 5000 weights/segmenter.safetensors >damaged/segmenter.safetensors
refused 1 "header promises" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights damaged
refused 1 "cannot be read" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights nowhere
refused 1 "expected cpu, cuda" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights weights --device quantum
refused 1 "has no phase 'es'" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights weights --phases es
# What would be lost, or could not appear, is said before the work.
refused 1 "which would be lost" "$DMCVR" reconstruct phantom/sax.nii.gz -o phantom --force --weights weights
refused 1 "folder of its own" "$DMCVR" reconstruct phantom/sax.nii.gz -o . --force --weights weights
refused 1 "is no name" "$DMCVR" reconstruct phantom/sax.nii.gz -o "" --weights weights
refused 1 "letters" "$DMCVR" reconstruct phantom/sax.nii.gz -o "$(printf 'x%.0s' $(seq 300))" --weights weights
refused 1 "no such file" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights weights --truth nonsense
refused 1 "no file of packed slices" "$DMCVR" train segmenter --data phantom -o run-x
cp "$WORK/run-s/weights.safetensors" before.safetensors
refused 1 "no such file" "$DMCVR" train segmenter --data missing.slices -o run-s --force
cmp before.safetensors run-s/weights.safetensors || fail "--force removed a run before its data were read"
refused 1 "is not a folder" "$DMCVR" reconstruct phantom/sax.nii.gz -o phantom/truth.json/out --weights weights
if mountpoint -q /dev/shm && [ -w /dev/shm ]; then
  refused 1 "is mounted there" "$DMCVR" reconstruct phantom/sax.nii.gz -o /dev/shm --force --weights weights
fi
cp phantom/sax.nii.gz before.nii.gz
refused 1 "not made by dmcvr prepare" "$DMCVR" prepare phantom -o phantom/sax.nii.gz --force
refused 1 "is a folder" "$DMCVR" prepare phantom -o phantom --force
cmp before.nii.gz phantom/sax.nii.gz || fail "prepare --force replaced an input"
[ ! -e out ] || fail "a refused command left an output"
[ "$(find . -name '*tmp*' | wc -l)" -eq 0 ] || fail "temporary files are left"
