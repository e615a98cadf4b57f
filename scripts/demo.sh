#!/usr/bin/env bash
# A phantom study, reconstructed with the bundled weights and scored against its truth.
#   scripts/demo.sh DMCVR OUTPUT_FOLDER
set -euo pipefail
[ $# -eq 2 ] || {
  echo "usage: scripts/demo.sh DMCVR OUTPUT_FOLDER" >&2
  exit 2
}
dmcvr=$1
out=$2
mkdir -p "$out"

echo "1. A heart of formulas: what the scanner sees of it, and its dense truth"
"$dmcvr" phantom -o "$out/phantom" --seed 1 --phases 2 --force

echo "2. The sparse cine becomes a dense heart"
"$dmcvr" reconstruct "$out/phantom" -o "$out/heart" --phases ed,es --force --truth "$out/phantom" |
  tee "$out/score.txt"

true_ef=$(awk -F'[:,]' '/"lv_ejection_fraction"/ { printf "%.1f", 100 * $2 }' "$out/phantom/truth.json")
cat <<END

The true ejection fraction of the left ventricle is $true_ef %.
First come the heart's measures, by summation of discs on the acquired slices and on the dense heart; the truth is in
$out/phantom/truth.json. The last lines compare the generated planes with the truth: 3D Dice of the left cavity (LVC), its muscle (LVM) and
the right cavity (RVC), and PSNR around the heart, for the nearest acquired slice, linear mixing (pictures alone), and dmcvr+registration, the default; below, the
same after each plane was moved to where it fits best. dmcvr evaluate compares more methods on more cases.

Look at   $out/heart/preview.png
Open      $out/heart/volume.nii.gz with $out/heart/labels.nii.gz on top, in any NIfTI viewer
Compare   $out/phantom/sax.nii.gz (what went in) and $out/phantom/dense_image.nii.gz (the truth)
END
