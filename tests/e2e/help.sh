# Every verb explains itself on stdout, and mistyped verbs, options and words get one line, exit code 2.
# Expected words: the verbs of src/cli/commands.h and the rules of the project's command line.
. "$(dirname "$0")/support.sh"

"$DMCVR" --version | grep -qE '^dmcvr [0-9]+\.[0-9]+\.[0-9]+ \((commit [0-9a-f]+(-dirty)?, )?torch [0-9.]+, several processes by [a-z ]+\)$' || fail "--version"
for verb in phantom prepare reconstruct evaluate measure mesh "train segmenter" "train generator" "train diffae"; do
  # shellcheck disable=SC2086
  "$DMCVR" $verb --help >help.txt 2>stderr.txt || fail "$verb --help"
  [ ! -s stderr.txt ] || fail "$verb --help talks on stderr"
  grep -q 'Examples:' help.txt || fail "$verb --help has no examples"
  for flag in --threads --quiet --set --config --dry-run --force; do
    grep -q -- "$flag" help.txt || fail "$verb --help lacks $flag"
  done
done
order=$("$DMCVR" --help | grep -oE '^  (info|phantom|prepare|train|reconstruct|evaluate|measure|mesh) ' | tr -d ' ' | paste -sd' ')
[ "$order" = "info phantom prepare train reconstruct evaluate measure mesh" ] || fail "verbs are not in pipeline order: $order"

refused 2 "did you mean 'reconstruct'" "$DMCVR" recontruct in.nii.gz -o out
refused 2 "did you mean 'segmenter'" "$DMCVR" train segmentr --data a -o b
refused 2 "did you mean '--slice-spacing'" "$DMCVR" reconstruct in.nii.gz -o out --slice-spacng 2
refused 2 "did you mean 'dense'" "$DMCVR" evaluate in.nii.gz -o out --protocol dnse
refused 2 "'vtk' is none of vtp, stl, ply, obj, glb" "$DMCVR" mesh heart -o out --formats vtk
refused 2 "did you mean '--output'" "$DMCVR" reconstruct in.nii.gz --ouput out
refused 2 "unknown option '--zzzzzzzz'" "$DMCVR" phantom -o out --zzzzzzzz
refused 2 "--output is required" "$DMCVR" reconstruct in.nii.gz
refused 2 "--solver" "$DMCVR" reconstruct in.nii.gz -o out --solver euler
refused 2 "--steps" "$DMCVR" reconstruct in.nii.gz -o out --steps many
[ ! -e out ] || fail "a refused command left something"

# No verb at all: the help, on stderr.
found=0
"$DMCVR" >stdout.txt 2>stderr.txt || found=$?
[ "$found" -eq 2 ] && [ ! -s stdout.txt ] && grep -q reconstruct stderr.txt || fail "no verb"
