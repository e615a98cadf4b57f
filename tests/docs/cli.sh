# The pages about the verbs are those that the program writes.
#   cli.sh DMCVR SOURCE WORK
set -euo pipefail
rm -rf "$3"
bash "$2/tools/docs.sh" "$1" "$3"
diff -ru "$2/docs/reference/cli" "$3" || {
  echo "FAILED: docs/reference/cli is not what the program says; run: tools/docs.sh $1" >&2
  exit 1
}
