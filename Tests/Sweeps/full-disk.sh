#!/bin/sh
# A sweep on a disk that fills up: it must stop with one line and status 74, leave every file whole or not there at all,
# and after room is made go on to the same bytes as on a disk with room.
#
# Needs root: it mounts a tmpfs, and a file with ext4 where the machine has loop devices, in a mount namespace of its own.
#
# Usage: Tests/Sweeps/full-disk.sh [PROGRAM]
set -eu
if [ -z "${SWEEP_OWN_MOUNTS:-}" ]; then
  SWEEP_OWN_MOUNTS=1 exec unshare --mount "$0" "$@"
fi
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../.build/release/diffusion-tui}")
work=$(mktemp -d -t sweep-disk-XXXXXX)
disk="$work/disk"
trap 'umount "$disk" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$disk"

cat > "$work/plan.toml" <<'PLAN'
steps = 2
[[axis]]
seed = "0-39"
[[axis]]
scheduler = ["ddim", "euler"]
[output]
images = true
statistics = true
PLAN
"$program" sweep "$work/plan.toml" --output "$work/whole" --progress none > "$work/log"
"$program" sweep merge "$work/whole" --progress none > "$work/log"

# Fills the disk but for some KB, and sweeps until it is full.
try() {
  name=$1 left=$2
  free=$(df --output=avail -k "$disk" | tail -n 1)
  dd if=/dev/zero of="$disk/filler" bs=1024 count=$((free - left)) status=none
  status=0
  "$program" sweep "$work/plan.toml" --output "$disk/sweep" --progress none > "$work/log" 2> "$work/errors" || status=$?
  [ "$status" -eq 74 ] || { echo "$name: status $status: expected 74"; cat "$work/errors"; exit 1; }
  [ "$(wc -l < "$work/errors")" -eq 1 ] || { echo "$name: expected one line of error"; cat "$work/errors"; exit 1; }
  grep -q 'No space left on device' "$work/errors" || { echo "$name: another error"; cat "$work/errors"; exit 1; }
  made=$(find "$disk/sweep/cells" -name '*.json' | wc -l)
  parts=$(find "$disk/sweep" -name '*.partial' | wc -l)
  [ "$made" -gt 0 ] && [ "$made" -lt 80 ] || { echo "$name: $made cells: give it another size"; exit 1; }
  echo "$name: full after $made of 80 cells, $parts parts of files: $(sed "s,$work,...,g" "$work/errors")"
  rm "$disk/filler"
  "$program" sweep "$work/plan.toml" --output "$disk/sweep" --progress none > "$work/log"
  "$program" sweep merge "$disk/sweep" --progress none >> "$work/log"
  echo "$name: with room again: $(head -n 2 "$work/log" | tail -n 1)"
  diff -r "$work/whole" "$disk/sweep"
  echo "$name: all $(find "$disk/sweep" -type f | wc -l) files equal those of a disk with room, byte for byte"
  umount "$disk"
}

mount -t tmpfs -o size=16m tmpfs "$disk"
try tmpfs 300
truncate -s 24M "$work/image"
if mkfs.ext4 -q -m 0 "$work/image" 2> "$work/log" && mount -o loop "$work/image" "$disk" 2> "$work/log"; then
  try ext4 300
else
  echo "ext4: left out: $(tail -n 1 "$work/log")"
fi
