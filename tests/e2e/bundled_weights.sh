# The bundled weights find a heart that nobody points at, label it, and fill the gaps between its slices: on phantoms of seeds
# that no network learned from, and on real hearts where DMCVR_DATA names them.
# Expected: the phantom's truth (--truth), and geometry and voxels as nibabel reads them (check_output.py).
. "$(dirname "$0")/support.sh"

# dice METHOD: Dice of LVC, LVM and RVC, as is, in score.txt.
dice() {
  sed 's/±[^ ]*//g' score.txt | awk -v method="$1" '$1 == method && !seen++ { print $2, $3, $4 }'
}
for seed in 1 12; do
  "$DMCVR" phantom -q -o "phantom$seed" --seed "$seed" --phases 2 >/dev/null
  "$DMCVR" reconstruct "phantom$seed" -q -o "out$seed" --phases ed,es --slice-spacing 5 --truth "phantom$seed" >score.txt
  read -r lvc lvm rvc < <(dice dmcvr+registration)
  awk -v lvc="$lvc" -v lvm="$lvm" -v rvc="$rvc" 'BEGIN { exit !(lvc > 0.86 && lvm > 0.8 && rvc > 0.8) }' ||
    fail "phantom $seed: Dice $lvc $lvm $rvc"
  python3 - "phantom$seed/truth.json" "out$seed/measures.json" <<'END'
import json, sys
truth = 100 * json.load(open(sys.argv[1]))["lv_ejection_fraction"]
measured = json.load(open(sys.argv[2]))["dense"]["lv_ef_percent"]
assert abs(measured - truth) < 5, f"LV EF {measured:.1f} %, truth {truth:.1f} %"
END
done
[ "$(grep -c '"license": "CC BY-NC-SA 4.0"' out1/run.json)" -eq 2 ] || fail "run.json does not say the terms of both weights"
find_nibabel
"$PYTHON" "$SOURCE/tests/e2e/check_output.py" phantom1/sax.nii.gz out1

[ -n "${DMCVR_DATA:-}" ] || skip "DMCVR_DATA is not set, so that no real heart was looked at"
for patient in patient003 patient075; do
  "$DMCVR" reconstruct "$DMCVR_DATA/acdc/training/$patient" -q -o "$patient" --phases es --slice-spacing 3 >/dev/null
  frame=$(printf '%s/acdc/training/%s/%s_frame%02d.nii.gz' "$DMCVR_DATA" "$patient" "$patient" \
    "$(awk '$1 == "ES:" { print $2 }' "$DMCVR_DATA/acdc/training/$patient/Info.cfg")")
  "$PYTHON" "$SOURCE/tests/e2e/check_output.py" "$frame" "$patient"
done

# A patient that the weights were chosen on, against the experts.
"$DMCVR" evaluate "$DMCVR_DATA/acdc/training/patient014" -q -o scores --protocol regenerate --methods original >score.txt 2>stderr.txt || fail "$(cat stderr.txt)"
read -r lvc lvm rvc < <(dice original)
awk -v lvc="$lvc" -v lvm="$lvm" -v rvc="$rvc" 'BEGIN { exit !(lvc > 0.95 && lvm > 0.88 && rvc > 0.93) }' || fail "patient014: Dice $lvc $lvm $rvc"
