# Shared by the end-to-end scripts: DMCVR (the program), SOURCE (the source tree), WORK (an empty folder).
set -euo pipefail
DMCVR=$1
SOURCE=$2
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# skip REASON: ctest counts 77 as skipped.
skip() {
  echo "skipped: $*"
  exit 77
}

# refused CODE WORDS COMMAND…: the command ends with that exit code, says nothing on stdout, and its last line
# on stderr is one error that contains the words.
refused() {
  local code=$1 words=$2 found=0
  shift 2
  "$@" >stdout.txt 2>stderr.txt || found=$?
  [ "$found" -eq "$code" ] || fail "exit $found instead of $code: $* ($(tail -n 1 stderr.txt))"
  [ ! -s stdout.txt ] || fail "stdout is not empty: $*"
  tail -n 1 stderr.txt | grep -q '^dmcvr: error: ' || fail "no error line: $* ($(tail -n 1 stderr.txt))"
  tail -n 1 stderr.txt | grep -qF -- "$words" || fail "'$words' is missing: $* ($(tail -n 1 stderr.txt))"
  [ "$(grep -c '^dmcvr: error: ' stderr.txt)" -eq 1 ] || fail "more than one error line: $*"
}

# unsaid PATTERN PATH…: no file under the paths contains the extended pattern, unpacked ones neither. The pattern must be
# one that numbers and packed bytes cannot spell by chance.
unsaid() {
  local pattern=$1 file
  shift
  ! grep -rlaE -- "$pattern" "$@" >&2 || fail "found: $pattern"
  while IFS= read -r file; do
    ! grep -qaE -- "$pattern" <(zcat "$file") || fail "found in $file: $pattern"
  done < <(find "$@" -name '*.gz')
}

# A Python with nibabel, the independent reader of NIfTI files, or a skip.
find_nibabel() {
  for PYTHON in /usr/bin/python3 python3; do
    "$PYTHON" -c 'import nibabel' 2>/dev/null && return 0
  done
  skip "python3-nibabel is not installed"
}

# center_of FILE: the middle of the grid of a .nii.gz in the world, for --center.
center_of() {
  python3 - "$1" <<'END'
import gzip, struct, sys
header = gzip.open(sys.argv[1]).read(348)
size = struct.unpack_from("<3h", header, 42)
rows = [struct.unpack_from("<4f", header, offset) for offset in (280, 296, 312)]
print(",".join(f"{sum(r[n] * (size[n] - 1) / 2 for n in range(3)) + r[3]:.3f}" for r in rows))
END
}

# tiny_weights DIR SLICES: networks of a few thousand parameters that have hardly learned.
tiny_weights() {
  "$DMCVR" train segmenter -q --data "$2" -o "$WORK/run-s" --config "$SOURCE/configs/segmenter-tiny.json" --steps 3 >/dev/null
  "$DMCVR" train generator -q --data "$2" -o "$WORK/run-g" --config "$SOURCE/configs/generator-tiny.json" --steps 3 \
    --segmenter "$WORK/run-s/weights.safetensors" >/dev/null
  mkdir -p "$1"
  cp "$WORK/run-s/weights.safetensors" "$1/segmenter.safetensors"
  cp "$WORK/run-g/weights.safetensors" "$1/generator.safetensors"
}
