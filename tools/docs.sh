#!/usr/bin/env bash
# Writes the pages about the program's verbs from the program itself: docs/reference/cli/*.md.
#   tools/docs.sh build/release/dmcvr [FOLDER]
# Each page holds the help of a verb and, by their JSON paths, the defaults of all its options as --dry-run prints them.
set -euo pipefail
[ $# -ge 1 ] || {
  echo "usage: tools/docs.sh DMCVR [FOLDER]" >&2
  exit 2
}
dmcvr=$(realpath "$1")
out=$(realpath -m "${2:-$(dirname "$0")/../docs/reference/cli}")
cd "$(dirname "$0")/.."
"$dmcvr" --version >/dev/null  # no page goes unless the program works
mkdir -p "$out"
rm -f "$out"/*.md
note="<!-- Written by tools/docs.sh from the program. Change the help in src/cli, then run tools/docs.sh build/release/dmcvr -->"

# help_of VERB…: asked for once, since LibTorch takes a second to start.
asked=$(mktemp -d)
trap 'rm -rf "$asked"' EXIT
help_of() {
  local file="$asked/help $*"
  [ -e "$file" ] || "$dmcvr" "$@" --help | sed -e 's/[[:space:]]*$//' | cat -s >"$file"
  cat "$file"
}

# sub_verbs VERB…: what a help lists below "Subcommands:".
sub_verbs() {
  help_of "$@" | awk '/^Subcommands:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }'
}

# required_words VERB…: what a verb cannot do without, with "x" for every value.
required_words() {
  help_of "$@" | awk '
    /^Usage:/ { sub(/.*\[OPTIONS\]/, ""); for (n = 1; n <= NF; ++n) if ($n ~ /^[a-z]/) print "x" }
    /^ .*REQUIRED/ && match($0, /--[a-z-]+/) { print substr($0, RSTART, RLENGTH), "x" }'
}

# page VERB…: the help of one verb, and the defaults that --dry-run prints.
page() {
  local name=${*// /-}
  {
    printf '%s\n\n# dmcvr %s\n\n```text\n' "$note" "$*"
    help_of "$@"
    printf '```\n'
    if grep -q -- --dry-run < <(help_of "$@"); then
      local words
      read -rd '' -a words < <(required_words "$@") || true
      printf '\n## All options\n\nThe defaults, as `--dry-run` prints them. `--config FILE` and `--set PATH=VALUE` change them; [what each means](../options.md).\n\n```json\n'
      "$dmcvr" "$@" "${words[@]}" --dry-run
      printf '```\n'
    fi
  } >"$out/${name// /-}.md"
}

index=$out/README.md
printf '%s\n\n# The program\n\n```text\n' "$note" >"$index"
help_of >>"$index"
printf '```\n\n' >>"$index"
for verb in $(sub_verbs); do
  below=$(sub_verbs "$verb")
  if [ -z "$below" ]; then
    page "$verb"
    printf -- '- [dmcvr %s](%s.md)\n' "$verb" "$verb" >>"$index"
  fi
  for kind in $below; do
    page "$verb" "$kind"
    printf -- '- [dmcvr %s %s](%s-%s.md)\n' "$verb" "$kind" "$verb" "$kind" >>"$index"
  done
done
