#!/usr/bin/env bash
# What is too slow for every day: the learning half alone with its tests, each installed header alone, all tests under sanitizers,
# clang-tidy on changed sources.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== the learning half alone, with its tests"
cmake --preset learning --log-level=WARNING >/dev/null
cmake --build build/learning --target dmcvr_program dmcvr_tests
build/learning/dmcvr train --help >/dev/null
OMP_WAIT_POLICY=passive ctest --test-dir build/learning --output-on-failure --parallel 2

echo "== every installed header compiles alone"
cmake --preset release --log-level=WARNING >/dev/null
cmake --build build/release --target dmcvr_program
bash tests/package/consumer.sh "$PWD/build/release" "$PWD" "$PWD/build/release/tests/package" headers

echo "== address and undefined-behavior sanitizers"
cmake --preset asan --log-level=WARNING >/dev/null
cmake --build build/asan --target dmcvr_program dmcvr_tests
OMP_WAIT_POLICY=passive ctest --test-dir build/asan --output-on-failure --parallel 2

echo "== clang-tidy"
tools/tidy.sh
