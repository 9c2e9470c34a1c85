#!/bin/sh
# Kills a sweep with SIGKILL at random moments, starts it again, and compares the merged table with that of a sweep that
# nobody killed, byte for byte.
#
# Usage: [SWEEP_LAST_SEED=39] Tests/Sweeps/kill.sh [PROGRAM [ROUNDS]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../.build/release/diffusion-tui}")
rounds=${2:-100}
work=$(mktemp -d -t sweep-kill-XXXXXX)
trap 'rm -rf "$work"' EXIT

cat > "$work/plan.toml" <<PLAN
steps = 2
[[axis]]
seed = "0-${SWEEP_LAST_SEED:-39}"
[[axis]]
scheduler = ["ddim", "euler", "heun"]
[output]
statistics = true
PLAN
start=$(date +%s%N)
"$program" sweep "$work/plan.toml" --output "$work/whole" --progress none
length=$(( ($(date +%s%N) - start) / 1000000 ))
"$program" sweep merge "$work/whole" > "$work/merge.txt"

round=0 killed=0 early=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  folder="$work/killed"
  rm -rf "$folder"
  shards=$((round % 3 + 1))
  for shard in $(seq "$shards"); do
    "$program" sweep "$work/plan.toml" --output "$folder" --shard "$shard/$shards" --progress none > "$work/log" 2>&1 &
    id=$!
    # Anywhere from the first millisecond to the end of an undisturbed sweep.
    moment=$(( $(od -An -N4 -tu4 /dev/urandom) % (length / shards + 1) ))
    sleep "$((moment / 1000)).$(printf %03d $((moment % 1000)))"
    if kill -9 "$id" 2>/dev/null; then killed=$((killed + 1)); else early=$((early + 1)); fi
    wait "$id" 2>/dev/null || true
  done
  "$program" sweep "$work/plan.toml" --output "$folder" --progress none > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  "$program" sweep merge "$folder" > "$work/merge.txt"
  for file in table.csv table.json sheet.png; do cmp "$work/whole/$file" "$folder/$file"; done
  [ $((round % 10)) -ne 0 ] || echo "$round rounds: equal"
done
echo "$rounds rounds, $killed processes killed, $early had ended: every merged table equals, byte for byte"
