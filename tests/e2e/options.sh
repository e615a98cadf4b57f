# Options come from defaults, then --config, then --set, then named flags, and nothing unknown passes.
# Expected values: written in the commands themselves.
. "$(dirname "$0")/support.sh"

# option PATH COMMAND…: the value at a dotted path of the options that --dry-run prints.
option() {
  local path=$1
  shift
  "$@" --dry-run 2>/dev/null | python3 -c "
import json, sys
value = json.load(sys.stdin)
for key in '$path'.split('.'): value = value[key]
print(value)"
}
run=("$DMCVR" reconstruct in.nii.gz -o out)
echo '{"solver": {"nodes": 33}, "seed": 5}' >config.json

[ "$(option solver.nodes "${run[@]}")" = 10 ] || fail "default"
[ "$(option solver.nodes "${run[@]}" --config config.json)" = 33 ] || fail "--config"
[ "$(option solver.nodes "${run[@]}" --config config.json --set solver.nodes=44)" = 44 ] || fail "--set"
[ "$(option solver.nodes "${run[@]}" --config config.json --set solver.nodes=44 --steps 55)" = 55 ] || fail "flag"
[ "$(option seed "${run[@]}" --config config.json --steps 55)" = 5 ] || fail "--config beside a flag"
[ "$(option interpolation.x_T "${run[@]}" --interpolation nearest,lerp,lerp)" = lerp ] || fail "--interpolation"
[ "$(option start "${run[@]}")" = registration ] || fail "the default method"
[ "$(option start "${run[@]}" --method dmcvr)" = noise ] || fail "--method dmcvr"
[ "$(option start "${run[@]}" --solver reference)" = noise ] || fail "--solver reference takes the published method"
[ "$(option start "${run[@]}" --regenerate)" = noise ] || fail "--regenerate takes the published method"
[ "$(option interpolation.x_T "${run[@]}" --set interpolation.x_T=nearest)" = nearest ] || fail "--set goes before the method"
[ "$(option precision "${run[@]}" --precision float32)" = float32 ] || fail "--precision"
[ "$(option locate.center_mm "${run[@]}" --center -12.5,3,4)" = "[-12.5, 3.0, 4.0]" ] || fail "--center"

# What --dry-run prints is a config with the same meaning.
"${run[@]}" --steps 17 --dry-run >printed.json
"${run[@]}" --config printed.json --dry-run | cmp -s - printed.json || fail "--dry-run does not come back"
[ ! -e out ] || fail "--dry-run left something"

refused 1 "unknown option 'solver.node'" "${run[@]}" --set solver.node=3
refused 1 "solver.nodes" "${run[@]}" --set solver.nodes=2.5
refused 1 "precision" "${run[@]}" --set precision=half
refused 1 "expected PATH=VALUE" "${run[@]}" --set solver
refused 1 "missing.json" "${run[@]}" --config missing.json
echo '{"solver": ' >broken.json
refused 1 "not valid JSON" "${run[@]}" --config broken.json
refused 1 "slice_spacing_mm" "${run[@]}" --slice-spacing -1

# A network is trained by its small recipe unless --config names another.
for kind in segmenter generator diffae; do
  train=("$DMCVR" train "$kind" --data a.slices -o run)
  "${train[@]}" --dry-run >default.json
  "${train[@]}" --config "$SOURCE/configs/$kind-small.json" --dry-run | cmp -s - default.json ||
    fail "train $kind does not follow configs/$kind-small.json"
done
[ "$(option data.crop_size "$DMCVR" train segmenter --data a.slices -o run)" = 96 ] || fail "the small recipe"
