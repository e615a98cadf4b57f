# A full disk gives one clear line, exit code 1, and no half-written output.
# Expected: the error text of the system for a full disk; a file system of 64 KiB is made for it.
. "$(dirname "$0")/support.sh"
[ "$(id -u)" -eq 0 ] || skip "mounting a small file system needs root"
mkdir small
mount -t tmpfs -o size=64k dmcvr-e2e small 2>/dev/null || skip "mounting is not allowed here"
trap 'umount "$WORK/small"; rm -rf "$WORK"' EXIT

refused 1 "space" "$DMCVR" phantom -q -o small/phantom --phases 1 --slices 3
[ -z "$(ls -A small)" ] || fail "something is left on the full disk: $(ls -A small)"

"$DMCVR" phantom -q -o phantom --seed 4 --phases 1 --slices 3 --spacing 3 >/dev/null
"$DMCVR" prepare -q phantom -o train.slices >/dev/null
tiny_weights weights "$WORK/train.slices"
center=$(center_of phantom/sax.nii.gz)
refused 1 "space" "$DMCVR" reconstruct phantom/sax.nii.gz -q -o small/out --weights weights --center="$center" --steps 2
[ -z "$(ls -A small)" ] || fail "something is left on the full disk: $(ls -A small)"
