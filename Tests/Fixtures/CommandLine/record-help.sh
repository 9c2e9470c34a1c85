#!/bin/sh
# Writes what the built program says of itself; run by hand after a change of its options, and read the difference.
set -eu
cd "$(dirname "$0")"
program=../../../.build/release/diffusion-tui
"$program" --help > help.txt
for command in explore lesson generate randn inspect snapshot bench verify doctor; do "$program" "$command" --help > "help-$command.txt"; done
