#!/usr/bin/env bash
# clang-format on the C++ files that differ from HEAD, or on all with --all.
set -euo pipefail
cd "$(dirname "$0")/.."
clang-format --version | grep -q 'version 14\.' || {
  echo "clang-format 14 is needed: other versions lay lines out differently" >&2
  exit 1
}
if [ "${1:-}" = "--all" ]; then
  files=$(git ls-files '*.h' '*.cpp')
else
  files=$( (git diff --name-only --diff-filter=d HEAD -- '*.h' '*.cpp'; git ls-files --others --exclude-standard '*.h' '*.cpp') | sort -u)
fi
[ -z "$files" ] || echo "$files" | xargs clang-format -i
