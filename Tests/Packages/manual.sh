#!/bin/sh
# Makes the man pages of a built program, and checks them: one for each command, shown without a warning, and clean by
# the rules of mdoc where mandoc is installed.
#
# Usage: Tests/Packages/manual.sh PROGRAM
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?the program}")
work=$(mktemp -d -t manual-test-XXXXXX)
trap 'rm -rf "$work"' EXIT
"$here/../../Packaging/manual.sh" "$program" "$work"

# The commands of the help have their pages.
pages=0
for command in '' $("$program" --help | sed -n '/^SUBCOMMANDS/,/^$/s/^  \([a-z]*\).*/\1/p') models-pull sweep-merge; do
  page="$work/diffusion-tui${command:+-$command}.1"
  [ -s "$page" ] || { echo "$command has no man page"; exit 1; }
  pages=$((pages + 1))
done
for page in "$work"/*.1; do
  man --warnings -l "$page" > "$work/shown" 2> "$work/warnings"
  if command -v mandoc > /dev/null; then mandoc -T lint -W warning "$page" >> "$work/warnings" || true; fi
  [ ! -s "$work/warnings" ] || { echo "$(basename "$page"):"; cat "$work/warnings"; exit 1; }
  grep -q . "$work/shown"
done
# A command has the arguments of the one that it does unasked.
man -l "$work/diffusion-tui-sweep.1" > "$work/shown"
for word in plan shard output device; do
  grep -qw "$word" "$work/shown" || { echo "diffusion-tui-sweep(1) lacks $word"; exit 1; }
done
echo "man pages: $(ls "$work"/*.1 | wc -l), those of $pages commands among them, without a warning"
