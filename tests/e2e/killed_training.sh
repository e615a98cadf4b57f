# A run that is killed at random moments, or whose disk is full, ends as if nothing had happened.
# Expected: last.safetensors, best.safetensors and weights.safetensors of an unbroken run, byte for byte; of a segmenter in one
# thread, and of a generator in two, in bfloat16 where the processor has it.
. "$(dirname "$0")/support.sh"

"$DMCVR" phantom -q -o phantom --seed 3 --phases 1 --slices 5 --spacing 3 >/dev/null
"$DMCVR" prepare -q phantom -o train.slices >/dev/null

lines_of() {
  if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi
}

# same_as WHOLE FOLDER
same_as() {
  for name in last best weights; do
    cmp "$1/$name.safetensors" "$2/$name.safetensors" || fail "$2: $name.safetensors differs from that of the unbroken run"
  done
  [ "$(find "$2" -name '*.tmp-*' | wc -l)" -eq 0 ] || fail "$2: temporary files are left"
}

# run_on FOLDER: begins, or goes on where there is a run.
run_on() {
  local resume=()
  if [ -e "$1/options.json" ] || [ -e "$1/last.safetensors" ]; then resume=(--resume); fi
  exec "${train[@]}" -o "$1" "${resume[@]}" >/dev/null
}

# kill_often KILLS WHOLE FOLDER: some are killed while they start, most while they work.
kill_often() {
  local kills=0 resumes=0 lines ms
  ms=$(sed -n '$s/.*"seconds":\([0-9]*\)\.\([0-9]\{0,3\}\).*/\1\2/p' "$2/log.jsonl")
  ms=$((10#$ms))  # not octal
  while [ "$kills" -lt "$1" ]; do
    lines=$(lines_of "$3/log.jsonl")
    if [ -e "$3/last.safetensors" ]; then resumes=$((resumes + 1)); fi
    run_on "$3" 2>stderr.txt &
    if [ $((RANDOM % 6)) -gt 0 ]; then
      while kill -0 $! 2>/dev/null && [ "$(lines_of "$3/log.jsonl")" -le "$lines" ]; do sleep 0.02; done
    fi
    sleep "$(printf '0.%03d' $((RANDOM % (ms / 5 + 1) % 1000)))"
    if kill -KILL $! 2>/dev/null; then
      kills=$((kills + 1))
      wait $! 2>/dev/null || true
    else
      wait $! || fail "a resumed run failed: $(tail -n 1 stderr.txt)"
      same_as "$2" "$3"
      rm -rf "$3"
    fi
  done
  if [ -e "$3/last.safetensors" ]; then resumes=$((resumes + 1)); fi
  [ "$resumes" -gt 0 ] || fail "no run was resumed"
  (run_on "$3") || fail "the last resumed run failed"
  same_as "$2" "$3"
}

# A checkpoint after every step, so that most moments are within the writing of one.
often=(--data train.slices --validation train.slices --set training.checkpoint_seconds=0 --set training.validate_every=6
  --set training.log_every=1)
RANDOM=$$
train=("$DMCVR" train segmenter -q "${often[@]}" --threads 1 --config "$SOURCE/configs/segmenter-tiny.json" --steps 24)
"${train[@]}" -o whole >/dev/null
kill_often 12 whole killed

# A disk that fills up, here a limit on the size of files: one line, and the last good checkpoint is kept.
run_on full 2>stderr.txt &
while kill -0 $! 2>/dev/null && [ "$(lines_of full/log.jsonl)" -le 10 ]; do sleep 0.05; done
kill -INT $! && wait $! || fail "Ctrl-C did not end the run in peace: $(tail -n 1 stderr.txt)"
cp -r full before
step=$(sed -n '$s/.*"step":\([0-9]*\).*/\1/p' full/log.jsonl)
half=$(($(stat -c %s full/last.safetensors) / 2048))
refused 1 "the checkpoint of step $step is kept" bash -c 'ulimit -f "$0"; exec "$@"' "$half" "${train[@]}" -o full --resume
for name in last best weights; do
  cmp "before/$name.safetensors" "full/$name.safetensors" || fail "a full disk changed $name.safetensors"
done
[ "$(find full -name '*.tmp-*' | wc -l)" -eq 0 ] || fail "a full disk leaves temporary files"
(run_on full) || fail "the run does not go on once there is room"
same_as whole full

train=("$DMCVR" train generator -q "${often[@]}" --threads 2 --set precision=automatic --segmenter whole/weights.safetensors
  --config "$SOURCE/configs/generator-tiny.json" --steps 12)
"${train[@]}" -o whole_generator >/dev/null
kill_often 4 whole_generator killed_generator
