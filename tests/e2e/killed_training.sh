# A run that is killed at random moments, or whose disk is full, ends as if nothing had happened.
# Expected: last.safetensors, best.safetensors and weights.safetensors of an unbroken run, byte for byte.
. "$(dirname "$0")/support.sh"

"$DMCVR" phantom -q -o phantom --seed 3 --phases 1 --slices 5 --spacing 3 >/dev/null
"$DMCVR" prepare -q phantom -o train.slices >/dev/null

# A checkpoint after every step, so that most moments are within the writing of one.
train=("$DMCVR" train segmenter -q --data train.slices --validation train.slices --threads 1
  --config "$SOURCE/configs/segmenter-tiny.json" --steps 24 --set training.checkpoint_seconds=0
  --set training.validate_every=6 --set training.log_every=1)
"${train[@]}" -o whole >/dev/null
ms=$(sed -n '$s/.*"seconds":\([0-9]*\)\.\([0-9]\{0,3\}\).*/\1\2/p' whole/log.jsonl)

lines_of() {
  if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi
}

same_as_whole() {
  for name in last best weights; do
    cmp "whole/$name.safetensors" "$1/$name.safetensors" || fail "$1: $name.safetensors differs from that of the unbroken run"
  done
  [ "$(find "$1" -name '*.tmp-*' | wc -l)" -eq 0 ] || fail "$1: temporary files are left"
}

# run_on FOLDER: begins, or goes on where there is a run.
run_on() {
  local resume=()
  if [ -e "$1/options.json" ] || [ -e "$1/last.safetensors" ]; then resume=(--resume); fi
  exec "${train[@]}" -o "$1" "${resume[@]}" >/dev/null
}

# Some are killed while they start, most while they work.
kills=0
RANDOM=$$
while [ "$kills" -lt 12 ]; do
  lines=$(lines_of killed/log.jsonl)
  run_on killed 2>stderr.txt &
  if [ $((RANDOM % 6)) -gt 0 ]; then
    while kill -0 $! 2>/dev/null && [ "$(lines_of killed/log.jsonl)" -le "$lines" ]; do sleep 0.02; done
  fi
  sleep "$(printf '0.%03d' $((RANDOM % (ms / 5 + 1) % 1000)))"
  if kill -KILL $! 2>/dev/null; then
    kills=$((kills + 1))
    wait $! 2>/dev/null || true
  else
    wait $! || fail "a resumed run failed: $(tail -n 1 stderr.txt)"
    same_as_whole killed
    rm -rf killed
  fi
done
[ "$(grep -c resumed killed/log.jsonl)" -gt 0 ] || fail "no run was resumed"
(run_on killed) || fail "the last resumed run failed"
same_as_whole killed

# A disk that fills up, here a limit on the size of files: one line, and the last good checkpoint is kept.
run_on full 2>/dev/null &
while [ "$(lines_of full/log.jsonl)" -le 10 ]; do sleep 0.05; done
kill -INT $! && wait $! || fail "Ctrl-C did not end the run in peace"
cp -r full before
step=$(sed -n '$s/.*"step":\([0-9]*\).*/\1/p' full/log.jsonl)
half=$(($(stat -c %s full/last.safetensors) / 2048))
refused 1 "the checkpoint of step $step is kept" bash -c 'ulimit -f "$0"; exec "$@"' "$half" "${train[@]}" -o full --resume
for name in last best weights; do
  cmp "before/$name.safetensors" "full/$name.safetensors" || fail "a full disk changed $name.safetensors"
done
[ "$(find full -name '*.tmp-*' | wc -l)" -eq 0 ] || fail "a full disk leaves temporary files"
(run_on full) || fail "the run does not go on once there is room"
same_as_whole full
