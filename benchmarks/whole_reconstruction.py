#!/usr/bin/env python3
"""Times `dmcvr reconstruct` as a user runs it: seconds, network evaluations, peak memory, and where the time goes.

    benchmarks/whole_reconstruction.py build/release/dmcvr acdc/training/patient006 --phases ed
    benchmarks/whole_reconstruction.py build/release/dmcvr demo/phantom/sax.nii.gz --phases phase00 --reference

The rows of one call are one run. --reference adds the same network by the published procedure: DDIM with 100 evaluations each way, every slice drawn, float32.
"""
import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

WAYS = {
    "default: dmcvr+registration, 10 nodes": [],
    "dmcvr, 10 nodes": ["--method", "dmcvr"],
    "dmcvr, 20 nodes": ["--method", "dmcvr", "--steps", "20"],
    "dmcvr, 10 nodes, float32": ["--method", "dmcvr", "--precision", "float32"],
}
REFERENCE = {"as published: DDIM, 100 + 100, every slice": ["--solver", "reference", "--steps", "100", "--regenerate",
                                                           "--precision", "float32"]}


def run(program: str, arguments: list[str]) -> tuple[float, float]:
    """Seconds, and peak memory in MiB."""
    start = time.monotonic()
    child = os.posix_spawn(program, [program, *arguments], dict(os.environ, OMP_WAIT_POLICY="passive"),
                           file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"{program} {' '.join(arguments)}: exit status {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("input")
    parser.add_argument("--phases", default="ed")
    parser.add_argument("--reference", action="store_true", help="also the published procedure (minutes)")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    ways = dict(WAYS, **(REFERENCE if options.reference else {}))
    stages: dict[str, dict[str, float]] = {}
    first = None
    print("| way | seconds | times the first | network evaluations | peak memory/MiB |\n|---|---|---|---|---|")
    for name, extra in ways.items():
        with tempfile.TemporaryDirectory() as folder:
            output = pathlib.Path(folder) / "heart"
            seconds, memory = run(program, ["reconstruct", options.input, "-o", str(output), "--phases", options.phases,
                                            "--quiet", *extra])
            record = json.loads((output / "run.json").read_text())
        first = first or seconds
        evaluations = sum(stage["evaluations"] for stage in record["stages"])
        stages[name] = {stage["name"]: stage["seconds"] for stage in record["stages"]}
        print(f"| {name} | {seconds:.1f} | {seconds / first:.2f} | {evaluations} | {memory:.0f} |", flush=True)
    names = list(next(iter(stages.values())))
    print("\n| seconds in | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for name, seconds in stages.items():
        print(f"| {name} | " + " | ".join(f"{seconds.get(stage, 0):.1f}" for stage in names) + " |")


main()
