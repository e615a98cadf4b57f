#!/usr/bin/env bash
# clang-tidy on the sources that differ from a commit (default: origin/main if there is one, else HEAD~1), or on all with --all.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset tidy --log-level=WARNING >/dev/null
if [ "${1:-}" = "--all" ]; then
  files=$(git ls-files 'src/*.cpp')
else
  base=${1:-$(git rev-parse --verify --quiet origin/main || git rev-parse HEAD~1)}
  files=$(git diff --name-only --diff-filter=d "$base" -- 'src/*.cpp')
fi
[ -n "$files" ] || { echo "clang-tidy: no source changed"; exit 0; }
echo "$files" | xargs --max-args=1 --max-procs="$(nproc)" clang-tidy-14 --quiet -p build/tidy
