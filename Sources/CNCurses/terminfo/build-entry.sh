#!/bin/sh
# Compiles diffusion-tui-direct.src to diffusion-tui-direct.b64 (needs Debian's ncurses-bin, 6.4).
set -eu
cd "$(dirname "$0")"
database=$(mktemp -d)
trap 'rm -r "$database"' EXIT
tic -x -o "$database" diffusion-tui-direct.src
TERMINFO=$database infocmp -x -0 -q -Q2 diffusion-tui-direct | tr -d '\n' >diffusion-tui-direct.b64
