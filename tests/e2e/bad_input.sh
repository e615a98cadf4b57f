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
bad missing.nii.gz "missing.nii.gz"
bad truncated.nii.gz "incomplete"
bad promises.nii.gz "promises"
bad promises.nii "promises"
bad spacing_nan.nii.gz "spacing"
bad spacing_zero.nii.gz "spacing"
bad voxels_nan.nii.gz "not finite"
bad single_slice.nii.gz "slice"
bad flat.nii.gz "slice"
bad zeros.nii.gz "zero"
bad text.nii.gz "NIfTI"
bad empty.nii.gz "empty"
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
refused 1 "segmenter" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights swapped
mkdir damaged && cp weights/generator.safetensors damaged/ && head -c 5000 weights/segmenter.safetensors >damaged/segmenter.safetensors
refused 1 "segmenter.safetensors" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights damaged
refused 1 "nowhere" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights nowhere
refused 1 "device" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights weights --device quantum
refused 1 "es" "$DMCVR" reconstruct phantom/sax.nii.gz -o out --weights weights --phases es
refused 1 "is not a folder" "$DMCVR" reconstruct phantom/sax.nii.gz -o phantom/truth.json/out --weights weights
[ ! -e out ] || fail "a refused command left an output"
[ "$(find . -name '*tmp*' | wc -l)" -eq 0 ] || fail "temporary files are left"
