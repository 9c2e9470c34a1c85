#!/bin/sh
# Writes what the built program says of itself; run by hand after a change of its options, and read the difference.
set -eu
cd "$(dirname "$0")"
program=${1:-../../../.build/release/diffusion-tui}
"$program" --help > help.txt
for command in explore lesson generate sweep randn inspect snapshot bench verify models doctor; do "$program" "$command" --help > "help-$command.txt"; done
for command in run merge; do "$program" sweep "$command" --help > "help-sweep-$command.txt"; done
for command in pull rm; do "$program" models "$command" --help > "help-models-$command.txt"; done
