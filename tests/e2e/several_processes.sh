# Two processes that train one network: the losses of one process with the doubled batch, the same bytes after a stop,
# and one clear line in the others when one of them dies.
# Expected: runs of one process. A generator's loss is a mean over pictures, and its normalization looks at one picture
# at a time: two halves differ from the whole in rounding alone. A segmenter's Dice is that of a whole batch, and so are
# the means and variances of its normalization: there two halves are another, equally good, training.
. "$(dirname "$0")/support.sh"

"$DMCVR" phantom -q -o phantom --seed 3 --phases 1 --slices 5 --spacing 3 >/dev/null
"$DMCVR" prepare -q phantom -o train.slices >/dev/null
common=(-q --data train.slices --validation train.slices --threads 1 --set training.log_every=1 --set training.validate_every=5)
segmenter=("$DMCVR" train segmenter "${common[@]}" --config "$SOURCE/configs/segmenter-tiny.json")
generator=("$DMCVR" train generator "${common[@]}" --config "$SOURCE/configs/generator-tiny.json" --steps 10)

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# as_two COMMAND…: fails if one of the two does. Their words are in rank0.txt and rank1.txt.
as_two() {
  local port failed=0
  port=$(free_port)
  for rank in 0 1; do
    RANK=$rank WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "$@" >"out$rank.txt" 2>"rank$rank.txt" &
    pids[rank]=$!
  done
  for rank in 0 1; do wait "${pids[rank]}" || failed=1; done
  return $failed
}
pids=()

"${segmenter[@]}" --steps 10 -o one-s --set data.batch_size=8 >/dev/null
as_two "${segmenter[@]}" --steps 10 -o two-s --set data.batch_size=4 || {
  grep -q 'built without c10d' rank0.txt && skip "this build has no c10d"
  fail "two processes: $(cat rank0.txt rank1.txt)"
}
[ ! -s out1.txt ] && [ "$(cat out0.txt)" = two-s/weights.safetensors ] || fail "the first process alone speaks"
with=(--segmenter one-s/weights.safetensors)
"${generator[@]}" "${with[@]}" -o one-g --set data.batch_size=8 >/dev/null
as_two "${generator[@]}" "${with[@]}" -o two-g --set data.batch_size=4 || fail "two processes: $(cat rank0.txt rank1.txt)"
python3 - <<'END_OF_CHECK'
import json
def losses(folder):
    lines = [json.loads(line) for line in open(f"{folder}/log.jsonl")]
    return [line["loss"] for line in lines if "loss" in line], [line["score"] for line in lines if "score" in line]
for kind, limit in (("g", 1e-5), ("s", 0.15)):
    (one, score_one), (two, score_two) = losses(f"one-{kind}"), losses(f"two-{kind}")
    assert len(one) == len(two) == 10 and len(score_one) == len(score_two) == 2
    worst = max(abs(a - b) / a for a, b in zip(one, two))
    assert worst < limit, (kind, worst)  # measured: 2e-7 and 0.07
END_OF_CHECK

# Stopped in peace and gone on with, in both: the same bytes.
as_two "${generator[@]}" "${with[@]}" -o broken --set data.batch_size=4 --time-limit 0.001s || fail "--time-limit: $(cat rank0.txt rank1.txt)"
[ "$(grep -c '"step":2' broken/log.jsonl)" -eq 0 ] || fail "--time-limit did not stop after a step"
as_two "${generator[@]}" "${with[@]}" -o broken --set data.batch_size=4 --resume || fail "--resume: $(cat rank0.txt rank1.txt)"
for name in last best weights; do
  cmp "two-g/$name.safetensors" "broken/$name.safetensors" || fail "$name.safetensors differs from that of the unbroken run"
done
refused 1 "processes" "${generator[@]}" "${with[@]}" -o broken --set data.batch_size=4 --resume

# One dies: the other says so, soon.
port=$(free_port)
for rank in 0 1; do
  RANK=$rank WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "${segmenter[@]}" -o killed --steps 100000 >/dev/null 2>"rank$rank.txt" &
  pids[rank]=$!
done
while ! grep -q '"step":3' killed/log.jsonl 2>/dev/null; do
  kill -0 "${pids[0]}" || fail "a process ended by itself: $(cat rank0.txt rank1.txt)"
  sleep 0.1
done
kill -KILL "${pids[1]}"
wait "${pids[1]}" 2>/dev/null || true
found=0
wait "${pids[0]}" || found=$?
[ "$found" -eq 1 ] && grep -q '^dmcvr: error: rank 0 of 2: another process' rank0.txt || fail "the death of a process: exit $found, $(cat rank0.txt)"
RANK=0 WORLD_SIZE=2 refused 1 "MASTER_ADDR" "${segmenter[@]}" -o alone
