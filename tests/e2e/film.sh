# A film is reconstructed phase by phase: memory hardly grows with its phases, the forecast holds, and the files know the time.
# Expected: what the forecast counts for a phase (its slices twice, patches, labels), far below the volume of one; the phantom's times.
. "$(dirname "$0")/support.sh"

"$DMCVR" phantom -q -o phantom --seed 5 --phases 12 --slices 4 --pitch 10 --spacing 1.5 --set matrix=192 --set dense=false --set long_axis=false >/dev/null
"$DMCVR" phantom -q -o small --seed 5 --phases 2 --slices 4 --spacing 4 --set matrix=64 --set dense=false --set long_axis=false >/dev/null
"$DMCVR" prepare -q small -o train.slices >/dev/null
tiny_weights weights "$WORK/train.slices"
center=$(center_of phantom/sax.nii.gz)
python3 - "$DMCVR" "$center" <<'END'
import gzip, json, os, re, struct, sys
program, center = sys.argv[1:]

def reconstruct(phases, output):
    """Peak memory and its forecast, in MiB."""
    with open("stderr.txt", "wb") as log:
        arguments = [program, "reconstruct", "phantom/sax.nii.gz", "-o", output, "--weights", "weights", f"--center={center}", "--phases", phases,
                     "--method", "dmcvr", "--steps", "2", "--slice-spacing", "0.5", "--no-meshes", "--set", "batch_mib=32", "--threads", "2"]
        child = os.posix_spawn(program, arguments, dict(os.environ, OMP_WAIT_POLICY="passive", MALLOC_ARENA_MAX="1"),
                               file_actions=[(os.POSIX_SPAWN_DUP2, log.fileno(), 2), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
        _, status, usage = os.wait4(child, 0)
    text = open("stderr.txt").read()
    assert status == 0, text
    forecast = 1024 * float(re.search(r"needs up to ([0-9.]+) GiB", text)[1])
    return usage.ru_maxrss / 1024, forecast, text

short, short_forecast, _ = reconstruct("phase00,phase06", "two")
long, long_forecast, said = reconstruct("all", "twelve")
size = json.load(open("twelve/run.json"))["grid"]["size"]
voxels_mib = size[0] * size[1] * size[2] / 2**20
growth = (long - short) / 10
print(f"peak {short:.0f} MiB of 2 phases (forecast {short_forecast:.0f}), {long:.0f} of 12 ({long_forecast:.0f}): {growth:.2f} MiB a phase, whose volume is {4 * voxels_mib:.2f}")
if os.environ.get("DMCVR_MEMORY_IS_ITS_OWN") != "no":
    assert growth < 3 * voxels_mib, "a phase leaves more than its labels and slices"
    assert short <= short_forecast and long <= long_forecast, "more than was forecast"

# Times: 12 phases of one beat, in all files; coherence is measured of films alone, and said.
times = [phase["time_ms"] for phase in json.load(open("twelve/run.json"))["phases"]]
for name in ("volume", "labels", "provenance"):
    header = gzip.open(f"twelve/{name}.nii.gz").read(348)
    assert struct.unpack_from("<8h", header, 40)[:5] == (4, *size, 12), name
    step, = struct.unpack_from("<f", header, 92)
    assert abs(step - (times[1] - times[0])) < 1e-3 and step > 1 and header[123] == 2 + 16, (name, step, header[123])
coherence = json.load(open("twelve/run.json"))["temporal_coherence"]
assert coherence["pairs"] == 11 and coherence["generated"]["intensity"] > 0 < coherence["acquired"]["intensity"], coherence
assert "from phase to phase" in said and "temporal_coherence" not in json.load(open("two/run.json"))
END
[ "$(ls -A | grep -c tmp)" -eq 0 ] || fail "temporary files are left"
